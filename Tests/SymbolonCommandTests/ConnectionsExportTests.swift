import Connections
import Foundation
import Keyrings
import StateTokens
import TestSupport
import Testing

@testable import ConnectionsSQLite

@Suite("symbolon connections list, show and export") struct ConnectionsExportTests {
    let samples: RingSamples
    let store: StoreSamples
    let ring: Keyring
    var folder: TemporaryFolder { samples.folder }

    init() throws {
        samples = try RingSamples()
        ring = try samples.write(RingSamples.key(1), purpose: .connections)
        store = try StoreSamples(in: samples.folder)
    }

    private func connections(_ arguments: String...) async throws -> CommandRun {
        let secrets = try KeyringSecrets(in: folder, "connections.keyring")
        let run = try await CommandRun(
            ["connections"] + arguments + ["--store", "sqlite:store.sqlite"], in: folder)
        #expect(!secrets.leak(in: run), "S23")
        return run
    }

    private func data(_ text: String) throws -> [[String: Any]] {
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
        return try #require((object as? [String: Any])?["data"] as? [[String: Any]])
    }

    private func ids(_ text: String) throws -> Set<String> {
        Set(try data(text).compactMap { $0["id"] as? String })
    }

    @Test func `the list holds every workspace's connections, and no credentials`() async throws {
        let one = try await store.insert(3, under: ring.keys[0])
        let two = try await store.insert(2, under: ring.keys[0], workspaceID: "wsp_2")
        let run = try await connections("list", "--json")
        #expect(run.status == 0)
        #expect(try ids(run.output) == Set((one + two).map(\.description)))
        #expect(!run.everything.contains("access-") && !run.everything.contains("credentials"), "S23")
        #expect(try ids(try await connections("list", "--json", "--workspace", "wsp_2").output).count == 2)
        #expect(try ids(try await connections("list", "--json", "--status", "expired").output).isEmpty)
        #expect(try ids(try await connections("list", "--json", "--integration", "nowhere").output).isEmpty)
        let text = try await connections("list")
        #expect(text.output.split(separator: "\n").count == 6)
        #expect(try await connections("list", "--workspace", "wsp_9").errors.contains("no such connections"))
    }

    @Test(arguments: [
        "expires_at_s = -9223372036854775807", "expires_at_s = 9223372036854775807",
        "revision = 9223372036854775807", "created_at_ms = -9223372036854775807", "scopes_granted = '{}'",
    ])
    func `S47 a row that cannot be read is named, and the others are written`(_ change: String) async throws {
        let ids = try await store.insert(2, under: ring.keys[0])
        let (bad, good) = (ids[0].description, ids[1].description)
        try await store.store.write {
            try $0.database.write("UPDATE connections SET \(change) WHERE id = '\(bad)'", [])
        }
        for arguments in [["list", "--json"], ["export", "--out", "-"]] {
            let run = try await CommandRun(
                ["connections"] + arguments + ["--store", "sqlite:store.sqlite"], in: folder)
            #expect(run.status == 1)
            #expect(try self.ids(run.output) == [good])
            #expect(run.output.contains(bad))
        }
        let text = try await connections("list")
        #expect(text.status == 1 && text.output.contains(good) && text.errors.contains(bad))
        let column = try #require(change.split(separator: " ").first)
        #expect(try await connections("show", bad).errors.contains(column))
    }

    @Test func `more than one batch is listed whole, each once`() async throws {
        let all = try await store.insert(501, under: ring.keys[0])
        let listed = try data(try await connections("list", "--json").output)
        #expect(listed.count == 501)
        #expect(try ids(try await connections("list", "--json").output) == Set(all.map(\.description)))
    }

    @Test func `one connection is shown without its credentials`() async throws {
        let id = try #require(try await store.insert(2, under: ring.keys[0]).first)
        let run = try await connections("show", id.description)
        #expect(run.status == 0)
        #expect(run.output.contains(id.description) && run.output.contains("key 00000001"))
        #expect(!run.everything.contains("access-"), "S23")
        #expect(
            try await connections("show", id.description, "--json").json["id"] as? String == id.description)
        let other = try await connections("show", "conn_AAAAAAAAAAAAAAAAAAAAAA")
        #expect(other.status == 1 && other.output.isEmpty)
        #expect(try await connections("show", "conn_x").status == 2)
    }

    @Test func `an export is a new file for its owner alone, without credentials`() async throws {
        let all = try await store.insert(3, under: ring.keys[0])
        let run = try await connections("export", "--out", "out.json")
        #expect(run.status == 0 && run.output.isEmpty)
        let text = try folder.read("out.json")
        #expect(try ids(text) == Set(all.map(\.description)))
        #expect(!text.contains("access-") && !text.contains("credentials"))
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.path(of: "out.json"))
        #expect((attributes[.posixPermissions] as? Int) == 0o600)
        let again = try await connections("export", "--out", "out.json")
        #expect(again.status == 1 && again.errors.contains("exists already"))
        #expect(try folder.read("out.json") == text)
    }

    @Test func `credentials are exported when asked, and only with the keyring that opens them`() async throws
    {
        let all = try await store.insert(2, under: ring.keys[0])
        let run = try await connections(
            "export", "--out", "-", "--include-credentials", "--keyring", "connections.keyring")
        #expect(run.status == 0)
        let credentials = try data(run.output).compactMap { $0["credentials"] as? [String: Any] }
        #expect(Set(credentials.compactMap { $0["refresh_token"] as? String }) == ["refresh-0", "refresh-1"])
        #expect(run.errors.contains("in plain text") && !run.errors.contains("access-"))
        _ = try await store.insert(1, under: RingSamples.key(9))
        let partly = try await connections(
            "export", "--out", "-", "--include-credentials", "--keyring", "connections.keyring")
        #expect(partly.status == 1)
        #expect(try data(partly.output).count == all.count + 1)
        #expect(partly.errors.contains("do not open"))
    }

    @Test func `where it goes has to be said`() async throws {
        #expect(try await connections("export").status == 2)
        #expect(try await connections("export", "--out", "nowhere/out.json").status == 3)
        let missing = try await folder.symbolon("connections", "list", "--store", "sqlite:nowhere.sqlite")
        #expect(missing.status == 4)
        // Nothing is made in passing.
        let fresh = try TemporaryFolder()
        #expect(try await fresh.symbolon("connections", "list").status == 4)
        #expect(try fresh.fileNames.isEmpty)
    }
}
