/// How a flow ended, or how one of its codes did.
package enum FlowOutcome: Sendable, Hashable {
    case success(ConnectionID)
    case failure(FlowFailure)

    package static let restart = FlowOutcome.failure(.restart)
}

/// What the owner of a claim commits: all of it in one transaction, or nothing.
package enum FlowEnding: Sendable, Hashable {
    case created(NewConnection, SealedCredentials)
    case renewed(ConnectionRenewal, SealedCredentials)
    case failed(FlowFailure)

    package var outcome: FlowOutcome {
        switch self {
        case .created(let connection, _): .success(connection.id)
        case .renewed(let renewal, _): .success(renewal.id)
        case .failed(let failure): .failure(failure)
        }
    }
}
