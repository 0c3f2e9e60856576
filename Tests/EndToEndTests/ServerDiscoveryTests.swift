import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// Whole flows at a server that the initiate request names, and that we did not write.
@Suite("Flows at servers that connections name", .timeLimit(.minutes(5))) struct ServerDiscoveryTests {
    private struct Shown: Decodable {
        let redirect_uri: String
    }

    /// The provider comes up only when it is asked for: its redirect URI depends on its own port.
    private static func site(
        _ client: CanailleServer.Client
    ) async throws -> (symbolon: SymbolonServer, app: AppListener, providerPort: Int) {
        let port = try LoopbackPort.free()
        let providerPort = try LoopbackPort.free()
        let folder = try TemporaryFolder()
        let catalog = try folder.write(
            """
            integrations:
              forge:
                label: Forge
                documentation: https://canaille.readthedocs.io
                discovery: oidc
                parameters: {server: {kind: url, client_host: true}}
                token: {authentication: \(client.authenticationMethod.rawValue)}
                refresh: {mode: rotates}
                default_scopes: [openid, profile, email]
                required_scopes: [openid]
                account: {id: claims.sub}
            """, to: "catalog.yaml")
        var variables = [
            "SYMBOLON_CATALOG": catalog, "SYMBOLON_INTEGRATIONS_FORGE_CLIENT_ID": client.id,
        ]
        if !client.secret.isEmpty {
            variables["SYMBOLON_INTEGRATIONS_FORGE_CLIENT_SECRET"] = client.secret
            variables["SYMBOLON_INTEGRATIONS_FORGE_HOST"] = "http://127.0.0.1:\(providerPort)"
        }
        let symbolon = try await SymbolonServer.start(environment: variables, in: folder, port: port)
        return (symbolon, try await AppListener.start(), providerPort)
    }

    private func initiate(
        _ symbolon: SymbolonServer, _ app: AppListener, _ server: String
    ) async throws -> Answer {
        let body = """
            {"integration_id": "forge", "redirect_uri": "\(app.redirectURI)", "params": {"server": "\(server)"}}
            """
        return try await symbolon.send(
            .POST, "/api/v1/oauth/initiate", json: body, key: try symbolon.apiKey())
    }

    @Test(arguments: CanailleServer.Client.all.map(\.id))
    func `a flow is exchanged, refreshed and ended where the server's document says`(_ id: String)
        async throws
    {
        let client = try #require(CanailleServer.Client.all.first { $0.id == id })
        let (symbolon, app, providerPort) = try await Self.site(client)
        let key = try symbolon.apiKey()
        let server = "http://127.0.0.1:\(providerPort)"
        // Nothing is there yet, and the answer says so.
        let early = try await initiate(symbolon, app, server)
        #expect(early.status == 502 && early.body.contains("provider_error"), "\(early.body)")
        let shown: Shown = try await symbolon.send(
            .GET, "/api/v1/integrations/forge?param=server:\(server)", key: key
        ).decoded()
        let canaille = try await CanailleServer.start(redirectURIs: [shown.redirect_uri], port: providerPort)
        #expect(canaille.issuer == server)
        var answer = early
        for _ in 0..<100 where answer.status != 200 {
            try await Task.sleep(for: .milliseconds(100))
            answer = try await initiate(symbolon, app, server)
        }
        let begun: ConnectStage.Initiated = try answer.decoded()
        #expect(begun.auth_url.hasPrefix(canaille.authorizationEndpoint + "?"))
        #expect(FormEncoding.query(of: begun.auth_url)["redirect_uri"] == shown.redirect_uri)
        let callback = try await canaille.logInAndConsent(Browser(), begun.auth_url)
        let page = try await Browser().open(callback)
        let told = FormEncoding.query(of: try #require(page.redirectTarget, "\(page.body)"))
        #expect(told["status"] == "success", "\(told)")
        let connection = try #require(told["connection_id"])
        let refreshed = try await symbolon.send(.POST, "/api/v1/oauth/refresh/\(connection)", key: key)
        #expect(refreshed.status == 200, "\(refreshed.body)")
        let ended = try await symbolon.send(.DELETE, "/api/v1/connections/\(connection)", key: key)
        #expect(ended.status == 200 && ended.body.contains("revoked"), "\(ended.body)")
        // Another server, of which this client is not.
        if !client.secret.isEmpty {
            let other = try await initiate(symbolon, app, "http://127.0.0.1:\(try LoopbackPort.free())")
            #expect(other.status == 422 && other.body.contains("invalid_params"), "\(other.body)")
        }
        await symbolon.stop()
        await canaille.stop()
        try await app.stop()
    }
}
