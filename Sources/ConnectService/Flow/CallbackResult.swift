package import Connections
package import Integrations
package import OAuth
package import StateTokens

/// The result of verifying a callback. Nothing has been looked up in a store or sent anywhere yet.
package enum CallbackResult: Sendable {
    /// No redirect: our own page.
    case refused(CallbackVerificationError)
    /// The flow is authentic and ends here; its app is told why.
    case ended(FlowDestination, FlowFailure)
    /// The flow is authentic, and has a code.
    case authorized(AuthorizedFlow)
    /// The flow is authentic, has a code, and is for the app's server to complete with this ticket.
    case handedOver(FlowDestination, ticket: String)
    /// The flow is authentic, has a code, and waits for its user's answer on our page.
    case asked(ScreenQuestion)
}

/// What the user is asked on our page before anything is exchanged. All of it comes from the sealed state and the
/// configuration, and nothing from the callback's query, which anyone can write.
package struct ScreenQuestion: Sendable {
    package let destination: FlowDestination
    /// For the page's form, which posts it back with the answer.
    package let ticket: String
    /// Of the app that gets the access.
    package let appName: String
    /// The app's name for its user; `nil` if the app gave neither a name nor an id.
    package let userName: String?
    package let integrationLabel: String
    package let scopes: [String]
}

/// A flow that a callback brought a code for, or a ticket from one, fit to be claimed.
package struct AuthorizedFlow: Sendable {
    package let verified: VerifiedState
    /// The state's text, for the providers that want it again.
    package let stateText: String
    package let integration: ConfiguredIntegration
    /// With the callback's fields filled in.
    package let endpoints: Endpoints
    package let grant: AuthorizationGrant

    package var destination: FlowDestination { FlowDestination(verified) }
}
