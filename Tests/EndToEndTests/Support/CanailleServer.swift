import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport

/// Canaille, an OpenID Connect server that we did not write, as the provider.
final class CanailleServer: Sendable {
    enum AuthenticationMethod: String, Sendable {
        case clientSecretBasic = "client_secret_basic"
        case clientSecretPost = "client_secret_post"
        case none
    }

    struct Client: Sendable {
        let id: String
        /// Empty for a public client.
        let secret: String
        let authenticationMethod: AuthenticationMethod

        static let basic = Client(
            id: "symbolon-basic", secret: "basic:100%+&=?/\u{e9}-fixed-for-tests",
            authenticationMethod: .clientSecretBasic)
        static let post = Client(
            id: "symbolon-post", secret: "post-secret-fixed-for-these-tests",
            authenticationMethod: .clientSecretPost)
        static let `public` = Client(id: "symbolon-public", secret: "", authenticationMethod: .none)
        static let all: [Client] = [.basic, .post, .public]
    }

    struct User: Sendable {
        let name: String
        let password: String

        static let ada = User(name: "ada", password: "correct horse battery staple")
        static let charles = User(name: "charles", password: "difference & engine <2>")
    }

    let issuer: String
    let process: ServerProcess
    private let folder: TemporaryFolder

    var authorizationEndpoint: String { issuer + "/oauth/authorize" }
    var tokenEndpoint: String { issuer + "/oauth/token" }
    var revocationEndpoint: String { issuer + "/oauth/revoke" }
    var userInfoEndpoint: String { issuer + "/oauth/userinfo" }
    var discoveryDocument: String { issuer + "/.well-known/openid-configuration" }

    /// Starts a server whose clients all have `redirectURIs`; the first one ever also installs it.
    ///
    /// - Parameter port: from `LoopbackPort.free()`, where the redirect URIs depend on it; 0 for any.
    static func start(
        redirectURIs: [String], tokenLifetime: Int = 3600, port: Int = 0
    ) async throws -> CanailleServer {
        let folder = try TemporaryFolder()
        let process = try ServerProcess(
            "/usr/bin/env",
            ["python3", ServerScript.path("canaille-server.py"), "--port", String(port)]
                + ["--parent", String(ProcessInfo.processInfo.processIdentifier)]
                + ["--token-lifetime", String(tokenLifetime)]
                + redirectURIs.flatMap { ["--redirect-uri", $0] },
            environment: ["TMPDIR": folder.path],
            workingDirectory: folder.url, logFile: folder.url.appending(path: "log"))
        let ready = try await process.waitForLine(within: .seconds(300)) { $0.hasPrefix("ready http") }
        return CanailleServer(issuer: String(ready.dropFirst("ready ".count)), process, folder)
    }

    private init(issuer: String, _ process: ServerProcess, _ folder: TemporaryFolder) {
        self.issuer = issuer
        self.process = process
        self.folder = folder
    }

    func stop() async { await process.stop() }

    /// A client of a test's own (RFC 7591), for which nobody has given consent yet.
    func register(
        redirectURIs: [String], authenticationMethod: AuthenticationMethod = .clientSecretBasic
    ) async throws -> Client {
        let metadata = Registration(
            redirect_uris: redirectURIs, token_endpoint_auth_method: authenticationMethod.rawValue)
        var request = HTTPClientRequest(url: issuer + "/oauth/register")
        request.method = .POST
        request.headers = ["content-type": "application/json"]
        request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(metadata)))
        let registered = try await Answer(to: request).decoded(as: Registered.self)
        return Client(
            id: registered.client_id, secret: registered.client_secret ?? "",
            authenticationMethod: authenticationMethod)
    }
}

/// RFC 7591 §2.
private struct Registration: Encodable {
    let redirect_uris: [String]
    let token_endpoint_auth_method: String
    let client_name = "registered by a test"
    let grant_types = ["authorization_code", "refresh_token"]
    let response_types = ["code"]
    let scope = "openid profile email address phone groups"
}

private struct Registered: Decodable {
    let client_id: String
    let client_secret: String?
}
