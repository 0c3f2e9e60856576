import AsyncHTTPClient
import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// An authorization server of another project, symbolon in development mode with every kind of client there, and an
/// app.
struct ServerStage: Sendable {
    typealias Client = AuthorizationServer.Client

    let provider: RunningAuthorizationServer
    let symbolon: SymbolonServer
    let app: AppListener

    /// An integration of the stage: which client it is, and how it finds the server.
    struct Integration: Sendable {
        let id: String
        let client: Client
        let discovers: Bool
    }

    /// Each client by the issuer's document, and again by URLs that are set by hand.
    static let integrations: [Integration] = Client.all.flatMap { client in
        let name = client.id.replacing("symbolon-", with: "")
        return [
            Integration(id: "\(name)-discovered", client: client, discovers: true),
            Integration(id: "\(name)-by-hand", client: client, discovers: false),
        ]
    }

    static func start(_ server: AuthorizationServer) async throws -> ServerStage {
        let app = try await AppListener.start()
        let port = try LoopbackPort.free()
        let ids = integrations.map(\.id) + ["wrong-secret", "form-post"]
        let provider = try await server.start(
            redirectURIs: ids.map { SymbolonServer.callbackURL($0, port: port) })
        let folder = try TemporaryFolder()
        let mode = server.features.contains(.rotation) ? "rotates" : "stable"
        var settings = "integrations:\n"
        func add(_ id: String, _ client: Client, discovers: Bool, secret: String? = nil, _ more: String = "")
        {
            let method = client.authenticationMethod
            let ownSecret = method == .clientSecretBasic ? server.basicSecret : nil
            let secret = secret ?? ownSecret ?? client.secret
            let authentication = method == .clientSecretBasic ? server.basic : method.rawValue
            var lines = [
                "inherits: generic", "client_id: \(client.id)",
                "client_authentication: \(authentication)", "pkce: required",
                "refresh: {mode: \(mode)}", "default_scopes: [openid, profile, email, offline_access]",
                "authorization: {parameters: {prompt: consent\(more)}}",
            ]
            if !secret.isEmpty { lines.append("client_secret: '\(secret)'") }
            lines +=
                discovers
                ? ["issuer: \(provider.issuer)"]
                : [
                    "authorization_endpoint: \(provider.authorizationEndpoint)",
                    "token_endpoint: \(provider.tokenEndpoint)",
                ]
            if let endpoint = provider.revocationEndpoint,
                !discovers || !server.features.contains(.revocationInDocument)
            {
                lines.append("revocation_endpoint: \(endpoint)")
            }
            settings += "  \(id):\n" + lines.map { "    \($0)\n" }.joined()
        }
        for integration in integrations {
            add(integration.id, integration.client, discovers: integration.discovers)
        }
        add("wrong-secret", .basic, discovers: false, secret: "wrong")
        add(
            "form-post", .post, discovers: server.features.contains(.issuerPromised),
            ", response_mode: form_post")
        let configuration = try folder.write(settings, to: "symbolon.yaml")
        let symbolon = try await SymbolonServer.start(["--config", configuration], in: folder, port: port)
        return ServerStage(provider: provider, symbolon: symbolon, app: app)
    }

    func initiate(_ integrationID: String) async throws -> ConnectStage.Initiated {
        let body = #"{"integration_id": "\#(integrationID)", "redirect_uri": "\#(app.redirectURI)"}"#
        var answer = try await send(.POST, "/api/v1/oauth/initiate", json: body)
        try await eventually("the issuer's document is read") {
            if answer.status == 409 { answer = try await send(.POST, "/api/v1/oauth/initiate", json: body) }
            return answer.status != 409
        }
        if answer.status != 200 {
            Issue.record("\(integrationID): \(answer.body)\n\(try await symbolon.log)")
        }
        return try answer.decoded()
    }

    /// Begins a flow and takes its user through the server, who accepts.
    func authorize(_ integrationID: String, denying: Bool = false) async throws
        -> RunningAuthorizationServer.Callback
    {
        try await provider.authorize(
            Browser(), try await initiate(integrationID).auth_url,
            pressing: denying ? provider.server.deny : provider.server.allow)
    }

    /// What the app is told after `callback`.
    func deliver(_ callback: RunningAuthorizationServer.Callback) async throws -> [String: String] {
        let page = try await callback.deliver(Browser())
        if page.status != 303 { Issue.record("\(page.body)\n\(try await symbolon.log)") }
        return FormEncoding.query(of: try #require(page.redirectTarget))
    }

    /// A whole flow, which must succeed: the id of the connection.
    func connect(_ integrationID: String) async throws -> String {
        let told = try await deliver(try await authorize(integrationID))
        if told["connection_id"] == nil {
            Issue.record(
                "\(integrationID): \(told)\n\(try await symbolon.log)\n\(try await provider.process.log)")
        }
        return try #require(told["connection_id"])
    }

    func token(of id: String) async throws -> String {
        let answer = try await send(.GET, "/api/v1/connections/\(id)/token")
        try #require(answer.status == 200, "\(answer.body)")
        return try answer.decoded(as: ConnectStage.Token.self).access_token
    }

    /// What the server says to `token` at its user info endpoint.
    func userInfo(_ token: String) async throws -> Answer {
        var request = HTTPClientRequest(url: provider.userInfoEndpoint)
        request.headers = ["authorization": "Bearer \(token)"]
        return try await Answer(to: request)
    }

    func send(_ method: HTTPMethod, _ path: String, json: String? = nil) async throws -> Answer {
        try await symbolon.send(method, path, json: json, key: try symbolon.apiKey())
    }

    func stop() async throws {
        await symbolon.stop()
        await provider.stop()
        try await app.stop()
    }
}
