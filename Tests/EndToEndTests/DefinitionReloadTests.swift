import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// The running program follows the files of its integrations and workspaces.
@Suite("Reloading integrations and workspaces", .timeLimit(.minutes(2))) struct DefinitionReloadTests {
    private struct Initiated: Decodable { let state: String }

    private static func entry(_ host: String) -> String {
        """
        integrations:
          acme:
            label: Acme
            documentation: https://example.com/docs
            authorization_endpoint: https://\(host)/authorize
            token_endpoint: https://\(host)/token

        """
    }

    private static func workspaces(_ path: String) -> String {
        "workspaces: {wsp_1: {redirect_uris: [https://app.example.com/\(path)]}}\n"
    }

    @Test func `new files are in force without a restart, and bad ones change nothing`() async throws {
        let folder = try TemporaryFolder()
        let port = try LoopbackPort.free()
        try await ProductionSite.makeKeyrings(in: folder)
        let key = try await ProductionSite.makeKey(["initiate", "read", "operate"], in: folder).text
        try FileManager.default.createDirectory(
            atPath: "\(folder.path)/entries", withIntermediateDirectories: true)
        try folder.write(Self.entry("acme.example"), to: "entries/acme.yaml")
        try folder.write(Self.workspaces("old"), to: "workspaces.yaml")
        try ProductionSite.writeSettings(
            """
            catalog: [entries]
            integrations: {acme: {client_id: client, client_secret: a-secret-for-tests}}
            """, port: port, in: folder)
        let server = try await SymbolonServer.start(["--config", "symbolon.yaml"], in: folder, port: port)
        func begin(_ path: String, _ id: String = "acme") async throws -> Answer {
            try await server.send(
                .POST, "/api/v1/oauth/initiate",
                json: #"{"integration_id": "\#(id)", "redirect_uri": "https://app.example.com/\#(path)"}"#,
                key: key)
        }
        /// Has it look, and waits until it has said something so often.
        func look(_ words: String, _ count: Int = 1) async throws {
            server.process.send(SIGHUP)
            try await server.process.waitForLine(number: count) { $0.contains(words) }
        }
        let replaced = "integrations and workspaces replaced"

        #expect(try await begin("new").status == 422)
        let old = try await begin("old").decoded(as: Initiated.self).state
        try folder.write(Self.workspaces("new"), to: "workspaces.yaml")
        try await look(replaced)
        let flow = try await begin("new")
        #expect(flow.status == 200, "\(flow.body)")
        #expect(try await begin("old").status == 422)
        let callback = "/api/v1/oauth/callback/acme?code=x&state="
        #expect(try await server.send(.GET, callback + old).status == 400)

        // An entry that is changed, and one that is added.
        try folder.write(Self.entry("acme.example.org"), to: "entries/acme.yaml")
        try folder.write(
            Self.entry("other.example").replacing("acme:", with: "other:"), to: "entries/other.yaml")
        try await look(replaced, 2)
        #expect(try await begin("new").body.contains("https://acme.example.org/authorize"))
        try await eventually("the new entry is in force, too") {
            try await begin("new", "other").status == 409
        }
        let ended = try await server.send(
            .GET, callback + (try flow.decoded(as: Initiated.self).state))
        #expect(ended.status == 303 && ended.headers["location"].first?.contains("error=restart") == true)

        // What is bad changes nothing, and says so.
        try folder.write("workspaces: {wsp_1: {redirect_uri: [canary]}}", to: "workspaces.yaml")
        try await look("the previous ones stay active")
        #expect(try await begin("new").status == 200)
        let stale = try await server.send(.GET, "/readyz")
        #expect(stale.status == 200 && stale.body.contains(#""workspaces_stale""#), "\(stale.body)")
        let metrics = try await server.send(.GET, "/metrics", key: key)
        #expect(metrics.body.contains(#"symbolon_definition_reloads_total{outcome="refused"} 1"#))
        #expect(try await !server.log.contains("canary"))
        try folder.write(Self.workspaces("new"), to: "workspaces.yaml")
        try await look("are good again")
        #expect(try await !server.send(.GET, "/readyz").body.contains("stale"))

        // Without a signal, within a second or two.
        try FileManager.default.removeItem(atPath: "\(folder.path)/entries/other.yaml")
        try await eventually("the entry is gone") { try await begin("new", "other").status == 404 }
        await server.stop()
    }
}
