import Connections
import ConnectionsSQLite
import Foundation
import Keyrings
import StateTokens
import TestSupport
import Testing

@Suite("symbolon store verify") struct StoreVerifyTests: SealedStoreSuite {
    let sealed: SealedStoreSamples

    init() throws { sealed = try SealedStoreSamples() }

    private func verify(
        _ more: String..., name: String = "store.sqlite", keyring: String = "connections.keyring"
    ) async throws -> CommandRun {
        let run = try await CommandRun(
            ["store", "verify", "--store", "sqlite:\(name)", "--keyring", keyring] + more, in: folder)
        #expect(!run.everything.contains("access-") && !run.everything.contains("refresh-"), "S23")
        return run
    }

    private func faults(_ run: CommandRun) throws -> [String: String] {
        let faults = try run.json["faults"] as? [[String: Any]] ?? []
        return Dictionary(
            uniqueKeysWithValues: faults.compactMap { fault in
                (fault["connection_id"] as? String).map { ($0, fault["reason"] as? String ?? "") }
            })
    }

    @Test(arguments: [(0, 30), (5, 5), (100, 30)]) func `as many rows are opened as are asked for`(
        _ sample: Int, _ opened: Int
    ) async throws {
        try await store.insert(30, under: key)
        let run = try await verify("--sample", "\(sample)", "--json")
        #expect(run.status == 0, "\(run.everything)")
        let json = try run.json
        #expect(
            Set(json.keys) == [
                "store", "table_version", "pending_migrations", "problems", "connections", "opened", "faults",
                "keys_in_use", "keys_missing",
            ])
        #expect(json["opened"] as? Int == opened && json["connections"] as? Int == 30)
        #expect(json["keys_in_use"] as? [String] == ["00000001"])
        #expect((json["problems"] as? [Any])?.isEmpty == true)
    }

    @Test func `all rows are opened batch by batch`() async throws {
        try await store.insert(2, under: key)
        // The same credentials a thousand times, so that all but two do not open.
        try await folder.tamper(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1001)
            INSERT INTO credentials SELECT printf('conn_%022d', i), sealed, key_id, NULL, NULL
            FROM n, (SELECT * FROM credentials LIMIT 1);
            INSERT INTO connections SELECT connection_id, workspace_id, user_id, integration_id, integration_type,
                auth_method_id, label, status, status_reason, scopes_requested, scopes_granted, config, account_id,
                account_label, binding, flow_id, revision, credentials_revision, created_at_ms, updated_at_ms,
                last_refreshed_at_ms, expires_at_s, client, token_lifetime_s, is_expiry_final, tags, sweep_at_ms,
                token_read_at_ms, reauthorize_by_s, reauthorize_announced_s, uncompared_flow_id
            FROM credentials, (SELECT * FROM connections LIMIT 1) WHERE connection_id LIKE 'conn_0000%';
            """)
        let run = try await verify("--sample", "0", "--json")
        #expect(run.status == 1)
        #expect(try run.json["opened"] as? Int == 2)
        #expect(try (run.json["faults"] as? [Any])?.count == 1001)
    }

    @Test func `S05 credentials that were moved to another row do not open`() async throws {
        let ids = try await store.insert(3, under: key)
        try await folder.tamper(
            """
            UPDATE credentials SET sealed = (SELECT sealed FROM credentials WHERE connection_id = '\(ids[0])')
            WHERE connection_id = '\(ids[1])';
            """)
        let run = try await verify("--json")
        #expect(run.status == 1 && run.errors.contains("1 of 3 rows do not open"), "\(run.everything)")
        #expect(try faults(run) == [ids[1].description: "the tag does not match"])
        #expect(try await verify().output.contains("\(ids[1]), key 00000001: the tag does not match"))
    }

    @Test func `S05 a row that was moved to another workspace does not open`() async throws {
        let id = try await store.insert(2, under: key)[0]
        try await folder.tamper("UPDATE connections SET workspace_id = 'wsp_2' WHERE id = '\(id)';")
        #expect(try await faults(verify("--json")) == [id.description: "the tag does not match"])
    }

    @Test func `a keyring with another key of that id, or without it, opens nothing`() async throws {
        try await store.insert(2, under: key)
        let others = try [RingSamples.key(1), RingSamples.key(2)]
        for (index, other) in others.enumerated() {
            try KeyringFile.create(
                Keyring(purpose: .connections, deploymentID: "d_test", keys: [other]),
                at: folder.path(of: "\(index).keyring"))
        }
        let forged = try await verify("--json", keyring: "0.keyring")
        #expect(forged.status == 1 && forged.output.contains("the tag does not match"))
        let lacking = try await verify("--json", "--sample", "1", keyring: "1.keyring")
        #expect(lacking.status == 1 && lacking.errors.contains("keyring lacks"), "\(lacking.everything)")
        #expect(try lacking.json["keys_missing"] as? [String] == ["00000001"])
        try samples.write(RingSamples.key(1))
        #expect(try await verify(keyring: "state.keyring").status == 3)
    }

    @Test func `a key that only rows outside the sample need is missed`() async throws {
        try await store.insert(30, under: key)
        try await store.insert(1, under: RingSamples.key(9))
        let run = try await verify("--sample", "1", "--json")
        #expect(run.status == 1)
        #expect(try run.json["keys_missing"] as? [String] == ["00000009"])
    }

    @Test func `a row without credentials, and one with a column that makes no sense, are named`()
        async throws
    {
        let ids = try await store.insert(3, under: key)
        try await folder.tamper(
            """
            DELETE FROM credentials WHERE connection_id = '\(ids[0])';
            UPDATE connections SET scopes_granted = '5' WHERE id = '\(ids[1])';
            """)
        let run = try await verify("--json")
        #expect(run.status == 1)
        #expect(
            try faults(run) == [
                ids[0].description: "column sealed is empty",
                ids[1].description: "column scopes_granted does not hold what it should",
            ])
    }

    @Test func `rows without a connection are counted by what they hold`() async throws {
        let ids = try await store.insert(3, under: key)
        try await folder.tamper(
            """
            PRAGMA foreign_keys = OFF;
            UPDATE connections SET tags = '{"team": "a", "stage": "b"}' WHERE id <> '\(ids[2])';
            DELETE FROM connections WHERE id <> '\(ids[2])';
            DELETE FROM credentials WHERE connection_id = '\(ids[1])';
            """)
        let run = try await verify("--json")
        #expect(run.status == 1 && run.errors.contains("damaged"), "\(run.everything)")
        #expect(
            try run.json["problems"] as? [String] == [
                "1 rows of credentials belong to no connection", "4 rows of tags belong to no connection",
            ])
    }

    @Test(arguments: ["half", "page", "empty", "text"]) func `a file that is torn or no store does not hold`(
        _ kind: String
    ) async throws {
        try await store.insert(40, under: key)
        #expect(
            try await folder.symbolon(
                "store", "backup", "--store", "sqlite:store.sqlite", "--out", "copy.sqlite"
            ).status == 0)
        let whole = try Data(contentsOf: URL(filePath: folder.path(of: "copy.sqlite")))
        var octets = whole
        switch kind {
        case "half": octets = whole.prefix(whole.count / 2)
        case "page":
            let middle = whole.count / 2 / 4096 * 4096
            octets.replaceSubrange(middle..<middle + 8192, with: Data(repeating: 0x5a, count: 8192))
        case "empty": octets = Data()
        default: octets = Data(String(repeating: "text ", count: 2000).utf8)
        }
        try octets.write(to: URL(filePath: folder.path(of: "torn.sqlite")))
        let run = try await verify("--json", "--sample", "0", name: "torn.sqlite")
        #expect(run.status == 1 && run.errors.contains("damaged"), "\(run.everything)")
        #expect(try Data(contentsOf: URL(filePath: folder.path(of: "torn.sqlite"))) == octets)
        #expect(try folder.fileNames.filter { $0.contains("torn") } == ["torn.sqlite"])
    }

    @Test func `tables of a later release are left alone, and a store that is not there is unavailable`()
        async throws
    {
        try await folder.tamper("INSERT INTO grdb_migrations (identifier) VALUES ('1000');")
        let newer = try await verify()
        #expect(newer.status == 3 && newer.errors.contains("newer than this program"), "\(newer.everything)")
        #expect(try await verify(name: "nowhere.sqlite").status == 4)
        #expect(try await verify("--sample", "-1").status == 2)
        #expect(try await verify("--sample", "10001").status == 2)
    }

    @Test func `a store of an older release is opened as it is`() async throws {
        let id = try ConnectionID.random()
        let location = CredentialLocation(workspaceID: "wsp_1", connectionID: id)
        let sealed = try StoreSamples.sealer(key).seal(StoreSamples.credentials(1), at: location, now: .now())
        let octets = sealed.octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        try await folder.tamper(
            """
            CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
            INSERT INTO grdb_migrations VALUES ('1');
            \(SQLiteConnectionStore.migrations[0].sql)
            INSERT INTO connections VALUES ('\(id)', 'wsp_1', NULL, 'gmail', 'connectors', 'oauth2', 'x', 'active',
                NULL, '[]', '[]', '{}', NULL, NULL, 'direct', zeroblob(16), 1, 1, 0, 0, NULL, 0);
            INSERT INTO credentials VALUES ('\(id)', X'\(octets)', 1, NULL, NULL);
            """, in: "old.sqlite")
        let run = try await verify("--json", name: "old.sqlite")
        #expect(run.status == 0, "\(run.everything)")
        let json = try run.json
        #expect(
            json["table_version"] as? Int == 1
                && json["pending_migrations"] as? Int == SQLiteConnectionStore.migrations.count - 1)
        #expect(json["opened"] as? Int == 1)
        #expect(try await verify("--json", name: "old.sqlite").output == run.output, "nothing was migrated")
    }
}
