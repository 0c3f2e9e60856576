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

/// Why a callback is rejected. To a browser all faults of a state look the same; the log tells them apart.
package enum CallbackVerificationError: Sendable, Equatable {
    /// More octets than any provider sends.
    case tooLarge
    /// Parameters that are doubled, missing or not form-encoded; `reason` quotes none of them.
    case malformed(reason: String)
    case invalidState(StateFault)
    /// The workspace is gone, or does not list the redirect URI any more.
    case redirectURINotAllowed
    /// Not from the provider that the flow went to (RFC 9207 §2.4).
    case wrongIssuer(IssuerError)
    /// This replica is not ready, or libcrypto failed. The callback itself may be fine, and may come again.
    case notReady
    /// The document of the server that the flow is at could not be read. The callback itself may be fine, and may come again.
    case undiscovered(DiscoveryNeed)

    /// The name for logs and metrics.
    package var name: String {
        switch self {
        case .tooLarge: "too_large"
        case .malformed: "malformed"
        case .invalidState(let fault): "state_\(fault.name)"
        case .redirectURINotAllowed: "redirect_uri_not_allowed"
        case .wrongIssuer(.mismatch): "issuer_mismatch"
        case .wrongIssuer(.missing): "issuer_missing"
        case .wrongIssuer(.unsigned): "unsigned"
        case .notReady: "not_ready"
        case .undiscovered: "discovery_failed"
        }
    }
}

/// What is wrong with a state.
package enum StateFault: Sendable, Equatable {
    case missing
    case unopened(OpenError)
    case unreadable
    case notYetValid
    /// The path names another integration than the state.
    case otherIntegration
    /// The path is that of another client, tenant or workspace than the state's.
    case otherContext

    /// The name for logs and metrics.
    package var name: String {
        switch self {
        case .missing: "missing"
        case .unopened(let error): error.name
        case .unreadable: "unreadable"
        case .notYetValid: "not_yet_valid"
        case .otherIntegration: "other_integration"
        case .otherContext: "other_context"
        }
    }

    /// The key that the token names, if that is what is wrong.
    package var keyID: KeyID? {
        switch self {
        case .unopened(let error): error.keyID
        case .missing, .unreadable, .notYetValid, .otherIntegration, .otherContext: nil
        }
    }
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
