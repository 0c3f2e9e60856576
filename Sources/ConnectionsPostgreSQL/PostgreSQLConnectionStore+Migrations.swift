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
#endif
