import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// A whole stage: canaille as the provider, symbolon in development mode between, and an app that waits for its users.
struct ConnectStage: Sendable {
    let canaille: CanailleServer
    let symbolon: SymbolonServer
    let app: AppListener
    let integrationID: String

    /// Starts all three. The client is configured as its authentication method needs it.
    ///
    /// - Parameter discovers: whether the integration is configured by its issuer, or by two URLs.
    static func start(
        client: CanailleServer.Client = .basic, discovers: Bool = true, tokenLifetime: Int = 3600,
        secret: String? = nil, environment: [String: String] = [:]
    ) async throws -> ConnectStage {
        let app = try await AppListener.start()
        let port = try LoopbackPort.free()
        let integrationID = "canaille"
        let canaille = try await CanailleServer.start(
            redirectURIs: [SymbolonServer.callbackURL(integrationID, port: port)],
            tokenLifetime: tokenLifetime)
        let folder = try TemporaryFolder()
        let catalog = try folder.write(
            """
            integrations:
              \(integrationID):
                inherits: generic
                label: Canaille
                documentation: https://canaille.readthedocs.io
                token: {authentication: \(client.authenticationMethod.rawValue)}
                refresh: {mode: rotates}
                default_scopes: [openid, profile, email]
            """, to: "catalog.yaml")
        let prefix = "SYMBOLON_INTEGRATIONS_CANAILLE_"
        var variables = environment
        variables["SYMBOLON_CATALOG"] = catalog
        variables[prefix + "CLIENT_ID"] = client.id
        if !client.secret.isEmpty { variables[prefix + "CLIENT_SECRET"] = secret ?? client.secret }
        if discovers {
            variables[prefix + "ISSUER"] = canaille.issuer
        } else {
            variables[prefix + "AUTHORIZATION_ENDPOINT"] = canaille.authorizationEndpoint
            variables[prefix + "TOKEN_ENDPOINT"] = canaille.tokenEndpoint
        }
        let symbolon = try await SymbolonServer.start(environment: variables, in: folder, port: port)
        if discovers {
            // An initiate before that is a 409, and would be counted, too.
            try await symbolon.ready(within: .seconds(20)) {
                !$0.degraded.contains("discovery:\(integrationID)")
            }
        }
        return ConnectStage(canaille: canaille, symbolon: symbolon, app: app, integrationID: integrationID)
    }

    /// What `POST /api/v1/oauth/initiate` answers.
    struct Initiated: Decodable {
        let auth_url: String
        let state: String
        let integration_id: String
    }

    func initiate(_ members: String = "") async throws -> Initiated {
        let body =
            #"{"integration_id": "\#(integrationID)", "redirect_uri": "\#(app.redirectURI)"\#(members)}"#
        let answer = try await send(.POST, "/api/v1/oauth/initiate", json: body)
        try #require(answer.status == 200, "\(answer.body)")
        return try answer.decoded()
    }

    /// Begins a flow and takes its user through the provider: the callback URL, not yet visited.
    func authorize(_ members: String = "", _ browser: Browser = Browser()) async throws -> String {
        try await canaille.logInAndConsent(browser, try await initiate(members).auth_url)
    }

    /// A whole flow: what the app is told.
    func connect(_ members: String = "") async throws -> [String: String] {
        let page = try await Browser().open(try await authorize(members))
        try #require(page.status == 303, "\(page.body)")
        return FormEncoding.query(of: try #require(page.redirectTarget))
    }

    func send(_ method: HTTPMethod, _ path: String, json: String? = nil) async throws -> Answer {
        try await symbolon.send(method, path, json: json, key: try symbolon.apiKey())
    }

    struct Connection: Decodable {
        let id: String
        let status: String
        let integration: String
        let revision: Int
        let scopes_granted: [String]
        let flow_id: String
        let label: String
    }

    struct Page: Decodable {
        let data: [Connection]
    }

    func connections() async throws -> [Connection] {
        try await send(.GET, "/api/v1/connections").decoded(as: Page.self).data
    }

    struct Token: Decodable {
        let access_token: String
        let token_type: String
        let scope: String?
    }

    func token(of id: String) async throws -> Token {
        let answer = try await send(.GET, "/api/v1/connections/\(id)/token")
        try #require(answer.status == 200, "\(answer.body)")
        return try answer.decoded()
    }

    func stop() async throws {
        await symbolon.stop()
        await canaille.stop()
        try await app.stop()
    }
}
