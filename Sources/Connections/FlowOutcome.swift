/// How a flow ended, or how one of its codes did.
package enum FlowOutcome: Sendable, Hashable {
    case success(ConnectionID)
    /// `error` is a code for the redirect's query, `description` a sentence for people.
    case failure(error: String, description: String)
}

extension FlowOutcome {
    /// The owner of the claim died: its code may have been sent, so it is never sent again.
    package static let restart = FlowOutcome.failure(
        error: "restart", description: "The connection could not be completed. Please start again.")

    /// The token endpoint refused the code with a definite `invalid_grant` (RFC 6749 §5.2).
    package static let rejected = FlowOutcome.failure(
        error: "exchange_rejected", description: "The provider refused the authorization code.")
}
