import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Integrations
import StateTokens
import Testing

@testable import ConnectPages
@testable import Sandbox

@Suite("Sandbox routes") struct SandboxRouteTests {
    private let formType: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]

    private var referrerPolicy: HTTPField.Name {
        get throws { try #require(HTTPField.Name("Referrer-Policy")) }
    }

    private func withSandbox(_ test: @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        let router = Router()
        SandboxServer(
            publicURL: try #require(Audience(publicURL: "http://127.0.0.1:8080")),
            redirectURI: sandboxRedirectURI,
            clientSecret: ClientSecret(SandboxBench.secret), pages: try Pages()
        ).addRoutes(to: router)
        try await Application(router: router).test(.router, test)
    }

    private func consentForm(_ client: any TestClientProtocol) async throws -> Fields {
        let page = try await get(client, SandboxBench.authorizationRequest)
        let value = try #require(text(page).firstMatch(of: /name="one_time_value" value="([^"]+)"/)).1
        return SandboxBench.authorizationRequest + [("one_time_value", String(value))]
    }

    private func get(_ client: any TestClientProtocol, _ query: Fields) async throws -> TestResponse {
        try await client.execute(uri: "/sandbox/authorize?\(query.form)", method: .get)
    }

    private func post(
        _ client: any TestClientProtocol, _ path: String, _ fields: Fields
    ) async throws -> TestResponse {
        try await client.execute(
            uri: "/sandbox/\(path)", method: .post, headers: formType, body: ByteBuffer(string: fields.form))
    }

    private func text(_ response: TestResponse) -> String { String(buffer: response.body) }

    private func tokens(_ client: any TestClientProtocol) async throws -> [String: Any] {
        let form = try await consentForm(client).setting("answer", "allow")
        let location = try #require(try await post(client, "authorize", form).headers[.location])
        let code = try #require(try SandboxBench.query(location)["code"])
        let answer = try await post(client, "token", SandboxBench.exchange(code))
        #expect(answer.status == .ok)
        #expect(answer.headers[.cacheControl] == "no-store")
        return try #require(
            try JSONSerialization.jsonObject(with: Data(text(answer).utf8)) as? [String: Any])
    }

    @Test func `the page names what is asked for, and its form may lead to the app`() async throws {
        try await withSandbox { client in
            let page = try await get(client, SandboxBench.authorizationRequest)
            #expect(page.status == .ok)
            for part in [
                "symbolon-development", "See your name", "See your email address", sandboxRedirectURI,
            ] {
                #expect(text(page).contains(part), "\(part)")
            }
            let policy = try #require(page.headers[.contentSecurityPolicy])
            #expect(policy.contains("form-action 'self' http://127.0.0.1:* http://localhost:*"))
            #expect(policy.hasPrefix("default-src 'none'; "))
            #expect(page.headers[.cacheControl] == "no-store")
            // Else a browser would call the form's origin `null`, which development mode does not let in.
            #expect(try page.headers[referrerPolicy] == "same-origin")
        }
    }

    @Test func `S15 the answer is a 303 that no cache keeps and that says nothing of where the user was`()
        async throws
    {
        try await withSandbox { client in
            for answer in ["allow", "deny"] {
                let form = try await consentForm(client).setting("answer", answer)
                let response = try await post(client, "authorize", form)
                #expect(response.status == .seeOther)
                #expect(response.headers[.location]?.hasPrefix(sandboxRedirectURI + "?") == true)
                #expect(response.headers[.cacheControl] == "no-store")
                #expect(try response.headers[referrerPolicy] == "no-referrer")
            }
        }
    }

    @Test(arguments: hostileTexts)
    func `S14 nothing that was sent comes back as markup, and nobody is redirected`(_ text: String)
        async throws
    {
        try await withSandbox { client in
            let marked = SandboxBench.authorizationRequest.setting("state", text)
            if text.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) {
                let page = try await get(client, marked)
                let plain = try await get(client, SandboxBench.authorizationRequest)
                #expect(
                    !hasOtherMarkup(Page(html: self.text(page)), than: Page(html: self.text(plain))))
            }
            for name in ["client_id", "redirect_uri"] {
                let page = try await get(client, SandboxBench.authorizationRequest.setting(name, text))
                #expect(page.status == .badRequest)
                #expect(page.headers[.location] == nil)
                #expect(!self.text(page).contains(text))
                #expect(page.headers[.contentSecurityPolicy]?.hasSuffix("form-action 'none'") == true)
            }
        }
    }

    @Test func `other faults redirect by 303`() async throws {
        try await withSandbox { client in
            let response = try await get(client, SandboxBench.authorizationRequest.setting("scope", "admin"))
            #expect(response.status == .seeOther)
            let location = try #require(response.headers[.location])
            #expect(try SandboxBench.query(location)["error"] == "invalid_scope")
        }
    }

    @Test func `a query or a body that cannot be read gets a page or an error`() async throws {
        try await withSandbox { client in
            #expect(try await client.execute(uri: "/sandbox/authorize?%", method: .get).status == .badRequest)
            for path in ["authorize", "token", "revoke"] {
                for body in ["{}", "a=%zz"] {
                    let answer = try await client.execute(
                        uri: "/sandbox/\(path)", method: .post, headers: formType,
                        body: ByteBuffer(string: body))
                    #expect(answer.status == .badRequest)
                }
                let other = try await client.execute(
                    uri: "/sandbox/\(path)", method: .post, headers: [.contentType: "application/json"],
                    body: ByteBuffer(string: SandboxBench.exchange("x").form))
                #expect(other.status == .badRequest)
                let huge = try await client.execute(
                    uri: "/sandbox/\(path)", method: .post, headers: formType,
                    body: ByteBuffer(string: "a=" + String(repeating: "x", count: 16_384)))
                #expect(huge.status == .contentTooLarge)
            }
        }
    }

    @Test func `tokens come with their lifetime, scopes and account`() async throws {
        try await withSandbox { client in
            let tokens = try await tokens(client)
            #expect(tokens["token_type"] as? String == "Bearer")
            #expect(tokens["expires_in"] as? Int == 300)
            #expect(tokens["scope"] as? String == "profile email")
            let account = try #require(tokens["account"] as? [String: String])
            #expect(Set(account.keys) == ["id", "label"])
        }
    }

    @Test func `errors of the token endpoint are JSON with the RFC's names`() async throws {
        try await withSandbox { client in
            let exchange = SandboxBench.exchange("unknown")
            let grant = try await post(client, "token", exchange)
            #expect(grant.status == .badRequest)
            #expect(text(grant).contains("\"error\":\"invalid_grant\""))
            #expect(grant.headers[.cacheControl] == "no-store")
            let secret = try await post(client, "token", exchange.setting("client_secret", "wrong"))
            #expect(secret.status == .unauthorized)
            #expect(secret.headers[.wwwAuthenticate] == "Basic realm=\"sandbox\"")
            #expect(text(secret).contains("\"error\":\"invalid_client\""))
        }
    }

    @Test func `userinfo takes an access token until it is revoked`() async throws {
        try await withSandbox { client in
            let tokens = try await tokens(client)
            let access = try #require(tokens["access_token"] as? String)
            func userinfo(_ authorization: String?) async throws -> TestResponse {
                let headers: HTTPFields = authorization.map { [.authorization: $0] } ?? [:]
                return try await client.execute(uri: "/sandbox/userinfo", method: .get, headers: headers)
            }
            #expect(text(try await userinfo("Bearer \(access)")).contains("\"email\":"))
            let none = try await userinfo(nil)
            #expect(none.status == .unauthorized)
            #expect(none.headers[.wwwAuthenticate] == "Bearer realm=\"sandbox\"")
            for header in ["Bearer wrong", "Bearer \(access)x"] {
                let answer = try await userinfo(header)
                #expect(answer.status == .unauthorized)
                #expect(answer.headers[.wwwAuthenticate]?.contains("invalid_token") == true)
            }
            #expect(try await userinfo("Basic \(access)").status == .unauthorized)
            let revoked = try await post(
                client, "revoke",
                [
                    ("token", access), ("client_id", SandboxBench.clientID),
                    ("client_secret", SandboxBench.secret),
                ])
            #expect(revoked.status == .ok)
            #expect(try await userinfo("Bearer \(access)").status == .unauthorized)
        }
    }

    @Test func `a token that goes along in the query is not looked at`() async throws {
        try await withSandbox { client in
            let access = try #require(try await tokens(client)["access_token"] as? String)
            let answer = try await client.execute(
                uri: "/sandbox/userinfo?access_token=\(access)", method: .get)
            #expect(answer.status == .unauthorized)
        }
    }
}
