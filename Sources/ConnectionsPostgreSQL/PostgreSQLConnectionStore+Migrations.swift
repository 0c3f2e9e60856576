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
        _ address: ServerAddress, _ body: @escaping @Sendable (DatabaseSession) throws -> [Schema.Version]
    ) async throws(StoreError) -> [StoreMigration] {
        try await withSession(address) { session in
            try body(session).map { StoreMigration(version: Int($0.number), sql: $0.sql) }
        }
    }

    private static func withSession<Value: Sendable>(
        _ address: ServerAddress, _ body: @escaping @Sendable (DatabaseSession) throws -> Value
    ) async throws(StoreError) -> Value {
        do {
            return try await NIOThreadPool.singleton.runIfActive {
                let session = try DatabaseSession(address)
                try SessionSettings.apply(to: session)
                return try body(session)
            }
        } catch {
            throw StoreError(translating: error)
        }
    }

    /// Looks at the database as it is: neither its tables nor its rows change.
    ///
    /// - Parameter sample: which rows to open; `nil` opens none.
    /// - Throws: ``StoreError/newer`` if a later release has changed the tables.
    package static func inspect(
        _ address: ServerAddress, opening sample: StoreInspection.Sample?
    ) async throws(StoreError) -> StoreInspection {
        try await withSession(address) { session in
            let pending = try Schema.pending(session)
            let version = try Schema.version(session)
            guard version > 0 else {
                return StoreInspection(
                    version: 0, pendingCount: pending.count, problems: ["it has no tables of a store"])
            }
            // Pages are checked by the server, which has checksums for that.
            var inspection = StoreInspection(
                version: Int(version), pendingCount: pending.count, problems: nil)
            let deadline = ContinuousClock.now + .seconds(600)
            try session.run(
                script: """
                    BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
                    SET LOCAL statement_timeout = 600000
                    """, by: deadline)
            let transaction = PostgreSQLTransaction(session, .server, isWriting: false, by: deadline)
            try inspection.read(transaction, opening: sample)
            try session.run(script: "COMMIT", by: deadline)
            return inspection
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
