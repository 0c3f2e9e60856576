/// Whether the caller may ask the token endpoint for a refreshed token.
package enum RefreshStart: Sendable, Hashable {
    /// It may, once, within the lease; this is what to refresh.
    case granted(SealedConnection)
    /// The credentials that the caller saw were replaced; these are the new ones.
    case replaced(SealedConnection)
    /// Another request is refreshing it. Read again within this time.
    case busy(remaining: Duration)
    /// The last refresh failed a moment ago. Don't ask the provider before this time is over.
    case coolingDown(remaining: Duration)
    /// The workspace has no such connection.
    case notFound

    /// Between two refreshes of a connection after one that failed.
    package static let shortestCooldown = Duration.seconds(10)

    /// A cooldown is shorter, whatever the provider asks for.
    package static let longestCooldown = Duration.seconds(3600)

    /// Whether it would last longer than it ever may: then the database's clock was set back.
    func outlasts(_ lease: Duration) -> Bool {
        switch self {
        case .busy(let remaining): remaining > lease
        case .coolingDown(let remaining): remaining > Self.longestCooldown
        case .granted, .replaced, .notFound: false
        }
    }
}
