/// How a flow ended, or how one of its codes did: with a connection, or without one.
package typealias FlowResult = Result<ConnectionID, FlowFailure>

/// Why a flow, or one of its codes, made no connection: the one list of reasons there is.
///
/// A row holds ``code`` and ``reason``; what people are told about each of them is decided where they are told.
package enum FlowFailure: Error, Sendable, Hashable {
    // MARK: Before a claim

    /// The provider's own error (RFC 6749 §4.1.2.1), fit to be passed on. It claims nothing, so no row holds it,
    /// and a code that reads like one of ours is still the provider's.
    case provider(code: String, description: String?)
    /// Authentic, but past its lifetime.
    case stateExpired
    /// The configuration changed meanwhile, or the claim's owner died: its code may have been sent, so it is
    /// never sent again.
    case restart

    /// The provider could not be reached, and certainly has not seen the code: it may be sent again, so no row
    /// holds it.
    case providerUnreachable

    // MARK: A definite rejection: nothing was issued

    /// The token endpoint rejected this very code. The flow is free for another one.
    case codeRejected
    /// The token endpoint did not accept our client: its id, secret or permission.
    case clientRejected
    /// The user has to do something at the provider first: sign in, consent.
    case userActionRequired
    /// The token endpoint rejected the request for a reason that neither code nor client is to blame for.
    case requestRejected

    // MARK: An unknown outcome: the code may be spent

    /// No whole response in time.
    case exchangeTimedOut
    /// The connection broke before a whole response came.
    case exchangeInterrupted
    /// 429, 5xx or an error that says the same.
    case providerUnavailable
    /// A response that is no token response, or beyond its bounds.
    case responseUnusable
    /// The ID token is missing something, not signed by the issuer's keys, or another flow's.
    case idTokenRejected
    /// As an earlier version wrote it, without saying more.
    case exchangeFailed

    // MARK: Ours

    /// The token endpoint's URL or address is none that requests are sent to.
    case endpointNotAllowed
    /// No client authentication could be made from what is configured.
    case clientUnusable
    /// What was granted could not be sealed.
    case notStored
    /// A renewal came back with another provider account.
    case accountMismatch
    /// A renewal's response names no account, where the integration can name one: it may be any.
    case accountUnknown
    /// The connection to renew is not there.
    case connectionNotFound
}

extension FlowFailure {
    /// What a redirect's `error`, a row and the audit log have in common. Stable: earlier versions read these.
    package var code: String {
        switch self {
        case .provider: "provider_error"
        case .stateExpired: "state_expired"
        case .restart: "restart"
        case .codeRejected, .clientRejected, .userActionRequired, .requestRejected: "exchange_rejected"
        case .exchangeTimedOut: "exchange_timed_out"
        case .exchangeInterrupted, .providerUnavailable, .responseUnusable, .idTokenRejected, .exchangeFailed,
            .endpointNotAllowed, .clientUnusable, .notStored, .providerUnreachable:
            "exchange_failed"
        case .accountMismatch, .accountUnknown: "account_mismatch"
        case .connectionNotFound: "connection_not_found"
        }
    }

    /// The case by name, which tells more than the code.
    package var reason: String {
        switch self {
        case .provider, .stateExpired, .restart, .exchangeTimedOut, .exchangeFailed, .accountMismatch,
            .connectionNotFound:
            code
        case .providerUnreachable: "provider_unreachable"
        case .codeRejected: "code_rejected"
        case .clientRejected: "client_rejected"
        case .userActionRequired: "user_action_required"
        case .requestRejected: "request_rejected"
        case .exchangeInterrupted: "exchange_interrupted"
        case .providerUnavailable: "provider_unavailable"
        case .responseUnusable: "response_unusable"
        case .idTokenRejected: "id_token_rejected"
        case .endpointNotAllowed: "endpoint_not_allowed"
        case .clientUnusable: "client_unusable"
        case .notStored: "not_stored"
        case .accountUnknown: "account_unknown"
        }
    }

    /// All that a row may hold.
    package static let stored: [FlowFailure] = [
        .restart, .codeRejected, .clientRejected, .userActionRequired, .requestRejected, .exchangeTimedOut,
        .exchangeInterrupted, .providerUnavailable, .responseUnusable, .idTokenRejected, .exchangeFailed,
        .endpointNotAllowed, .clientUnusable, .notStored, .accountMismatch, .accountUnknown,
        .connectionNotFound,
    ]

    /// A row as it was read. An earlier version wrote a sentence where the reason is now, and a later one may
    /// write a code of its own: then the flow is over, and the user starts again.
    package init(code: String, reason: String) {
        if let exact = Self.stored.first(where: { $0.code == code && $0.reason == reason }) {
            self = exact
            return
        }
        self =
            switch code {
            case "exchange_rejected": .requestRejected
            case "exchange_failed": .exchangeFailed
            default: Self.stored.first { $0.reason == code } ?? .restart
            }
    }
}
