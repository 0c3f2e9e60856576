import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// `store: none`: replicas with nothing between them, and apps that keep their own credentials.
@Suite("Without a store", .timeLimit(.minutes(3))) struct StorelessTests {
    private struct Completed: Decodable {
        struct Credentials: Decodable {
            let access_token: String
            let token_type: String
        }
        let flow_id: String
        let integration_id: String
        let label: String
        let tags: [String: String]
        let credentials: Credentials
    }

    @Test func `a flow begun at one replica and called back at another is completed at the first`()
        async throws
    {
        let site = try await ProductionSite.make(store: "none")
        let first = try await site.replica()
        let second = try await site.replica(isFirst: false)
        let secret = BindingSecret()
        let callback = try await site.authorize(
            first, secret.member + #", "label": "Ada's", "tags": {"plan": "pro"}"#, backAt: second)
        #expect(callback.hasPrefix(second.baseURL))
        let told = try await site.told(callback)
        let ticket = try #require(told["ticket"])
        #expect(
            try await second.complete(ticket, BindingSecret().text, key: site.key).errorCode
                == "binding_mismatch")
        let answer = try await first.complete(ticket, secret.text, key: site.key)
        #expect(answer.status == 200, "\(answer.body)")
        let completed: Completed = try answer.decoded()
        #expect(completed.label == "Ada's" && completed.tags == ["plan": "pro"])
        #expect(completed.flow_id == told["flow_id"] && completed.integration_id == "canaille")
        #expect(!completed.credentials.access_token.isEmpty && !answer.body.contains("conn_"))
        // The same ticket at the same replica: the same answer, and no second request to the provider.
        let again = try await first.complete(ticket, secret.text, key: site.key)
        #expect(again.status == 200 && again.body == answer.body)
        // At the other replica only the provider stands in the way, and it does.
        let elsewhere = try await second.complete(ticket, secret.text, key: site.key)
        #expect(elsewhere.status == 502 && elsewhere.errorCode == "provider_error", "\(elsewhere.body)")
        // Nothing but the files that it was started with.
        let names = try FileManager.default.contentsOfDirectory(atPath: site.folder.path)
        #expect(!names.contains { $0.contains("sqlite") || $0 == ".symbolon" })
        try await site.stop(first, second)
    }

    @Test func `direct mode is refused, and so are the routes of connections`() async throws {
        let site = try await ProductionSite.make(store: "none")
        let server = try await site.replica()
        let direct = try await site.initiate(server)
        #expect(direct.status == 422 && direct.body.contains(#""type":"binding_required""#))
        let id = "conn_AAAAAAAAAAAAAAAAAAAAAA"
        for (method, path) in [
            (.GET, "connections"), (.GET, "connections/\(id)"), (.GET, "connections/\(id)/token"),
            (.DELETE, "connections/\(id)"), (.POST, "oauth/refresh/\(id)"),
        ] as [(HTTPMethod, String)] {
            let answer = try await server.send(method, "/api/v1/\(path)", key: site.key)
            #expect(answer.status == 404 && answer.errorCode == "not_found")
            #expect(answer.body.contains("has no store"))
        }
        let ready = try await server.send(.GET, "/readyz")
        #expect(ready.status == 200 && ready.body.contains(#""store":{"status":"none","problem":null}"#))
        #expect(ready.body.contains(#""status":"ready""#) && !ready.body.contains("connections"))
        try await site.stop(server)
    }

    @Test func `a flag takes the store away, and config check says what that asks for`() async throws {
        let site = try await ProductionSite.make()
        let server = try await site.replica(arguments: ["--store", "none"])
        #expect(try await site.initiate(server).status == 422)
        let shown = try await ProductionSite.run(
            ["config", "check", "--config", "symbolon.yaml", "--store", "none"], in: site.folder)
        #expect(
            shown.split(separator: "\n").contains {
                $0.contains("workspaces.wsp_2.confirm") && $0.contains("required")
                    && $0.contains("store: none")
            }, "\(shown)")
        try await site.stop(server)
    }

    @Test func `S08 twenty simultaneous completions at one replica send the code once`() async throws {
        let site = try await ProductionSite.make(store: "none")
        let server = try await site.replica()
        let secret = BindingSecret()
        let ticket = try #require(
            try await site.told(try await site.authorize(server, secret.member))["ticket"])
        let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
            for _ in 0..<20 {
                group.addTask { try await server.complete(ticket, secret.text, key: site.key) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.status == 200 })
        #expect(Set(answers.map(\.body)).count == 1)
        try await site.stop(server)
    }
}
