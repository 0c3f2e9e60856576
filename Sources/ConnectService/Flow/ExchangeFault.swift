internal import Connections
internal import OAuth
internal import OAuthHTTP

/// Why a token request brought nothing: how a flow ends by it, and what the audit log says about it.
struct ExchangeFault: Error, Equatable {
    let failure: FlowFailure
    /// A word out of a closed set.
    let reason: String
    /// The provider's own words, cleaned; or a number.
    let detail: String?

    init(_ reason: String, detail: String? = nil, failure: FlowFailure = .exchangeFailed) {
        self.failure = failure
        self.reason = reason
        self.detail = detail
    }

    /// A failure that the audit log has no closer word for.
    init(_ failure: FlowFailure) { self.init(failure.reason, failure: failure) }

    init(_ failure: ProviderFailure) {
        switch failure {
        case .notSent(let error), .noResponse(let error): self.init(error)
        case .unusable(let reason): self.init(unusable: reason)
        case .tooEarly: self.init("too_early", failure: .providerUnavailable)
        case .transient(let reason, _):
            self.init("server_error", detail: reason, failure: .providerUnavailable)
        case .rejected(let code, let description, let subject):
            self.init(
                failure.isInvalidGrant ? "invalid_grant" : "rejected",
                detail: description.map { "\(code): \($0)" } ?? code, failure: FlowFailure(subject))
        }
    }

    /// A response that cannot be read or kept.
    init(unusable reason: String) {
        self.init("unusable_answer", detail: reason, failure: .responseUnusable)
    }

    private init(_ error: ProviderRequestError) {
        switch error {
        case .unacceptable:
            self.init("unacceptable_endpoint", detail: "\(error)", failure: .endpointNotAllowed)
        case .forbiddenAddress: self.init("forbidden_address", failure: .endpointNotAllowed)
        case .unresolved: self.init("unresolved", failure: .providerUnreachable)
        case .unreachable: self.init("unreachable", failure: .providerUnreachable)
        case .insecureConnection: self.init("insecure_connection", failure: .providerUnreachable)
        case .proxyRejected(let status):
            self.init(
                "proxy_rejected", detail: status.map { "status \($0)" }, failure: .providerUnreachable)
        case .shutDown: self.init("shut_down", failure: .providerUnreachable)
        case .timedOut: self.init("timed_out", failure: .exchangeTimedOut)
        case .interrupted: self.init("interrupted", failure: .exchangeInterrupted)
        case .tooLarge: self.init("answer_too_large", failure: .responseUnusable)
        case .unreadable: self.init("unreadable_answer", failure: .responseUnusable)
        case .cancelled: self.init("cancelled", failure: .exchangeInterrupted)
        }
    }
}

extension FlowFailure {
    fileprivate init(_ subject: TokenError.Rejected) {
        self =
            switch subject {
            case .grant: .codeRejected
            case .client: .clientRejected
            case .user: .userActionRequired
            case .request: .requestRejected
            case .nothing: .providerUnavailable
            }
    }
}
