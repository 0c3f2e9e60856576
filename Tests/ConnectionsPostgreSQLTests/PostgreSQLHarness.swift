#if PostgreSQL
import Connections
import ConnectionsPostgreSQL
import ConnectionsTesting
import TestSupport

/// Two handles on one new schema of the server that all tests here share.
final class PostgreSQLHarness: StoreHarness {
    static let server = Task { try await PostgreSQLServer.start() }

    let store: PostgreSQLConnectionStore
    let replica: PostgreSQLConnectionStore
    let clock = ManualClock()
    let url: String

    init() async throws {
        url = try await Self.server.value.makeSchema()
        let time = ServerClock.injected { [clock] in clock.now }
        store = PostgreSQLConnectionStore(
            try ServerAddress(url), clock: time, subscriptions: Sample.subscriptions)
        replica = PostgreSQLConnectionStore(
            try ServerAddress(url), clock: time, subscriptions: Sample.subscriptions)
    }

    /// Does to the tables what no store would.
    @discardableResult
    func tamper(_ sql: String) async throws -> String { try await Self.server.value.query(sql, at: url) }
}
#endif
