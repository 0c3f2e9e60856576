#if PostgreSQL
import Connections
import ConnectionsTesting
import StateTokens
import TestSupport
import Testing

@testable import ConnectionsPostgreSQL

@Suite("PostgreSQL tables") struct MigrationTests {
    private let server: PostgreSQLServer
    private let url: String

    init() async throws {
        server = try await PostgreSQLHarness.server.value
        url = try await server.makeSchema()
    }

    private func store(_ url: String? = nil) throws -> PostgreSQLConnectionStore {
        PostgreSQLConnectionStore(try ServerAddress(url ?? self.url))
    }

    @Test func `what would be done is told without doing it`() async throws {
        let pending = try await PostgreSQLConnectionStore.pendingMigrations(ServerAddress(url))
        #expect(pending.map(\.version) == Schema.versions.map { Int($0.number) })
        #expect(try await tableCount() == "0")
        #expect(try await PostgreSQLConnectionStore.migrate(ServerAddress(url)) == pending)
        #expect(try await PostgreSQLConnectionStore.migrate(ServerAddress(url)).isEmpty)
        #expect(try await PostgreSQLConnectionStore.pendingMigrations(ServerAddress(url)).isEmpty)
    }

    @Test func `twenty replicas that start at once make the tables once`() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    let store = PostgreSQLConnectionStore(try ServerAddress(url), connectionCount: 2)
                    try await store.ping()
                    await store.close()
                }
            }
            try await group.waitForAll()
        }
        #expect(
            try await server.query("SELECT count(*) FROM symbolon_schema", at: url)
                == "\(Schema.versions.count)")
    }

    @Test func `a replica works on, and starts, while a newer version has added to the tables`()
        async throws
    {
        let running = try store()
        try await running.ping()
        try await server.query(
            """
            ALTER TABLE connections ADD COLUMN colour text NOT NULL DEFAULT 'red';
            ALTER TABLE claims ADD COLUMN colour text;
            INSERT INTO symbolon_schema (version, oldest_version) VALUES (1000, 1);
            """, at: url)
        for store in [running, try store()] {
            let connection = try Sample.connection(.random())
            let owner = try LeaseOwner.random()
            let flow = try #require(FlowID(octets: owner.octets))
            #expect(
                try await store.claim(
                    flow: flow, codeHash: Sample.code(), owner: owner, lease: .seconds(9),
                    keep: .seconds(9))
                    == .claimed)
            #expect(
                try await store.finish(
                    flow: flow, owner: owner, as: .created(connection, Sample.sealed())))
        }
    }

    /// Each version that programs have made, with rows of then in all its tables.
    @Test(arguments: Array(Schema.versions.map(\.number).dropLast()))
    func `rows of an older version are read, listed and refreshed, and what they do not know stays open`(
        _ version: Int64
    ) async throws {
        let rows = try EarlierRows(version: Int(version)) { "decode('\($0)', 'hex')" }
        let made = Schema.versions.filter { $0.number <= version }
        try await server.query(
            """
            CREATE TABLE symbolon_schema (version bigint PRIMARY KEY, oldest_version bigint NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now());
            INSERT INTO symbolon_schema (version, oldest_version) SELECT n, 1 FROM generate_series(1, \(version)) n;
            \(made.map(\.sql).joined(separator: ";\n"));
            \(rows.sql)
            """, at: url)
        let pending = try await PostgreSQLConnectionStore.pendingMigrations(ServerAddress(url))
        #expect(pending.map(\.version) == Array(Int(version) + 1...Schema.versions.count))
        let store = try store()
        try await rows.expectRead(by: store)
        await store.close()
    }

    @Test func `tables that a newer version has changed beyond us are left alone`() async throws {
        try await store().ping()
        try await server.query(
            "INSERT INTO symbolon_schema (version, oldest_version) VALUES (1001, 1000)", at: url)
        await #expect(throws: StoreError.newer) { try await store().ping() }
    }

    @Test func `a role that may not change tables can use them`() async throws {
        let role = "r\(Int.random(in: 0..<1_000_000_000))"
        let schema = try #require(url.split(separator: "%3d").last?.prefix { $0 != "%" })
        _ = try await PostgreSQLConnectionStore.migrate(ServerAddress(url))
        try await server.query(
            """
            CREATE ROLE \(role) LOGIN PASSWORD 'x'; GRANT USAGE ON SCHEMA \(schema) TO \(role);
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \(schema) TO \(role);
            """, at: url)
        try await store(server.url(schema: String(schema), user: role, password: "x")).ping()
    }

    /// A row as a program of version 10 writes it, which knows nothing of the table of tags and may have no rights on it.
    @Test func `what an older program writes is found by its tags`() async throws {
        let role = "r\(Int.random(in: 0..<1_000_000_000))"
        let schema = try #require(url.split(separator: "%3d").last?.prefix { $0 != "%" })
        let store = try store()
        try await store.ping()
        try await server.query(
            """
            CREATE ROLE \(role) LOGIN PASSWORD 'x'; GRANT USAGE ON SCHEMA \(schema) TO \(role);
            GRANT SELECT, INSERT, UPDATE, DELETE ON connections, credentials TO \(role);
            """, at: url)
        let old = server.url(schema: String(schema), user: role, password: "x")
        let id = try ConnectionID.random()
        func found(_ name: String, _ value: String) async throws -> [ConnectionID] {
            try await store.connections(
                matching: ConnectionQuery(workspaceID: "w", tag: .init(name: name, value: value))
            ).connections.map(\.id)
        }
        try await server.query(
            """
            INSERT INTO connections (id, workspace_id, integration_id, integration_type, auth_method_id, label, status,
                scopes_requested, scopes_granted, config, binding, flow_id, revision, credentials_revision,
                created_at_ms, updated_at_ms, tags)
            VALUES ('\(id)', 'w', 'gmail', 'connectors', 'oauth2', 'x', 'active', '[]', '[]', '{}', 'direct',
                decode(repeat('01', 16), 'hex'), 1, 1, 1, 1, '{"team": "a", "stage": "\\u00e9\\""}')
            """, at: old)
        #expect(try await found("team", "a") == [id])
        #expect(try await found("stage", "\u{e9}\"") == [id])
        let count = "SELECT count(*) FROM connection_tags"
        for (tags, rows) in [
            (#"'{"team": "b"}'"#, "1"), (#"'{"team": "b", "team": "c", "n": null}'"#, "1"), ("'7'", "0"),
            (#"'{"team": "b", "nul": "\u0000"}'"#, "0"), (#"'{"team": "\ud800"}'"#, "0"), ("NULL", "0"),
            (#"'{"team": "b", "stage": "c"}'"#, "2"),
        ] {
            try await server.query("UPDATE connections SET tags = \(tags)", at: old)
            #expect(try await server.query(count, at: url) == rows, "\(tags)")
            #expect(try await found("team", "a").isEmpty)
        }
        #expect(try await found("team", "b") == [id])
        try await server.query("DELETE FROM connections", at: old)
        #expect(try await server.query(count, at: url) == "0")
        await store.close()
    }

    private func tableCount() async throws -> String {
        try await server.query(
            "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()", at: url)
    }
}
#endif
