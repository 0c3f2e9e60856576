/// What a connection is good for.
package enum ConnectionStatus: String, Sendable, Hashable, CaseIterable {
    /// Its credentials work, as far as we know.
    case active
    /// Someone switched it off.
    case inactive
    /// Someone is trying it out.
    case testing
    /// The provider failed us in a way that a person should look at.
    case error
    /// The provider no longer honours the grant; only a renewal helps.
    case expired

    /// The status after a refresh that ended in `outcome`: what a person decided stands.
    package func afterRefresh(_ outcome: ConnectionStatus) -> ConnectionStatus {
        switch self {
        case .active, .error, .expired: outcome
        case .inactive, .testing: self
        }
    }
}
