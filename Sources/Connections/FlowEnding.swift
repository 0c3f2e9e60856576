/// What the owner of a claim brings home; the store commits it as a whole or not at all.
package enum FlowEnding: Sendable, Hashable {
    case created(NewConnection, SealedCredentials)
    case renewed(ConnectionRenewal, SealedCredentials)
    case failed(error: String, description: String)

    package var outcome: FlowOutcome {
        switch self {
        case .created(let connection, _): .success(connection.id)
        case .renewed(let renewal, _): .success(renewal.id)
        case .failed(let error, let description): .failure(error: error, description: description)
        }
    }
}
