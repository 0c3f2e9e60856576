package import StateTokens

/// Why a ticket completes nothing. To a caller all faults of a ticket look the same; the log tells them apart.
package enum TicketVerificationError: Error, Equatable {
    case ticket(TicketError)
    /// The credential opens another workspace than the flow's.
    case otherWorkspace
    /// The credential names another user than the flow.
    case otherUser
    /// The flow has no binding, so no ticket of it was ever handed out.
    case unbound
    /// The flow has a binding, so the app's server completes it, and no page of ours.
    case bound
    /// The flow may not go on.
    case standing(FlowStandingError)
    /// The secret is not the one behind the flow's binding: another session's flow.
    case bindingMismatch
    /// libcrypto failed.
    case unavailable

    /// The name for logs and metrics.
    package var name: String {
        switch self {
        case .ticket(let error): "ticket_\(error.name)"
        case .otherWorkspace: "ticket_other_workspace"
        case .otherUser: "ticket_other_user"
        case .unbound: "ticket_unbound"
        case .bound: "ticket_bound"
        case .standing(let error): error.name
        case .bindingMismatch: "binding_mismatch"
        case .unavailable: "unavailable"
        }
    }
}

extension TicketVerificationError {
    init(_ error: TicketError) {
        self = error == .unopened(.unavailable) ? .unavailable : .ticket(error)
    }
}
