import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension AppListener {
    var origin: String { String(redirectURI.dropLast("/oauth/done".count)) }
}

/// A deployment whose workspace has origins and a look of its own, and a provider that asks nothing.
final class ConnectPageStage: Sendable {
    let baseURL: String
    let apiKey: String
    let provider: TokenServer
    let server: SymbolonServer

    /// - Parameters:
    ///   - look: more of the workspace's entry.
    ///   - catalog: further entries after `long`; `PROVIDER` in them stands for the provider's URL, and each gets a client.
    init(
        origins: [String] = [], look: String = "", catalog: [String: String] = [:]
    ) async throws {
        let port = try LoopbackPort.free()
        let url = "http://127.0.0.1:\(port)"
        let provider = try await TokenServer.start()
        let client = "client_id: client, client_secret: secret-of-the-client"
        let deployment = try await ConfigurationTests.Deployment(port: port) { settings in
            settings["public_url"] = url
            settings["catalog"] = "[catalog.yaml]"
            settings["providers"] = "{allow_insecure_loopback: true}"
            let others = catalog.keys.sorted().map { ", \($0): {\(client)}" }
            settings["integrations"] = "{long: {\(client), logo: logo.svg}\(others.joined())}"
        }
        try deployment.folder.write(
            "workspaces: {wsp_1: {redirect_uris: [https://app.example.com/done], origins: [\(origins.joined(separator: ", "))]"
                + "\(look.isEmpty ? "" : ", ")\(look)}}", to: "workspaces.yaml")
        try deployment.folder.write(
            #"<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle cx="20" cy="20" r="20"/></svg>"#,
            to: "logo.svg")
        let entries = catalog.sorted { $0.key < $1.key }.map {
            $0.value.replacing("PROVIDER", with: provider.url)
        }
        try deployment.folder.write(
            ([SampleCatalog.long(at: provider.url)] + entries).joined(separator: "\n"), to: "catalog.yaml")
        server = try await SymbolonServer.start(
            ["--config", "symbolon.yaml"], in: deployment.folder, port: port)
        self.provider = provider
        apiKey = deployment.apiKey
        baseURL = url
    }

    /// A session's page, made by a key of its own.
    ///
    /// - Parameter members: further members of the request's JSON.
    func connectURL(_ permissions: [String], _ members: String = "") async throws -> String {
        struct Session: Decodable { let connect_url: String }
        let key = try await ProductionSite.makeKey(permissions, in: server.folder).text
        func create() async throws -> Answer {
            try await server.send(
                .POST, "/api/v1/connect/sessions", json: #"{"user_id": "ada"\#(members)}"#, key: key)
        }
        // The key is in force once the file has been read again.
        var answer = try await create()
        for _ in 0..<100 where answer.status == 401 {
            try await Task.sleep(for: .milliseconds(50))
            answer = try await create()
        }
        try #require(answer.status == 200, "\(answer.body)")
        return try answer.decoded(as: Session.self).connect_url
    }

    /// Ends a flow at its provider, where its window is, and answers our page where it asks.
    func finish(_ flow: ChromiumTab, _ integration: String = "long", asks: Bool = true) async throws {
        let state = try #require(FormEncoding.query(of: try await flow.url())["state"])
        try await flow.open("\(server.callbackURL(integration))?code=the-code&state=\(state)")
        if asks { try await flow.press("button[value=yes]") }
    }

    func stop() async { await server.stop() }
}
