/// What the owner of a claim commits: all of it in one transaction, or nothing.
package enum FlowEnding: Sendable, Hashable {
    case created(NewConnection, SealedCredentials)
    case renewed(ConnectionRenewal, SealedCredentials)
    case failed(FlowFailure)

    package var result: FlowResult {
        switch self {
        case .created(let connection, _): .success(connection.id)
        case .renewed(let renewal, _): .success(renewal.id)
        case .failed(let failure): .failure(failure)
        }
    }
}
