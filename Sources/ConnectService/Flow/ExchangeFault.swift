internal import OAuth
internal import OAuthHTTP

/// Why a token request brought nothing, for the audit log and the metrics.
struct ExchangeFault: Error, Equatable {
    /// A word out of a closed set.
    let reason: String
    /// The provider's own words, cleaned; or a number.
    let detail: String?

    init(_ reason: String, detail: String? = nil) {
        self.reason = reason
        self.detail = detail
    }

    init(_ error: TokenEndpointError) {
        switch error {
        case .unacceptable: self.init("unacceptable_endpoint", detail: "\(error)")
        case .forbiddenAddress: self.init("forbidden_address")
        case .unresolved: self.init("unresolved")
        case .unreachable: self.init("unreachable")
        case .insecureConnection: self.init("insecure_connection")
        case .shutDown: self.init("shut_down")
        case .timedOut: self.init("timed_out")
        case .interrupted: self.init("interrupted")
        case .tooLarge: self.init("answer_too_large")
        case .unreadable: self.init("unreadable_answer")
        case .cancelled: self.init("cancelled")
        }
    }

    init(_ error: TokenError) {
        switch error {
        case .rejected(let code, let description):
            self.init(
                error.isInvalidGrant ? "invalid_grant" : "rejected",
                detail: description.map { "\(code): \($0)" } ?? code)
        case .unusable(let reason): self.init("unusable_answer", detail: reason)
        case .serverError(let status): self.init("server_error", detail: "status \(status)")
        }
    }
}
