import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// Where the operator requires confirm mode, nobody gets round it.
@Suite("Required confirmation", .timeLimit(.minutes(3))) struct ConfirmRequirementTests {
    @Test(arguments: [(", confirm: required", ""), ("", "\n    confirm: required")])
    func `S11 a stripped binding begins no flow, and the other workspace's flows are its own`(
        _ workspace: String, _ integration: String
    ) async throws {
        let site = try await ProductionSite.make(workspace: workspace, integration: integration)
        let server = try await site.replica()
        let stripped = try await site.initiate(server)
        #expect(stripped.status == 422, "\(stripped.body)")
        #expect(stripped.body.contains(#""loc":["body","binding"]"#))
        #expect(stripped.body.contains(#""type":"binding_required""#))
        #expect(
            try await site.initiate(server, key: site.otherKey).status == (workspace.isEmpty ? 422 : 200))
        let secret = BindingSecret()
        let told = try await site.told(try await site.authorize(server, secret.member))
        let ticket = try #require(told["ticket"])
        // Another workspace's credential opens nothing of it.
        let foreign = try await server.complete(ticket, secret.text, key: site.otherKey)
        #expect(foreign.status == 400 && foreign.errorCode == "invalid_ticket")
        let chosen = try await server.complete(
            ticket, secret.text, key: site.otherKey, headers: ["X-Workspace-Id": "wsp_1"])
        #expect(chosen.status == 403 && chosen.errorCode == "workspace_denied")
        let own = try await server.complete(ticket, secret.text, key: site.key)
        #expect(own.status == 200 && own.body.contains(#""binding":"confirmed""#), "\(own.body)")
        try await site.stop(server)
    }

    @Test func `S37 a requirement that comes while flows are out stops those without a binding`() async throws
    {
        let site = try await ProductionSite.make()
        let before = try await site.replica()
        let secret = BindingSecret()
        let direct = try await site.authorize(before)
        let bound = try await site.authorize(before, secret.member)
        await before.stop()
        try site.configure(workspace: ", confirm: required")
        let server = try await site.replica()
        let told = try await site.told(direct)
        #expect(told["status"] == "error" && told["error"] == "restart")
        let ticket = try #require(try await site.told(bound)["ticket"])
        #expect(try await server.complete(ticket, secret.text, key: site.key).status == 200)
        let list = try await server.send(.GET, "/api/v1/connections", key: site.key)
        #expect(list.body.components(separatedBy: #""id":"conn_"#).count == 2)
        try await site.stop(server)
    }

    @Test func `S37 what was taken away while a ticket was out ends it`() async throws {
        let site = try await ProductionSite.make()
        let before = try await site.replica()
        let secret = BindingSecret()
        let ticket = try #require(
            try await site.told(try await site.authorize(before, secret.member))["ticket"])
        await before.stop()
        // The redirect URI is off the list.
        try site.configure(redirectURI: "https://app.example.com/elsewhere")
        var server = try await site.replica()
        var answer = try await server.complete(ticket, secret.text, key: site.key)
        #expect(answer.status == 409 && answer.errorCode == "restart", "\(answer.body)")
        await server.stop()
        // The client is another.
        try site.configure()
        try site.folder.write(
            try site.folder.read("symbolon.yaml").replacing(
                "client_id: \(CanailleServer.Client.post.id)", with: "client_id: another"),
            to: "symbolon.yaml")
        server = try await site.replica()
        answer = try await server.complete(ticket, secret.text, key: site.key)
        #expect(answer.status == 409 && answer.errorCode == "restart", "\(answer.body)")
        #expect(
            try await server.send(.GET, "/api/v1/connections", key: site.key).body.hasPrefix(#"{"data":[]"#))
        try await site.stop(server)
    }

    @Test func `config check shows where confirmation is required`() async throws {
        let site = try await ProductionSite.make(
            workspace: ", confirm: required", integration: "\n    confirm: required")
        let shown = try await ProductionSite.run(
            ["config", "check", "--config", "symbolon.yaml"], in: site.folder)
        func line(_ name: String, _ source: String) -> Bool {
            shown.split(separator: "\n").contains {
                $0.contains(name) && $0.contains("required") && $0.contains(source)
            }
        }
        #expect(line("integrations.canaille.confirm", "symbolon.yaml"), "\(shown)")
        #expect(line("workspaces.wsp_1.confirm", "workspaces.yaml"))
        #expect(!line("workspaces.wsp_2.confirm", ""))
        try await site.stop()
    }

    @Test(arguments: ["no", "true", "''", "Required"])
    func `a word that asks for nothing known is refused`(_ word: String) async throws {
        let site = try await ProductionSite.make(integration: "\n    confirm: \(word)")
        let run = try await Tool.run(
            SymbolonBinary.path(), ["config", "check", "--config", "symbolon.yaml"], in: site.folder)
        #expect(run.status == 3 && run.output.contains("integrations.canaille.confirm"), "\(run.output)")
        try await site.stop()
    }
}
