import Connections
import ConnectionsSQLite
import Foundation
import Keyrings
import StateTokens
import TestSupport
import Testing

@Suite("symbolon store backup") struct StoreBackupTests: SealedStoreSuite {
    let sealed: SealedStoreSamples

    init() throws { sealed = try SealedStoreSamples() }

    private func backUp(_ more: String..., store: String = "sqlite:store.sqlite") async throws -> CommandRun {
        try await CommandRun(
            ["store", "backup", "--store", store, "--out", "copy.sqlite"] + more, in: folder)
    }

    private func verify() async throws -> CommandRun {
        try await folder.symbolon(
            "store", "verify", "--store", "sqlite:copy.sqlite", "--keyring", "connections.keyring",
            "--sample", "0",
            "--json")
    }

    @Test func `a copy has all rows, is its owner's alone, and stands by itself`() async throws {
        try await store.insert(7, under: key)
        let run = try await backUp("--json")
        #expect(run.status == 0, "\(run.everything)")
        #expect(try run.json["connections"] as? Int == 7)
        #expect(try run.json["table_version"] as? Int == SQLiteConnectionStore.migrations.count)
        #expect(try folder.mode(of: "copy.sqlite") == 0o600)
        let copied = try await verify()
        #expect(try copied.status == 0 && copied.json["opened"] as? Int == 7, "\(copied.everything)")
        #expect(
            try folder.fileNames.filter { $0.contains("copy") } == ["copy.sqlite"],
            "neither a WAL nor what was being written is left beside it")
        // What is written later is not in it.
        try await store.insert(1, under: key)
        #expect(try await verify().json["connections"] as? Int == 7)
    }

    @Test func `a copy that is made while rows are written has each connection with its credentials`()
        async throws
    {
        try await store.insert(50, under: key)
        let writer = Task {
            for _ in 0..<60 { try await store.insert(1, under: key) }
        }
        let run = try await backUp("--json")
        try await writer.value
        #expect(run.status == 0, "\(run.everything)")
        let copied = try await verify()
        #expect(copied.status == 0, "\(copied.everything)")
        #expect(try copied.json["opened"] as? Int == run.json["connections"] as? Int)
    }

    @Test func `what was deleted is not in the copy's spare pages`() async throws {
        let id = try await store.insert(1, under: key)[0]
        #expect(try await store.store.delete(id, workspaceID: "wsp_1") != nil)
        #expect(try await backUp().status == 0)
        let copy = try Data(contentsOf: URL(filePath: folder.path(of: "copy.sqlite")))
        #expect(copy.range(of: Data("gmail".utf8)) == nil)
    }

    @Test(arguments: [false, true]) func `nothing is overwritten, not even by way of a link`(_ isLink: Bool)
        async throws
    {
        if isLink {
            try FileManager.default.createSymbolicLink(
                atPath: folder.path(of: "copy.sqlite"), withDestinationPath: folder.path(of: "elsewhere"))
        } else {
            try folder.write("mine", to: "copy.sqlite")
        }
        let run = try await backUp()
        #expect(run.status == 1 && run.errors.contains("exists already"), "\(run.everything)")
        #expect(try !folder.fileNames.contains("elsewhere"))
        if !isLink { #expect(try folder.read("copy.sqlite") == "mine") }
    }

    @Test func `a store that is not there, is none, or is damaged leaves no copy`() async throws {
        #expect(try await backUp(store: "sqlite:nowhere.sqlite").status == 4)
        try folder.write(String(repeating: "text ", count: 1000), to: "text.sqlite")
        #expect(try await backUp(store: "sqlite:text.sqlite").status == 1)
        try folder.write("", to: "empty.sqlite")
        let empty = try await backUp(store: "sqlite:empty.sqlite")
        #expect(empty.status == 1 && empty.errors.contains("no tables"), "\(empty.everything)")
        try await store.insert(40, under: key)
        #expect(try await backUp().status == 0)
        let octets = try Data(contentsOf: URL(filePath: folder.path(of: "copy.sqlite")))
        try FileManager.default.removeItem(atPath: folder.path(of: "copy.sqlite"))
        try octets.prefix(octets.count / 2).write(to: URL(filePath: folder.path(of: "torn.sqlite")))
        let torn = try await backUp(store: "sqlite:torn.sqlite")
        #expect(torn.status == 1 && torn.errors.contains("damaged"), "\(torn.everything)")
        #expect(try !folder.fileNames.contains { $0.hasPrefix("copy") })
    }

    @Test func `a folder that is not there is a matter of configuration`() async throws {
        let run = try await folder.symbolon(
            "store", "backup", "--store", "sqlite:store.sqlite", "--out", "nowhere/copy.sqlite")
        #expect(run.status == 3 && run.errors.contains("there is no folder"), "\(run.everything)")
    }

    #if PostgreSQL
    @Test func `S23 for PostgreSQL it says the command, and not the password`() async throws {
        let run = try await folder.symbolon(
            "store", "backup", "--out", "it's.dump", "--config", "symbolon.yaml",
            environment: ["SYMBOLON_STORE": "postgresql://symbolon:s3cret@db.example.com/symbolon"])
        // There is no such configuration.
        #expect(run.status == 3 && !run.everything.contains("s3cret"))
        let named = try await CommandRun(
            [
                "store", "backup", "--out", "it's.dump", "--store",
                "postgresql://symbolon@db.example.com/symbolon",
            ],
            in: folder)
        #expect(named.status == 1)
        #expect(
            named.errors.contains(
                #"pg_dump --format=custom --file='it'\''s.dump' 'postgresql://symbolon@db.example.com/symbolon'"#
            ),
            "\(named.everything)")
    }
    #endif
}
