internal import Connections
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
    }

    /// A flow that ended as its app is told: the provider's own errors are many, and are not ours to name.
    package init(_ kind: Kind, of destination: FlowDestination, endedBy error: String) {
        let isKnown = Self.knownErrors.contains(error)
        self.init(
            kind, of: destination, Self.failures.contains(error) ? .failed : .refused,
            reason: isKnown ? error : "provider_error")
        if !isKnown { detail = error }
    }

    /// How a flow's use case concluded.
    package init(_ kind: Kind, of destination: FlowDestination, _ conclusion: FlowConclusion) {
        switch conclusion {
        case .outcome(.success(let id)):
            self.init(kind, of: destination, .success)
            connectionID = id
        case .outcome(.failure(let error, _)): self.init(kind, of: destination, endedBy: error)
        case .working: self.init(kind, of: destination, .pending, reason: "working")
        case .over: self.init(kind, of: destination, .refused, reason: "flow_finished")
        case .storeUnavailable: self.init(kind, of: destination, .failed, reason: "store_unavailable")
        }
    }

    init(exchange flow: AuthorizedFlow, _ conclusion: FlowConclusion, _ fault: ExchangeFault?) {
        self.init(.exchange, of: flow.destination, conclusion)
        guard let fault, outcome != .success else { return }
        reason = fault.reason
        detail = fault.detail
    }

    /// Failures, not decisions of a person or a provider.
    private static let failures: Set<String> = ["exchange_failed", "exchange_timed_out"]

    /// Ours, and those of RFC 6749 §4.1.2.1 and OpenID Connect Core §3.1.2.6.
    private static let knownErrors: Set<String> = [
        "state_expired", "restart", "exchange_rejected", "exchange_failed", "exchange_timed_out",
        "account_mismatch", "account_unknown", "connection_not_found", "access_denied", "invalid_request",
        "invalid_scope",
        "unauthorized_client", "unsupported_response_type", "server_error", "temporarily_unavailable",
        "login_required", "consent_required", "interaction_required", "account_selection_required",
    ]
}
