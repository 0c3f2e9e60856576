package import Connections
internal import StateTokens

extension AuditEvent {
    /// A flow that a callback or a ticket opened.
    package init(
        _ kind: Kind, of destination: FlowDestination, _ outcome: Outcome, reason: String? = nil
    ) {
        self.init(kind, outcome, reason: reason)
        flowID = destination.flowID
        integrationID = destination.integrationID
        workspaceID = destination.workspaceID
        userID = destination.userID
        traceID = destination.traceID
    }

    /// A flow that ended without a connection: the provider's own errors are many, and are not ours to name.
    package init(_ kind: Kind, of destination: FlowDestination, endedBy failure: FlowFailure) {
        self.init(kind, of: destination, failure.isUnknownOutcome ? .failed : .refused, reason: failure.code)
        guard case .provider(let code, _) = failure else { return }
        if Self.standardErrors.contains(code) { reason = code } else { detail = code }
    }

    /// How a flow's use case ended.
    package init(_ kind: Kind, of destination: FlowDestination, _ result: CompletionResult) {
        switch result {
        case .finished(.success(let id)):
            self.init(kind, of: destination, .success)
            connectionID = id
        case .finished(.failure(let failure)): self.init(kind, of: destination, endedBy: failure)
        case .notSent: self.init(kind, of: destination, .pending, reason: "provider_unreachable")
        case .working: self.init(kind, of: destination, .pending, reason: "working")
        case .over: self.init(kind, of: destination, .refused, reason: "flow_finished")
        case .storeUnavailable: self.init(kind, of: destination, .failed, reason: "store_unavailable")
        }
    }

    init(exchange flow: AuthorizedFlow, _ result: CompletionResult, _ error: ExchangeError?) {
        self.init(.exchange, of: flow.destination, result)
        guard let error, outcome != .success else { return }
        reason = error.reason
        detail = error.detail
    }

    /// RFC 6749 §4.1.2.1 and OpenID Connect Core §3.1.2.6.
    private static let standardErrors: Set<String> = [
        "access_denied", "invalid_request", "invalid_scope", "unauthorized_client",
        "unsupported_response_type", "server_error", "temporarily_unavailable", "login_required",
        "consent_required", "interaction_required", "account_selection_required",
    ]
}

extension FlowFailure {
    /// Whether it should have been a connection: neither caller nor user nor provider decided against it.
    fileprivate var isUnknownOutcome: Bool {
        switch self {
        case .provider, .stateExpired, .restart, .codeRejected, .clientRejected, .userActionRequired,
            .requestRejected, .accountMismatch, .accountUnknown, .connectionNotFound:
            false
        case .exchangeTimedOut, .exchangeInterrupted, .providerUnavailable, .responseUnusable,
            .idTokenRejected, .exchangeFailed, .endpointNotAllowed, .clientUnusable, .notStored,
            .providerUnreachable:
            true
        }
    }
}
