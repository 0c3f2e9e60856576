package import Connections
import GRDB

/// The one clock that claims and leases go by: the database's own.
package struct DatabaseClock: Sendable {
    private enum Source: Sendable {
        case sqlite
        case injected(@Sendable () -> DatabaseTime)
    }

    private let source: Source

    /// SQLite's clock, in whole milliseconds.
    package static let sqlite = DatabaseClock(source: .sqlite)

    /// A clock that a test moves by hand.
    package static func injected(_ now: @escaping @Sendable () -> DatabaseTime) -> DatabaseClock {
        DatabaseClock(source: .injected(now))
    }

    /// What asks for the time. A Julian day is exact to some 40 µs, so it is rounded, not
    /// cut off.
    private var query: String {
        switch source {
        case .sqlite: "SELECT CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)"
        case .injected: "SELECT symbolon_now()"
        }
    }

    /// Makes the expression known to a new database handle.
    func prepare(_ database: Database) {
        guard case .injected(let now) = source else { return }
        database.add(
            function: DatabaseFunction("symbolon_now", argumentCount: 0) { _ in now().millisecondsSinceEpoch }
        )
    }

    /// Read once for each write, so that all of it bears one time.
    func now(in database: Database) throws -> DatabaseTime {
        guard case .integer(let milliseconds)? = try database.values(query).first?.first else {
            throw StoreError.unavailable(reason: "SQLite does not say what time it is")
        }
        return DatabaseTime(millisecondsSinceEpoch: milliseconds)
    }
}
