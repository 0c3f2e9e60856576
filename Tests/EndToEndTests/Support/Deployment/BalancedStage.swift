import AsyncHTTPClient
import Foundation
import NIOHTTP1
import NIOSSL
import TestSupport
import Testing

/// Two replicas in production configuration behind a load balancer with the configuration that is shipped, which a browser
/// reaches by TLS.
final class BalancedStage: Sendable {
    /// Where the bound key may come from, which is not here.
    static let elsewhere = "203.0.113.7"
    static let redirectURI = "https://app.example.com/connected"

    let folder: TemporaryFolder
    let baseURL: String
    let provider: TokenServer
    let replicas: [SymbolonServer]
    let balancer: ServerProcess
    /// Opens everything, from anywhere.
    let apiKey: String
    /// Opens the same, from ``elsewhere`` alone.
    let boundKey: String
    private let client: HTTPClient

    /// - Parameters:
    ///   - version: of HTTP, between browser and load balancer.
    ///   - place: where the load balancer publishes the service.
    init(
        _ kind: LoadBalancer, _ version: HTTPClient.Configuration.HTTPVersion = .automatic,
        at place: LoadBalancer.Place = .root
    ) async throws {
        folder = try TemporaryFolder()
        provider = try await TokenServer.start()
        let port = try LoopbackPort.free()
        baseURL = "https://127.0.0.1:\(port)\(place.path)"
        try await Self.writeSettings(publicURL: baseURL, provider: provider, to: folder)
        apiKey = try await Self.makeKey(in: folder)
        boundKey = try await Self.makeKey(["--address", "\(Self.elsewhere)/32"], in: folder)
        let arguments = ["--config", "symbolon.yaml"]
        replicas = try await [
            SymbolonServer.start(arguments, in: folder), SymbolonServer.start(arguments, in: folder),
        ]
        let certificate = try await LoopbackCertificate(in: folder)
        balancer = try kind.start(
            await kind.configuration(
                port: port, replicas: replicas.map(\.port), certificate: certificate, at: place, in: folder),
            in: folder)
        var security = TLSConfiguration.makeClientConfiguration()
        security.trustRoots = .file(certificate.certificate)
        var settings = HTTPClient.Configuration(
            tlsConfiguration: security, redirectConfiguration: .disallow)
        settings.httpVersion = version
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        try await waitForBalancer()
    }

    private static func writeSettings(
        publicURL: String, provider: TokenServer, to folder: TemporaryFolder
    ) async throws {
        let program = try SymbolonBinary.path()
        for purpose in ["state", "connections"] {
            let made = try await Tool.run(
                program, ["keys", "generate", "--keyring", "\(purpose).keyring"], in: folder)
            try #require(made.status == 0, "\(made.output)")
        }
        try folder.write(#"workspaces: {wsp_1: {redirect_uris: ["\#(redirectURI)"]}}"#, to: "workspaces.yaml")
        try folder.write(SampleCatalog.long(at: provider.url), to: "catalog.yaml")
        try folder.write(
            """
            public_url: \(publicURL)
            keyrings: {state: state.keyring, connections: connections.keyring}
            credentials: {api_keys: api-keys.json}
            store: sqlite:symbolon.sqlite
            listen: {trusted_proxies: [127.0.0.0/8]}
            workspaces: workspaces.yaml
            catalog: [catalog.yaml]
            providers: {allow_insecure_loopback: true}
            integrations: {long: {client_id: client, client_secret: secret-of-the-client}}
            """, to: "symbolon.yaml")
    }

    private static func makeKey(_ more: [String] = [], in folder: TemporaryFolder) async throws -> String {
        let arguments = ["api-keys", "create", "--file", "api-keys.json", "--workspace", "wsp_1", "--json"]
        let made = try await Tool.run(SymbolonBinary.path(), arguments + more, in: folder)
        let line = try #require(made.output.split(separator: "\n").first { $0.hasPrefix("{") })
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return try #require(object?["key"] as? String)
    }

    private func waitForBalancer() async throws {
        let isThere = try await eventually("the load balancer answers") {
            (try? await send(.GET, "/openapi.json"))?.status == 200
        }
        if !isThere { Issue.record("\(try await balancer.log)") }
    }

    /// Sends a request through the load balancer.
    func send(
        _ method: HTTPMethod, _ path: String, body: (type: String, text: String)? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: baseURL + path)
        request.method = method
        request.headers.add(name: "x-api-key", value: apiKey)
        if let body {
            request.headers.add(name: "content-type", value: body.type)
            request.body = .bytes(Array(body.text.utf8))
        }
        return try await Answer(to: request, through: client)
    }

    /// Begins a flow: its state.
    ///
    /// - Parameter members: more of the request, each after a comma.
    func initiate(_ members: String = "") async throws -> String {
        let body = #"{"integration_id": "long", "redirect_uri": "\#(Self.redirectURI)"\#(members)}"#
        let answer = try await send(.POST, "/api/v1/oauth/initiate", body: ("application/json", body))
        try #require(answer.status == 200, "\(answer.body)")
        return try answer.decoded(as: ConnectStage.Initiated.self).state
    }

    /// What a provider adds to a redirect URI, of `byteCount` octets in all.
    static func callbackQuery(state: String, code: String, byteCount: Int) -> String {
        let query = "state=\(state)&code=\(code)&session_state="
        return query + String(repeating: "x", count: max(0, byteCount - query.utf8.count))
    }

    func callBack(_ query: String) async throws -> Answer {
        try await send(.GET, "/api/v1/oauth/callback/long?\(query)")
    }

    func complete(_ ticket: String, _ secret: BindingSecret) async throws -> Answer {
        let body = #"{"ticket": "\#(ticket)", "binding_secret": "\#(secret.text)"}"#
        return try await send(.POST, "/api/v1/oauth/complete", body: ("application/json", body))
    }

    deinit {
        // A client that goes away open ends the process. Whether it was closed well is no test's concern.
        client.shutdown { _ in }
    }

    func stop() async throws {
        await balancer.stop()
        for replica in replicas { await replica.stop() }
    }
}
