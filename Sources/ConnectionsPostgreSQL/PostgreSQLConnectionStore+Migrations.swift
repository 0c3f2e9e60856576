#if PostgreSQL
package import Connections
import NIOPosix

extension PostgreSQLConnectionStore {
    /// What the first use of the store would do to its tables.
    package static func pendingMigrations(
        _ address: ServerAddress
    ) async throws(StoreError) -> [StoreMigration] {
        try await run(address) { try Schema.pending($0) }
    }

    /// Does it, and says what it was.
    package static func migrate(_ address: ServerAddress) async throws(StoreError) -> [StoreMigration] {
        try await run(address) { try Schema.migrate($0) }
    }

    private static func run(
        _ address: ServerAddress, _ body: @escaping @Sendable (Session) throws -> [Schema.Version]
    ) async throws(StoreError) -> [StoreMigration] {
        do {
            return try await NIOThreadPool.singleton.runIfActive {
                let session = try Session(address)
                try SessionSettings.apply(to: session)
                return try body(session).map { StoreMigration(version: Int($0.number), sql: $0.sql) }
            }
        } catch {
            throw StoreError(translating: error)
        }
    }
}

extension PostgreSQLConnectionStore {
    /// Every version of the tables, from the first.
    package static var migrations: [StoreMigration] {
        Schema.versions.map { StoreMigration(version: Int($0.number), sql: $0.sql) }
    }

    /// The oldest version of the tables whose program goes on working with the newest.
    package static var oldestVersion: Int { Int(Schema.versions.map(\.oldestVersion).max() ?? 0) }
}
#endif
