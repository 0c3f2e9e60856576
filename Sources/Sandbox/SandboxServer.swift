package import ConnectPages
internal import Encodings
internal import HTTPTypes
package import Hummingbird
package import Integrations
internal import NIOCore
package import StateTokens

/// Development mode's own provider, so that a newcomer sees a whole flow in a minute.
package struct SandboxServer: Sendable {
    package static let integrationID = "sandbox"
    package static let clientID = "symbolon-development"

    private static let realm = "Bearer realm=\"sandbox\""

    private let provider: SandboxProvider
    private let pages: Pages

    /// - Parameters:
    ///   - redirectURI: the service's callback for the sandbox, the only one it knows.
    ///   - clientSecret: made at each start.
    package init(
        publicURL: Audience, redirectURI: String, clientSecret: ClientSecret, pages: Pages,
        now: @escaping @Sendable () -> Timestamp = Timestamp.now
    ) {
        self.pages = pages
        let client = SandboxClient(id: Self.clientID, secret: clientSecret.exposed, redirectURI: redirectURI)
        provider = SandboxProvider(issuer: Self.issuer(publicURL: publicURL), client: client, now: now)
    }

    /// The authorization server's endpoints under `/sandbox`.
    package func addRoutes(to router: some RouterMethods) {
        let group = router.group("sandbox")
        group.get("authorize") { request, _ in authorize(request) }
        group.post("authorize") { request, _ in try await conclude(request) }
        group.post("token") { request, _ in try await token(request) }
        group.post("revoke") { request, _ in try await revoke(request) }
        group.get("userinfo") { request, _ in userinfo(request) }
    }

    private func authorize(_ request: Request) -> Response {
        do throws(SandboxAuthorizationError) {
            guard let parameters = SandboxParameters(Array((request.uri.query ?? "").utf8)) else {
                throw .unreadable
            }
            let page = ConsentPage(try provider.consent(to: parameters), clientID: Self.clientID)
            // Chromium holds the redirects that follow a form against its policy, too: the callback and the app.
            let targets = ["'self'", "http://127.0.0.1:*", "http://localhost:*"]
            return PageResponse(pages.consent(page), formTargets: targets).response
        } catch {
            return answer(to: error)
        }
    }

    private func conclude(_ request: Request) async throws -> Response {
        let parameters = try await form(request)
        do throws(SandboxAuthorizationError) {
            guard let parameters else { throw .unreadable }
            return .redirect(try provider.conclude(parameters))
        } catch {
            return answer(to: error)
        }
    }

    private func answer(to error: SandboxAuthorizationError) -> Response {
        if let location = provider.redirect(error) { return .redirect(location) }
        return PageResponse(pages.failed(error), status: .badRequest).response
    }

    private func token(_ request: Request) async throws -> Response {
        let parameters = try await form(request)
        do throws(SandboxTokenError) {
            guard let parameters else { throw .invalidRequest("the body is not form-encoded") }
            let tokens = try provider.tokens(parameters, authorization: request.headers[.authorization])
            return .json(capacity: 512) { tokens.write(to: &$0) }
        } catch {
            return error.response
        }
    }

    private func revoke(_ request: Request) async throws -> Response {
        let parameters = try await form(request)
        do throws(SandboxTokenError) {
            guard let parameters else { throw .invalidRequest("the body is not form-encoded") }
            try provider.revoke(parameters, authorization: request.headers[.authorization])
            return Response(status: .ok, headers: [.cacheControl: "no-store"])
        } catch {
            return error.response
        }
    }

    /// RFC 6750 §3: a request without a token learns only that one is needed.
    private func userinfo(_ request: Request) -> Response {
        let parts = request.headers[.authorization]?.split(separator: " ", maxSplits: 1) ?? []
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            return Self.unauthorized(Self.realm)
        }
        guard let scopes = provider.scopes(accessToken: String(parts[1])) else {
            return Self.unauthorized("\(Self.realm), error=\"invalid_token\"")
        }
        return .json { answer in
            answer.member("sub", SandboxAccount.id)
            if scopes.contains(.profile) { answer.member("name", SandboxAccount.name) }
            if scopes.contains(.email) { answer.member("email", SandboxAccount.email) }
        }
    }

    private static func unauthorized(_ challenge: String) -> Response {
        Response(status: .unauthorized, headers: [.wwwAuthenticate: challenge, .cacheControl: "no-store"])
    }

    /// The body's parameters; `nil` unless it is a form.
    private func form(_ request: Request) async throws -> SandboxParameters? {
        let octets: [UInt8]
        do {
            let body = try await request.body.collect(upTo: SandboxParameters.byteCountLimit)
            octets = Array(body.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw HTTPError(.contentTooLarge)
        }
        let type = request.headers[.contentType]?.split(separator: ";").first?.filter { $0 != " " }
            .lowercased()
        guard type == "application/x-www-form-urlencoded" else { return nil }
        return SandboxParameters(octets)
    }
}
