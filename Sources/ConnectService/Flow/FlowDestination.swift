package import StateTokens

/// Where a flow ends, and what its app is told along with the outcome.
package struct FlowDestination: Sendable, Equatable {
    /// The app's; `nil` if the flow ends on our own page.
    package let redirectURI: String?
    package let integrationID: String
    package let flowID: FlowID
    package let workspaceID: String
    package let userID: String?
    package let appState: String?
    /// The trace that the flow began in.
    package let traceID: TraceID?

    init(_ verified: VerifiedState) {
        redirectURI = verified.state.redirectURI
        integrationID = verified.state.integrationID
        flowID = verified.flowID
        workspaceID = verified.state.workspaceID
        userID = verified.state.userID
        appState = verified.state.appState
        traceID = verified.state.traceID
    }
}
