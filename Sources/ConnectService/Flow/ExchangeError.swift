internal import Connections
internal import OAuth
internal import OAuthHTTP

/// Why an exchange or a refresh brought no token that is kept.
enum ExchangeError: Error, Equatable {
    /// The provider gave none, or one that cannot be kept.
    case provider(ProviderError)
    /// The code is spent, and its token could not be exchanged for the one that is kept.
    indirect case second(ExchangeError)

    // MARK: The ID token

    /// The ID token does not hold; `detail` is a word of ours.
    case idTokenRejected(detail: String)
    case idTokenKeysUnavailable
    /// The ID token's `nonce` is another flow's (OpenID Connect Core §3.1.3.7).
    case idTokenNonce

    // MARK: The account

    case accountMismatch
    case accountUnknown
    /// The connection to renew is not there.
    case connectionNotFound

    // MARK: Ours

    /// No client authentication could be made from what is configured.
    case clientUnusable
    /// What was granted could not be sealed.
    case unsealed

    // MARK: Of a refresh alone

    /// There is no client, or no request can be made with it.
    case notConfigured
    case discoveryFailed
    /// A second grant has no refresh token, and its access token has expired.
    case accessTokenOver
}

extension ExchangeError {
    /// How a flow ends by it.
    var failure: FlowFailure {
        switch self {
        case .provider(let failure): FlowFailure(failure)
        case .second(let error):
            // The code is spent by then, so that neither it nor the flow can be given back.
            switch error.failure {
            case .codeRejected: .requestRejected
            case .providerUnreachable: .providerUnavailable
            case let failure: failure
            }
        case .idTokenRejected, .idTokenKeysUnavailable, .idTokenNonce: .idTokenRejected
        case .accountMismatch: .accountMismatch
        case .accountUnknown: .accountUnknown
        case .connectionNotFound: .connectionNotFound
        case .clientUnusable: .clientUnusable
        case .unsealed: .notStored
        case .notConfigured, .discoveryFailed, .accessTokenOver: .exchangeFailed
        }
    }

    /// What the audit log and the metrics call it: alert rules know these words.
    var reason: String {
        switch self {
        case .provider(.notSent(let error)), .provider(.noResponse(let error)): error.reason
        case .provider(.unusable): "unusable_answer"
        case .provider(.tooEarly): "too_early"
        case .provider(.transient): "server_error"
        case .provider(let failure): failure.isInvalidGrant ? "invalid_grant" : "rejected"
        case .second(let error): error.reason
        case .idTokenRejected: "id_token_refused"
        case .idTokenKeysUnavailable: "id_token_keys_unavailable"
        case .idTokenNonce: "id_token_nonce"
        case .accountMismatch, .accountUnknown, .connectionNotFound, .clientUnusable: failure.reason
        case .unsealed: "unsealed"
        case .notConfigured: "not_configured"
        case .discoveryFailed: "discovery_failed"
        case .accessTokenOver: "access_token_over"
        }
    }

    /// The provider's own words, cleaned; or a number.
    var detail: String? {
        switch self {
        case .provider(.notSent(let error)), .provider(.noResponse(let error)): error.detail
        case .provider(.unusable(let reason)), .provider(.transient(let reason, _)): reason
        case .provider(.rejected(let code, let description, _)): description.map { "\(code): \($0)" } ?? code
        case .second(let error): ["second exchange", error.detail].compactMap(\.self).joined(separator: ": ")
        case .idTokenRejected(let detail): detail
        case .provider(.tooEarly), .idTokenKeysUnavailable, .idTokenNonce, .accountMismatch, .accountUnknown,
            .connectionNotFound, .clientUnusable, .unsealed, .notConfigured, .discoveryFailed,
            .accessTokenOver:
            nil
        }
    }
}

extension FlowFailure {
    init(_ failure: ProviderError) {
        self =
            switch failure {
            case .notSent(let error), .noResponse(let error): FlowFailure(error)
            case .unusable: .responseUnusable
            case .tooEarly, .transient: .providerUnavailable
            case .rejected(_, _, .grant): .codeRejected
            case .rejected(_, _, .client): .clientRejected
            case .rejected(_, _, .user): .userActionRequired
            case .rejected(_, _, .request): .requestRejected
            case .rejected(_, _, .nothing): .providerUnavailable
            }
    }

    private init(_ error: ProviderRequestError) {
        self =
            switch error {
            case .unacceptable, .forbiddenAddress: .endpointNotAllowed
            case .unresolved, .unreachable, .insecureConnection, .proxyRejected, .shutDown:
                .providerUnreachable
            case .timedOut: .exchangeTimedOut
            case .interrupted, .cancelled: .exchangeInterrupted
            case .tooLarge, .unreadable: .responseUnusable
            }
    }
}

extension ProviderRequestError {
    /// Some words are not those of ``code``, which rows and spans hold.
    fileprivate var reason: String {
        switch self {
        case .unacceptable: "unacceptable_endpoint"
        case .tooLarge: "answer_too_large"
        case .unreadable: "unreadable_answer"
        case .shutDown: "shut_down"
        case .cancelled: "cancelled"
        case .forbiddenAddress, .unresolved, .unreachable, .insecureConnection, .proxyRejected, .timedOut,
            .interrupted:
            code
        }
    }

    fileprivate var detail: String? {
        switch self {
        case .unacceptable: "\(self)"
        case .proxyRejected(let status): status.map { "status \($0)" }
        default: nil
        }
    }
}
