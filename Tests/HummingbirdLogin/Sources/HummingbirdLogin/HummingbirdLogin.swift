import Foundation
import FoundationNetworking
import Hummingbird
import Keyrings
import StateTokens

/// Logs users in at an OAuth provider, and stores no login that is under way: it is in the `state`, sealed.
@main struct HummingbirdLogin {
    let codec: StateTokenCodec
    let settings = Environment()

    static func main() async throws {
        let app = try HummingbirdLogin()
        let router = Router()
        router.get("/login") { _, _ in try app.begin() }
        router.get("/callback") { request, _ in try await app.complete(request) }
        let port = app.settings.get("PORT", as: Int.self) ?? 3000
        try await Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port))
        )
        .runService()
    }

    /// The keyring is a file that all replicas share. The first start makes it.
    init() throws {
        let path = try settings.require("KEYRING")
        if !FileManager.default.fileExists(atPath: path) {
            try KeyringFile.create(.make(purpose: .state), at: path)
        }
        guard let audience = Audience(publicURL: try settings.require("PUBLIC_URL")) else {
            throw HTTPError(.internalServerError, message: "PUBLIC_URL is no URL")
        }
        let keyring = KeyringReference(try KeyringFile.load(path, purpose: .state))
        codec = StateTokenCodec(sealer: Sealer(keyring), audience: audience)
    }

    /// Seals what the callback has to know, and sends the user to the provider.
    func begin() throws -> Response {
        let verifier = try codec.makeCodeVerifier()
        let secret = try codec.makeCodeVerifier().text
        let state = FlowState(
            issuedAt: .now(), integrationID: "provider", fingerprint: 0, workspaceID: "app",
            codeVerifier: verifier, binding: Binding(secret: secret))
        var url = URLComponents(string: try settings.require("AUTHORIZATION_ENDPOINT"))
        url?.queryItems = [
            "response_type": "code", "client_id": try settings.require("CLIENT_ID"),
            "redirect_uri": try settings.require("PUBLIC_URL") + "/callback", "scope": "openid",
            "state": try codec.encode(state).text, "code_challenge": verifier.codeChallenge,
            "code_challenge_method": "S256",
        ].map(URLQueryItem.init)
        var response = Response.redirect(to: url?.string ?? "/")
        // Ties the login to this browser: a stranger's callback URL has another secret in its state.
        response.setCookie(cookie(secret, maximumAge: 600))
        return response
    }

    /// Opens the state, and exchanges the code with the verifier that was in it.
    func complete(_ request: Request) async throws -> Response {
        let parameters = request.uri.queryParameters
        let state: FlowState
        do throws(StateTokenError) {
            state = try codec.verify(parameters["state"].map(String.init) ?? "").state
        } catch {
            switch error {
            case .expired: throw HTTPError(.gone, message: "This took too long. Begin again at /login.")
            case .unavailable: throw HTTPError(.serviceUnavailable)
            default: throw HTTPError(.badRequest, message: "This is no login of ours. Begin again at /login.")
            }
        }
        guard let secret = request.cookies["login"]?.value, Binding(secret: secret) == state.binding else {
            throw HTTPError(.forbidden, message: "Another browser began this login.")
        }
        guard let code = parameters["code"], let verifier = state.codeVerifier else {
            throw HTTPError(.badRequest, message: "The provider did not log you in.")
        }
        let token = try await exchange(String(code), verifier)
        // Here an app asks the provider who that is, and begins a session of its own.
        var response = Response(
            status: .ok, body: .init(byteBuffer: .init(string: "Logged in: \(token.count) octets.")))
        response.setCookie(cookie("", maximumAge: 0))
        return response
    }

    /// The token request (RFC 6749 §4.1.3).
    func exchange(_ code: String, _ verifier: CodeVerifier) async throws -> Data {
        guard let url = URL(string: try settings.require("TOKEN_ENDPOINT")) else { throw URLError(.badURL) }
        var form = URLComponents()
        form.queryItems = [
            "grant_type": "authorization_code", "code": code, "code_verifier": verifier.text,
            "client_id": try settings.require("CLIENT_ID"),
            "redirect_uri": try settings.require("PUBLIC_URL") + "/callback",
        ].map(URLQueryItem.init)
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type")
        request.httpBody = form.percentEncodedQuery.map { Data($0.replacing("+", with: "%2B").utf8) }
        let (token, response) = try await URLSession.shared.data(for: request)
        guard (response as? HTTPURLResponse)?.statusCode == 200 else {
            throw HTTPError(
                .badGateway, message: "The provider did not take the code. Begin again at /login.")
        }
        return token
    }

    func cookie(_ value: String, maximumAge: Int) -> Cookie {
        Cookie(
            name: "login", value: value, maxAge: maximumAge, path: "/callback",
            secure: settings.get("PUBLIC_URL")?.hasPrefix("https:") == true, httpOnly: true, sameSite: .lax)
    }
}
