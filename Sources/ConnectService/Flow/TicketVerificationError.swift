package import StateTokens

/// Why a ticket completes nothing.
package enum TicketVerificationError: Error, Sendable, Equatable {
    /// To a caller all faults of a ticket look the same; the log tells them apart.
    case invalid(TicketFault)
    /// The configuration that the flow began with has changed.
    case obstructed(FlowStandingError)
    /// The secret is not the one behind the flow's binding: another session's flow.
    case bindingMismatch
    /// libcrypto failed.
    case unavailable

    /// The name for logs and metrics.
    package var name: String {
        switch self {
        case .invalid(let fault): "ticket_\(fault.name)"
        case .obstructed(let obstacle): obstacle.name
        case .bindingMismatch: "binding_mismatch"
        case .unavailable: "unavailable"
        }
    }
}

/// What is wrong with a ticket.
package enum TicketFault: Sendable, Equatable {
    case unverified(TicketError)
    /// The credential opens another workspace than the flow's.
    case otherWorkspace
    /// The credential names another user than the flow.
    case otherUser
    /// The flow has no binding, so no ticket of it was ever handed out.
    case unbound
    /// The flow has a binding, so the app's server completes it, and no page of ours.
    case bound

    /// The name for logs and metrics.
    package var name: String {
        switch self {
        case .unverified(let error): error.name
        case .otherWorkspace: "other_workspace"
        case .otherUser: "other_user"
        case .unbound: "unbound"
        case .bound: "bound"
        }
    }
}

extension TicketVerificationError {
    init(_ error: TicketError) {
        self = error == .unopened(.unavailable) ? .unavailable : .invalid(.unverified(error))
    }
}
