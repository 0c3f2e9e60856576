import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// A production deployment with canaille as its provider: one folder of files, and as many replicas as a test starts.
struct ProductionSite: Sendable {
    static let integrationID = "canaille"

    let folder: TemporaryFolder
    let canaille: CanailleServer
    let app: AppListener
    /// The port in the public URL, at which the first replica is to listen.
    let port: Int
    /// Keys of two workspaces, `wsp_1` and `wsp_2`.
    let key: String
    let otherKey: String

    /// - Parameters:
    ///   - workspaces: members of `wsp_1`'s entry in the file of workspaces besides its redirect URIs.
    ///   - integration: members of the integration's settings besides its client and its endpoints.
    static func make(
        store: String = "sqlite:symbolon.sqlite", workspace: String = "", integration: String = ""
    ) async throws -> ProductionSite {
        let folder = try TemporaryFolder()
        let port = try LoopbackPort.free()
        let app = try await AppListener.start()
        let canaille = try await CanailleServer.start(
            redirectURIs: [SymbolonServer.callbackURL(integrationID, port: port)])
        try await makeKeyrings(store == "none" ? ["state"] : ["state", "connections"], in: folder)
        let site = ProductionSite(
            folder: folder, canaille: canaille, app: app, port: port,
            key: try await makeKey(in: folder).text,
            otherKey: try await makeKey(workspaces: ["wsp_2"], in: folder).text)
        try folder.write(
            """
            integrations:
              \(integrationID):
                inherits: generic
                label: Canaille
                documentation: https://canaille.readthedocs.io
                token: {authentication: client_secret_post}
                default_scopes: [openid, profile, email]
            """, to: "catalog.yaml")
        try site.configure(store: store, workspace: workspace, integration: integration)
        return site
    }

    /// Writes the configuration anew, for the replicas that start after it.
    func configure(
        store: String = "sqlite:symbolon.sqlite", workspace: String = "", integration: String = "",
        redirectURI: String? = nil
    ) throws {
        let redirectURI = redirectURI ?? app.redirectURI
        try folder.write(
            """
            workspaces:
              wsp_1: {redirect_uris: ["\(redirectURI)"]\(workspace)}
              wsp_2: {redirect_uris: ["\(app.redirectURI)"]}
            """, to: "workspaces.yaml")
        let client = CanailleServer.Client.post
        try folder.write(
            """
            public_url: http://127.0.0.1:\(port)
            keyrings: {state: state.keyring\(store == "none" ? "" : ", connections: connections.keyring")}
            credentials: {api_keys: api-keys.json}
            store: \(store)
            catalog: [catalog.yaml]
            workspaces: workspaces.yaml
            providers: {allow_insecure_loopback: true}
            integrations:
              \(Self.integrationID):
                client_id: \(client.id)
                client_secret: \(client.secret)
                authorization_endpoint: \(canaille.authorizationEndpoint)
                token_endpoint: \(canaille.tokenEndpoint)\(integration)
            """, to: "symbolon.yaml")
    }

    /// Starts a replica: the first at the public URL's port, others where there is room.
    func replica(isFirst: Bool = true, arguments: [String] = []) async throws -> SymbolonServer {
        try await SymbolonServer.start(
            ["--config", "symbolon.yaml"] + arguments, in: folder, port: isFirst ? port : nil)
    }

    func initiate(
        _ server: SymbolonServer, _ members: String = "", key: String? = nil
    ) async throws -> Answer {
        let body = """
            {"integration_id": "\(Self.integrationID)", "redirect_uri": "\(app.redirectURI)"\(members)}
            """
        return try await server.send(.POST, "/api/v1/oauth/initiate", json: body, key: key ?? self.key)
    }

    /// Begins a flow at one replica and takes its user through the provider: the callback URL, at another's port.
    func authorize(
        _ server: SymbolonServer, _ members: String = "", backAt other: SymbolonServer? = nil
    ) async throws -> String {
        let initiated: ConnectStage.Initiated = try await initiate(server, members).decoded()
        let callback = try await canaille.logInAndConsent(Browser(), initiated.auth_url)
        return callback.replacing("127.0.0.1:\(port)/", with: "127.0.0.1:\((other ?? server).port)/")
    }

    /// What the app is told at the callback.
    func told(_ callback: String) async throws -> [String: String] {
        FormEncoding.query(of: try #require(try await Browser().open(callback).redirectTarget))
    }

    /// Runs a command to its end, which is to be good.
    static func run(_ arguments: [String], in folder: TemporaryFolder) async throws -> String {
        let run = try await Tool.run(SymbolonBinary.path(), arguments, in: folder)
        try #require(run.status == 0, "\(run.output)")
        return run.output
    }

    func stop(_ servers: SymbolonServer...) async throws {
        for server in servers { await server.stop() }
        await canaille.stop()
        try await app.stop()
    }
}

// MARK: Files that any deployment has

extension ProductionSite {
    struct MadeKey: Sendable {
        let text: String
        let id: String
    }

    static func makeKeyrings(
        _ purposes: [String] = ["state", "connections"], in folder: TemporaryFolder
    ) async throws {
        for purpose in purposes {
            _ = try await run(["keys", "generate", "--keyring", "\(purpose).keyring"], in: folder)
        }
    }

    /// Writes `symbolon.yaml`: the files of the deployment under their usual names, SQLite, and then `more`.
    static func writeSettings(_ more: String, port: Int, in folder: TemporaryFolder) throws {
        try folder.write(
            """
            public_url: http://127.0.0.1:\(port)
            keyrings: {state: state.keyring, connections: connections.keyring}
            credentials: {api_keys: api-keys.json}
            store: sqlite:symbolon.sqlite
            workspaces: workspaces.yaml
            \(more)
            """, to: "symbolon.yaml")
    }

    /// Puts an API key into `api-keys.json`.
    /// - Parameters:
    ///   - permissions: none: those that the command gives by itself.
    ///   - arguments: more of the command's.
    static func makeKey(
        _ permissions: [String] = [], workspaces: [String] = ["wsp_1"], arguments: [String] = [],
        in folder: TemporaryFolder
    ) async throws -> MadeKey {
        let output = try await run(
            ["api-keys", "create", "--file", "api-keys.json", "--json", "--workspace"] + workspaces
                + (permissions.isEmpty ? [] : ["--permission"] + permissions) + arguments, in: folder)
        let text = try #require(output.firstMatch(of: /"(sym_[A-Za-z0-9_-]+)"/))
        let id = try #require(output.firstMatch(of: /"(key_[A-Za-z0-9_-]+)"/))
        return MadeKey(text: String(text.output.1), id: String(id.output.1))
    }
}
