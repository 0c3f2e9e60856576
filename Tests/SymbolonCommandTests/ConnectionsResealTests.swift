import Connections
import ConnectionsSQLite
import Foundation
import Keyrings
import StateTokens
import TestSupport
import Testing

@Suite("symbolon connections reseal") struct ConnectionsResealTests {
    let samples: RingSamples
    let store: StoreSamples
    let ring: Keyring
    var folder: TemporaryFolder { samples.folder }

    init() throws {
        samples = try RingSamples()
        ring = try samples.write(
            RingSamples.key(1, activates: -30_000, status: .retired), RingSamples.key(2, activates: -20_000),
            RingSamples.key(3), RingSamples.key(4, activates: 600), purpose: .connections)
        store = try StoreSamples(in: samples.folder)
    }

    private func reseal(_ more: String...) async throws -> CommandRun {
        let secrets = try KeyringSecrets(in: folder, "connections.keyring")
        let run = try await CommandRun(
            ["connections", "reseal", "--keyring", ".", "--store", "sqlite:store.sqlite", "--pause", "0"]
                + more,
            in: folder)
        #expect(!secrets.leak(in: run) && !run.everything.contains("access-"), "S23")
        return run
    }

    @Test func `all rows are sealed under the key that seals, and open as before`() async throws {
        let ids = try await store.insert(25, under: ring.keys[0])
        try await store.insert(5, under: ring.keys[1], workspaceID: "wsp_2")
        try await store.insert(3, under: ring.keys[2])
        let run = try await reseal("--batch", "10", "--json")
        #expect(run.status == 0)
        let json = try run.json
        #expect(
            Set(json.keys) == ["written", "key", "resealed", "unreadable", "keys_in_use", "keys_unused"])
        #expect(json["resealed"] as? Int == 30)
        #expect(json["keys_in_use"] as? [String] == ["00000003"])
        #expect(json["keys_unused"] as? [String] == ["00000001", "00000002", "00000004"])
        // Progress is shown, once a batch.
        #expect(run.errors.split(separator: "\n").count == 3)
        #expect(run.errors.contains("10 rows sealed again"))
        let sealer = try StoreSamples.sealer(ring.keys[2])
        for (number, id) in ids.enumerated() {
            let row = try #require(await store.store.credentials(of: id, workspaceID: "wsp_1"))
            let location = CredentialLocation(workspaceID: "wsp_1", connectionID: id)
            #expect(try sealer.open(row.credentials, at: location) == StoreSamples.credentials(number))
            #expect((row.connection.revision, row.connection.credentialsRevision) == (1, 1))
        }
        #expect(try await reseal("--json").json["resealed"] as? Int == 0)
    }

    @Test func `a row under a key that is to follow stays`() async throws {
        try await store.insert(2, under: ring.keys[3])
        #expect(try await reseal("--json").json["resealed"] as? Int == 0)
        #expect(try await store.store.keyIDsInUse() == [RingSamples.id(4)])
    }

    @Test func `keyring and store are those of the configuration`() async throws {
        try await store.insert(3, under: ring.keys[0])
        try samples.write(RingSamples.key(1))
        try folder.write(
            """
            public_url: https://connect.example.com
            keyrings: {state: state.keyring, connections: connections.keyring}
            store: sqlite:store.sqlite
            workspaces: workspaces.yaml
            credentials: {api_keys: api-keys.json}
            """, to: "symbolon.yaml")
        let run = try await folder.symbolon(
            "connections", "reseal", "--config", "symbolon.yaml", "--pause", "0", "--json")
        #expect(run.status == 0, "\(run.everything)")
        #expect(try run.json["resealed"] as? Int == 3)
        for (command, status) in [("disable", Int32(1)), ("prune", 0)] {
            let keys = try await folder.symbolon(
                "keys", command, command == "prune" ? "00000001" : "00000003", "--keyring",
                "connections.keyring",
                "--config", "symbolon.yaml", "--dry-run")
            #expect(keys.status == status, "\(command): \(keys.everything)")
        }
    }

    @Test func `a dry run writes nothing`() async throws {
        try await store.insert(3, under: ring.keys[0])
        let run = try await reseal("--dry-run", "--json")
        #expect(run.status == 0)
        #expect(try run.json["resealed"] as? Int == 3)
        #expect(try run.json["written"] as? Bool == false)
        #expect(try await store.store.keyIDsInUse() == [RingSamples.id(1)])
    }

    @Test func `rows that do not open are named and left, and the others are done`() async throws {
        try await store.insert(3, under: ring.keys[0])
        let lost = try await store.insert(2, under: RingSamples.key(9))
        let run = try await reseal("--batch", "1", "--json")
        #expect(run.status == 1)
        let json = try run.json
        #expect(json["resealed"] as? Int == 3)
        let unreadable = try #require(json["unreadable"] as? [[String: Any]])
        #expect(
            Set(unreadable.compactMap { $0["connection_id"] as? String }) == Set(lost.map(\.description)))
        #expect(unreadable.allSatisfy { $0["key"] as? String == "00000009" })
        #expect(try await store.store.keyIDsInUse() == [RingSamples.id(3), RingSamples.id(9)])
        #expect(try await reseal().output.contains("the keyring has no such key"))
    }

    @Test func `what is killed is taken up again`() async throws {
        try await store.insert(40, under: ring.keys[0])
        let process = Process()
        process.executableURL = URL(filePath: try SymbolonBinary.path())
        process.arguments = [
            "connections", "reseal", "--keyring", "connections.keyring", "--store", "sqlite:store.sqlite",
            "--batch", "1", "--pause", "50",
        ]
        process.currentDirectoryURL = folder.url
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        while try await !store.store.keyIDsInUse().contains(RingSamples.id(3)) {
            try await Task.sleep(for: .milliseconds(5))
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let left = try await store.store.sealedConnections(
            notUnder: [RingSamples.id(3)], after: nil, limit: 100)
        #expect((1..<40).contains(left.connections.count))
        #expect(try await reseal("--json").json["resealed"] as? Int == left.connections.count)
    }

    @Test func `a state keyring, a missing store and a ring in which nothing seals are refused`() async throws
    {
        try samples.write(RingSamples.key(1))
        let wrong = try await folder.symbolon(
            "connections", "reseal", "--keyring", "state.keyring", "--store", "sqlite:store.sqlite")
        #expect(wrong.status == 3)
        let missing = try await folder.symbolon(
            "connections", "reseal", "--keyring", ".", "--store", "sqlite:nowhere.sqlite")
        #expect(missing.status == 4)
        let other = try await folder.symbolon(
            "connections", "reseal", "--keyring", ".", "--store", "postgresql://x")
        #if PostgreSQL
        #expect(other.status == 4, "it is not there")
        #else
        #expect(other.status == 3, "it is not built in")
        #endif
        let dead = try Keyring(
            purpose: .connections, deploymentID: "d_test", keys: [RingSamples.key(1, status: .retired)])
        try KeyringFile.create(dead, at: folder.path(of: "dead.keyring"))
        let run = try await folder.symbolon(
            "connections", "reseal", "--keyring", "dead.keyring", "--store", "sqlite:store.sqlite")
        #expect(run.status == 1)
        #expect(run.errors.contains("no key is enabled"))
    }
}
