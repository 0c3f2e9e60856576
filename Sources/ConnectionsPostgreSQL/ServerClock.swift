#if PostgreSQL
package import Connections

/// The one clock that claims and leases go by: the database server's.
package struct ServerClock: Sendable {
    enum Source: Sendable {
        case server
        case injected(@Sendable () -> DatabaseTime)
    }

    let source: Source

    /// The server's clock, in whole milliseconds.
    package static let server = ServerClock(source: .server)

    /// A clock that a test moves by hand.
    package static func injected(_ now: @escaping @Sendable () -> DatabaseTime) -> ServerClock {
        ServerClock(source: .injected(now))
    }
}
#endif
