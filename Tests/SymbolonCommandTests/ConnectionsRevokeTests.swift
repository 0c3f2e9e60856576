import Connections
import Cryptography
import Encodings
import Foundation
import Keyrings
import StateTokens
import TestSupport
import Testing

@testable import SymbolonCommands

@Suite("symbolon connections revoke") struct ConnectionsRevokeTests: SealedStoreSuite {
    let sealed: SealedStoreSamples

    init() throws { sealed = try SealedStoreSamples() }

    private func run(_ arguments: String...) async throws -> CommandRun {
        try await CommandRun(
            [
                "connections", "revoke", "--store", "sqlite:store.sqlite", "--keyring",
                "connections.keyring",
            ]
                + arguments, in: folder)
    }

    private func statuses() async throws -> [ConnectionStatus] {
        try await store.store.connections(matching: ConnectionQuery(workspaceID: "wsp_1"))
            .connections.map(\.status)
    }

    @Test func `the report has a line for each grant, and a last one with the digest of the others`()
        async throws
    {
        let ids = try await store.insert(3, under: key)
        let run = try await run("--workspace", "wsp_1", "--report", "report.jsonl", "--json")
        // Gmail is not configured here, so that no grant can be revoked.
        #expect(run.status == 1 && run.errors.contains("may still be valid"), "\(run.everything)")
        #expect(try await statuses() == [.inactive, .inactive, .inactive])
        let report = try folder.read("report.jsonl")
        let lines = report.split(separator: "\n")
        #expect(lines.count == 4)
        for id in ids { #expect(lines.dropLast().contains { $0.contains(id.description) }) }
        #expect(lines.dropLast().allSatisfy { $0.contains(#""outcome":"not_possible""#) })
        let body = Array((lines.dropLast().joined(separator: "\n") + "\n").utf8)
        let hash = SHA256.digest(body.span)
        let digest = Hexadecimal.encode(hash.span)
        #expect(lines.last?.contains(#""sha256":"\#(digest)""#) == true)
        #expect(try run.json["sha256"] as? String == digest)
        #expect((try run.json["counts"] as? [String: Int])?["not_possible"] == 3)
        #expect(try folder.mode(of: "report.jsonl") == 0o600)
        #expect(!(run.everything + report).contains("refresh-"), "S23")
    }

    @Test func `apps are told of each connection, and the audit log has each grant`() async throws {
        try await store.insert(2, under: key)
        _ = try samples.write(RingSamples.key(2), purpose: .state)
        try folder.write(#"{"keys": []}"#, to: "keys.json")
        try folder.write("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", to: "secret")
        try folder.write(
            """
            workspaces:
              wsp_1:
                redirect_uris: ["https://app.example.com/done"]
                webhooks: [{url: "https://app.example.com/hooks", secret_file: secret}]
            """, to: "workspaces.yaml")
        try folder.write(
            """
            public_url: https://connect.example.com
            keyrings: {state: state.keyring, connections: connections.keyring}
            credentials: {api_keys: keys.json}
            store: sqlite:store.sqlite
            workspaces: workspaces.yaml
            audit: {log: audit.log}
            """, to: "symbolon.yaml")
        let run = try await CommandRun(
            [
                "connections", "revoke", "--config", "symbolon.yaml", "--workspace", "wsp_1", "--report",
                "report.jsonl",
            ], in: folder)
        #expect(run.status == 1 && run.errors.contains("may still be valid"), "\(run.everything)")
        let told = try await store.store.webhooks(workspaceID: "wsp_1", areDead: false, limit: 10)
        #expect(told.map(\.type) == ["connection.updated", "connection.updated"])
        let lines = try folder.read("audit.log").split(separator: "\n")
        #expect(lines.count == 3 && lines.allSatisfy { $0.contains(#""event":"revoke""#) }, "\(lines)")
        #expect(lines.first?.contains(" begun") == true)
        #expect(!lines.joined().contains("refresh-"), "S23")
    }

    @Test func `a dry run counts and changes nothing`() async throws {
        try await store.insert(2, under: key)
        let run = try await run("--integration", "gmail", "--dry-run", "--json")
        #expect(run.status == 0, "\(run.everything)")
        #expect((try run.json["counts"] as? [String: Int])?["left"] == 2)
        #expect(try await statuses() == [.active, .active])
    }

    @Test func `a revocation that was interrupted is resumed`() async throws {
        try await store.insert(2, under: key)
        let id = try RevocationID.random()
        // Begun by a command that was killed.
        _ = try await store.store.beginRevocation(
            NewRevocation(id: id, filter: RevocationFilter(integrationID: "gmail"), actor: EventNote.system))
        let run = try await run("--resume", "\(id)", "--report", "report.jsonl", "--json")
        #expect(try run.json["id"] as? String == id.description)
        #expect(try run.json["status"] as? String == "finished")
        #expect(try folder.read("report.jsonl").split(separator: "\n").count == 3)
    }

    @Test(arguments: [
        [], ["--report", "r"], ["--user", "", "--report", "r"], ["--user", "u"],
        ["--since", "yesterday", "--report", "r"], ["--resume", "x", "--report", "r"],
        ["--resume", "rev_AAAAAAAAAAAAAAAAAAAAAA", "--user", "u", "--report", "r"],
        ["--resume", "rev_AAAAAAAAAAAAAAAAAAAAAA", "--dry-run"],
    ])
    func `without a filter, or with one that is not understood, nothing is done`(_ arguments: [String])
        async throws
    {
        try await store.insert(1, under: key)
        let run = try await CommandRun(
            ["connections", "revoke", "--store", "sqlite:store.sqlite"] + arguments, in: folder)
        #expect(run.status == 2, "\(run.everything)")
        #expect(try await statuses() == [.active])
    }

    @Test func `a report that is there already is not written over, and nothing is done`() async throws {
        try await store.insert(1, under: key)
        _ = try folder.write("mine", to: "report.jsonl")
        let run = try await run("--user", "usr_one", "--report", "report.jsonl")
        #expect(run.status == 1 && run.errors.contains("there already"))
        #expect(try await statuses() == [.active])
        #expect(try folder.read("report.jsonl") == "mine")
        let unknown = try await self.run("--resume", "rev_AAAAAAAAAAAAAAAAAAAAAA", "--report", "r")
        #expect(unknown.status == 1 && unknown.errors.contains("there is no revocation"))
    }
}
