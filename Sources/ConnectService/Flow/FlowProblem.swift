internal import Connections

/// Why an exchange did not end in a connection.
enum FlowProblem: Error {
    /// A definite `invalid_grant`: nothing was issued, and the flow is free for another code.
    case rejectedGrant
    /// Another definite refusal.
    case exchangeRejected
    /// 5xx or garbage: the outcome is unknown, and never tried again.
    case exchangeFailed
    /// No whole answer in time: the outcome is just as unknown.
    case exchangeTimedOut
    /// The renewal came back with another provider account.
    case accountMismatch
    /// The renewal's response names no account, where the integration can name one: it may be any.
    case accountUnknown
    /// The connection to renew is not there.
    case connectionNotFound
    case restart

    /// How the flow ends by it.
    var ending: FlowEnding {
        switch self {
        case .rejectedGrant, .exchangeRejected:
            .failed(error: "exchange_rejected", description: "The provider refused the authorization code.")
        case .exchangeFailed:
            .failed(
                error: "exchange_failed",
                description: "The provider did not answer the token request. Please start again.")
        case .exchangeTimedOut:
            .failed(
                error: "exchange_timed_out",
                description: "The provider did not answer the token request in time. Please start again.")
        case .accountMismatch:
            .failed(
                error: "account_mismatch",
                description: "The connection belongs to another account at the provider. Nothing was changed."
            )
        case .accountUnknown:
            .failed(
                error: "account_unknown",
                description: "The provider did not say whose account it is. Nothing was changed.")
        case .connectionNotFound:
            .failed(error: "connection_not_found", description: "The connection to renew does not exist.")
        case .restart:
            .failed(error: FlowFailure.restart.error, description: FlowFailure.restart.description)
        }
    }
}
