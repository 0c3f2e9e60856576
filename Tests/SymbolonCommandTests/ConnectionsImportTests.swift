import Connections
import Foundation
import Keyrings
import StateTokens
import TestSupport
import Testing

@testable import SymbolonCommands

@Suite("symbolon connections import") struct ConnectionsImportTests {
    let samples: RingSamples
    let store: StoreSamples
    var folder: TemporaryFolder { samples.folder }

    init() throws {
        samples = try RingSamples()
        _ = try samples.write(RingSamples.key(1), purpose: .connections)
        store = try StoreSamples(in: samples.folder)
    }

    private func run(_ text: String, _ arguments: String..., name: String = "moved.jsonl") async throws
        -> CommandRun
    {
        _ = try folder.write(text, to: name)
        return try await CommandRun(
            [
                "connections", "import", name, "--store", "sqlite:store.sqlite", "--keyring",
                "connections.keyring",
            ]
                + arguments, in: folder)
    }

    private func stored() async throws -> [Connection] {
        try await store.store.connections(matching: ConnectionQuery(workspaceID: "wsp_1")).connections
    }

    private func counts(_ run: CommandRun) throws -> [Int?] {
        let counts = try run.json["counts"] as? [String: Int]
        return ["imported", "present", "rejected"].map { counts?[$0] }
    }

    private static let two = """
        {"external_id": "a", "integration": "sandbox", "user_id": "u1", "credentials": {"access_token": "secret-1"}}

        {"integration": "sandbox", "user_id": "u2", "tags": {"plan": "pro"}, "credentials": {"access_token": "secret-2", "refresh_token": "secret-3"}}
        """

    @Test func `a file is imported once, however often it is read`() async throws {
        let first = try await run(Self.two, "--workspace", "wsp_1", "--json")
        #expect(first.status == 0, "\(first.everything)")
        #expect(try counts(first) == [2, 0, 0])
        let connections = try await stored()
        #expect(Set(connections.compactMap(\.userID)) == ["u1", "u2"])
        #expect(connections.allSatisfy { $0.binding == .imported })
        let second = try await run(Self.two, "--workspace", "wsp_1", "--json")
        #expect(try counts(second) == [0, 2, 0] && second.status == 0)
        #expect(try await stored() == connections)
        #expect(!(first.everything + second.everything).contains("secret-"), "S23")
    }

    @Test func `each row is audited, and nothing is imported without an audit log`() async throws {
        try folder.write("audit: {log: audit.log}", to: "symbolon.yaml")
        let run = try await run(Self.two, "--workspace", "wsp_1", "--config", "symbolon.yaml")
        #expect(run.status == 0, "\(run.everything)")
        let lines = try folder.read("audit.log").split(separator: "\n")
        #expect(
            lines.count == 2
                && lines.allSatisfy { $0.contains(#""event":"import","outcome":"success""#) }, "\(lines)")
        #expect(!lines.joined().contains("secret-"), "S23")
        try folder.write("audit: {log: nowhere/audit.log}", to: "symbolon.yaml")
        let refused = try await self.run(
            Self.two.replacing("secret-1", with: "secret-9"), "--workspace", "wsp_1", "--config",
            "symbolon.yaml")
        #expect(refused.status == 3, "\(refused.everything)")
        #expect(try await stored().count == 2)
    }

    @Test func `a dry run writes nothing and counts the same`() async throws {
        let run = try await run(Self.two, "--workspace", "wsp_1", "--dry-run", "--json")
        #expect(try counts(run) == [2, 0, 0] && run.json["written"] as? Bool == false)
        #expect(try await stored().isEmpty)
    }

    @Test func `rows that are rejected are named by their lines, and the others are imported`() async throws {
        let run = try await run(
            """
            {"integration": "sandbox", "credentials": {"access_token": "secret-1"}}
            {"integration": "sandbox", "credentials": {"access_token": ""}}
            {"integration": "nowhere", "workspace_id": "wsp_1", "credentials": {"access_token": "secret-2"}}
            not JSON
            {"workspace_id": "wsp_1", "integration": "sandbox", "credentials": {"access_token": "secret-3"}}
            {"integration": "gmail", "workspace_id": "wsp_1", "credentials": {"access_token": "secret-4"}}
            """)
        #expect(run.status == 1)
        #expect(try await stored().count == 1)
        for text in [
            "1 imported", "5 rejected", "line 1: it has no workspace_id", "line 2: credentials.access_token",
            "line 3: there is no integration `nowhere`: `symbolon integrations list`",
            "line 4: it is not valid json (column ", "line 6: ",
        ] {
            #expect(run.output.lowercased().contains(text), "\(text): \(run.output)")
        }
        #expect(!run.everything.contains("secret-"), "S23")
    }

    @Test func `an external id that comes with something else is rejected`() async throws {
        _ = try await run(Self.two, "--workspace", "wsp_1")
        let run = try await run(
            Self.two.replacing("secret-1", with: "secret-9"), "--workspace", "wsp_1", "--json")
        #expect(try counts(run) == [0, 1, 1] && run.status == 1)
    }

    @Test func `what cannot be verified is not left behind`() async throws {
        let run = try await run(
            #"{"integration": "sandbox", "credentials": {"access_token": "secret-1"}}"#, "--workspace",
            "wsp_1",
            "--verify")
        #expect(run.status == 1 && run.output.contains("nothing to verify"))
        #expect(try await stored().isEmpty)
    }

    @Test func `CSV has quotes, line breaks and empty fields`() async throws {
        let run = try await run(
            "integration,label,credentials.access_token,credentials.refresh_token,tags.plan\r\n"
                + "sandbox,\"Ada, \"\"the\nfirst\"\"\",secret-1,,pro\r\n\r\nsandbox,,secret-2,secret-3,\r\n",
            "--workspace", "wsp_1", "--json", name: "moved.csv")
        #expect(run.status == 0, "\(run.everything)")
        let connections = try await stored()
        #expect(Set(connections.map(\.label)).contains("Ada, \"the\nfirst\""))
        #expect(Set(connections.map(\.tags)) == [["plan": "pro"], [:]])
    }

    @Test(arguments: ["", "\n\n", "integration,integration\nsandbox,sandbox"])
    func `a CSV file without a proper header is rejected`(_ text: String) async throws {
        #expect(try await run(text, "--workspace", "wsp_1", name: "moved.csv").status == 1)
    }
}
