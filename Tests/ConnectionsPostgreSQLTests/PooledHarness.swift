#if PostgreSQL
import Connections
import ConnectionsPostgreSQL
import ConnectionsTesting
import TestSupport

/// Two handles on one database behind PgBouncer, which is emptied for each.
final class PooledHarness: StoreHarness {
    private struct Stage {
        let pooler: PgBouncer
        let database: String
    }

    private static let stage = Task {
        let server = try await PostgreSQLHarness.server.value
        let stage = Stage(
            pooler: try await PgBouncer(before: server, mode: "transaction", poolSize: 6),
            database: try await server.makeDatabase())
        _ = try await PostgreSQLConnectionStore.migrate(
            ServerAddress(stage.pooler.url(database: stage.database)))
        return stage
    }

    let store: PostgreSQLConnectionStore
    let replica: PostgreSQLConnectionStore
    let clock = ManualClock()
    let url: String
    private let database: String

    init() async throws {
        let stage = try await Self.stage.value
        database = stage.database
        url = stage.pooler.url(database: database)
        let time = ServerClock.injected { [clock] in clock.now }
        store = PostgreSQLConnectionStore(
            try ServerAddress(url), clock: time, subscriptions: Sample.subscriptions)
        replica = PostgreSQLConnectionStore(
            try ServerAddress(url), clock: time, subscriptions: Sample.subscriptions)
        try await query(
            """
            TRUNCATE claims, connections, connection_tags, credentials, connection_events, webhook_messages, revocations,
                revocation_grants, api_key_uses
            """)
    }

    /// By way of the pooler.
    @discardableResult
    func query(_ sql: String) async throws -> String {
        try await PostgreSQLHarness.server.value.query(sql, at: url)
    }

    /// What the server's processes have by themselves, at once in those that there are.
    func set(_ name: String, to value: String) async throws {
        try await query("ALTER DATABASE \(database) SET \(name) = '\(value)'")
        try await PostgreSQLHarness.server.value.query(
            "SELECT count(pg_terminate_backend(pid, 2000)) FROM pg_stat_activity WHERE datname = '\(database)'"
        )
    }
}
#endif
