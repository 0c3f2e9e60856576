#if PostgreSQL
import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// Several replicas of one production deployment: canaille as the provider, PostgreSQL as the store.
///
/// No balancer stands before them. The public URL is the first one's, and a callback is delivered to another one by its
/// port.
struct ReplicaStage: Sendable {
    static let integrationID = "canaille"
    static let redirectURI = "https://app.example.com/connected"

    let postgreSQL: PostgreSQLServer
    let canaille: CanailleServer
    let replicas: [SymbolonServer]
    let apiKey: String
    private let keyID: String
    private let folder: TemporaryFolder
    private let storeURL: String

    static func start(count: Int = 3, tokenLifetime: Int = 3600) async throws -> ReplicaStage {
        let ports = try (0..<count).map { _ in try LoopbackPort.free() }
        async let canaille = CanailleServer.start(
            redirectURIs: [SymbolonServer.callbackURL(integrationID, port: ports[0])],
            tokenLifetime: tokenLifetime)
        let postgreSQL = try await PostgreSQLServer.start()
        return try await ReplicaStage(postgreSQL, canaille, ports)
    }

    private init(
        _ postgreSQL: PostgreSQLServer, _ canaille: CanailleServer, _ ports: [Int]
    ) async throws {
        self.postgreSQL = postgreSQL
        self.canaille = canaille
        folder = try TemporaryFolder()
        storeURL = try await postgreSQL.makeSchema()
        try await ProductionSite.makeKeyrings(in: folder)
        let key = try await ProductionSite.makeKey(in: folder)
        apiKey = key.text
        keyID = key.id
        try folder.write(
            #"workspaces: {wsp_1: {redirect_uris: ["\#(Self.redirectURI)"]}}"#, to: "workspaces.yaml")
        try folder.write(
            """
            integrations:
              \(Self.integrationID):
                inherits: generic
                label: Canaille
                documentation: https://canaille.readthedocs.io
                token: {authentication: client_secret_basic}
                refresh: {mode: rotates}
                default_scopes: [openid, profile, email]
            """, to: "catalog.yaml")
        try folder.write(
            """
            public_url: http://127.0.0.1:\(ports[0])
            keyrings: {state: state.keyring, connections: connections.keyring}
            credentials: {api_keys: api-keys.json}
            catalog: [catalog.yaml]
            providers: {allow_insecure_loopback: true}
            workspaces: workspaces.yaml
            """, to: "symbolon.yaml")
        var replicas: [SymbolonServer] = []
        for port in ports {
            replicas.append(
                try await SymbolonServer.start(
                    ["--config", "symbolon.yaml"], environment: Self.environment(storeURL, canaille),
                    in: folder, port: port))
        }
        self.replicas = replicas
    }

    /// The password comes by the environment.
    private static func environment(_ storeURL: String, _ canaille: CanailleServer) -> [String: String] {
        let prefix = "SYMBOLON_INTEGRATIONS_CANAILLE_"
        return [
            "SYMBOLON_STORE": storeURL, prefix + "CLIENT_ID": CanailleServer.Client.basic.id,
            prefix + "CLIENT_SECRET": CanailleServer.Client.basic.secret,
            prefix + "ISSUER": canaille.issuer,
        ]
    }

    // MARK: Steps

    /// Begins a flow at a replica, and waits for the issuer to be discovered if it was not yet.
    func initiate(at replica: Int = 0) async throws -> String {
        let body =
            #"{"integration_id": "\#(Self.integrationID)", "redirect_uri": "\#(Self.redirectURI)", "new": true}"#
        var answer = try await send(.POST, "/api/v1/oauth/initiate", json: body, to: replica)
        for _ in 0..<100 where answer.status == 409 {
            try await Task.sleep(for: .milliseconds(100))
            answer = try await send(.POST, "/api/v1/oauth/initiate", json: body, to: replica)
        }
        try #require(answer.status == 200, "\(answer.body)")
        return try answer.decoded(as: ConnectStage.Initiated.self).auth_url
    }

    /// The path and query of a callback that is not yet delivered to any replica.
    func authorize(_ browser: Browser = Browser()) async throws -> String {
        let url = try await canaille.logInAndConsent(browser, try await initiate())
        return String(url.dropFirst(replicas[0].baseURL.count))
    }

    /// A whole flow: the id of its connection.
    func connect() async throws -> String {
        let answer = try await send(.GET, try await authorize(), to: 0)
        try #require(answer.status == 303, "\(answer.body)")
        let told = FormEncoding.query(of: try #require(answer.headers.first(name: "location")))
        return try #require(told["connection_id"])
    }

    func send(
        _ method: HTTPMethod, _ path: String, json: String? = nil, to replica: Int
    ) async throws -> Answer {
        try await replicas[replica].send(method, path, json: json, key: apiKey)
    }

    func connections() async throws -> [ConnectStage.Connection] {
        try await send(.GET, "/api/v1/connections?limit=1000", to: 0).decoded(as: ConnectStage.Page.self)
            .data
    }

    /// Revokes the API key, in the file that all replicas read.
    func revokeKey() async throws {
        _ = try await ProductionSite.run(
            ["api-keys", "revoke", keyID, "--file", "api-keys.json"], in: folder)
    }

    /// How many requests came to the token endpoint, by its own record.
    /// What the store answers: one line a row.
    @discardableResult
    func query(_ sql: String) async throws -> String { try await postgreSQL.query(sql, at: storeURL) }

    func tokenRequestCount() async throws -> Int {
        try await canaille.process.log.components(separatedBy: "POST /oauth/token ").count - 1
    }

    func stop() async {
        for replica in replicas { await replica.stop() }
        await canaille.stop()
        await postgreSQL.stop()
    }
}
#endif
