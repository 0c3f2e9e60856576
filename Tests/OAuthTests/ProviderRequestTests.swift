import Integrations
import OAuth
import Testing

@Suite("ProviderRequest") struct ProviderRequestTests {
    private func exchange(
        _ integration: ConfiguredIntegration, code: String = "CODE", state: String? = nil
    ) throws -> ProviderRequest {
        try ProviderRequest.exchange(
            integration, endpoints: try integration.endpoints(), code: code,
            redirectURI: "https://app.example/cb",
            codeVerifier: "VERIFIER", state: state)
    }

    @Test func `a code is exchanged with a form and the secret in it`() throws {
        let request = try exchange(sample(secret: "s&e=c r+t%"), code: "4/0A+b&c")
        #expect(request.method == .post)
        #expect(request.url == "https://example.com/token")
        #expect(request.header("Content-Type") == "application/x-www-form-urlencoded")
        #expect(request.header("Accept") == "application/json")
        #expect(request.header("Authorization") == nil)
        #expect(
            text(request.body)
                == "grant_type=authorization_code&code=4%2F0A%2Bb%26c"
                + "&redirect_uri=https%3A%2F%2Fapp.example%2Fcb"
                + "&code_verifier=VERIFIER&client_id=client&client_secret=s%26e%3Dc+r%2Bt%25")
    }

    @Test func `Basic form-encodes id and secret before they are joined`() throws {
        let request = try exchange(
            sample("token: {authentication: client_secret_basic}", clientID: "a:b", secret: "p q%+é"))
        // base64("a%3Ab:p+q%25%2B%C3%A9")
        #expect(request.header("Authorization") == "Basic YSUzQWI6cCtxJTI1JTJCJUMzJUE5")
        #expect(!text(request.body).contains("client"))
    }

    @Test func `both sends Basic and the id in the body, none the id alone`() throws {
        let both = try exchange(sample("token: {authentication: both}"))
        #expect(both.header("Authorization") == "Basic Y2xpZW50OnNlY3JldA==")
        #expect(text(both.body).hasSuffix("&client_id=client"))
        let none = try exchange(sample("token: {authentication: none}"))
        #expect(none.header("Authorization") == nil)
        #expect(text(none.body).hasSuffix("&client_id=client"))
    }

    @Test func `a JSON body holds the same parameters`() throws {
        let request = try exchange(sample("token: {body: json}", secret: "a\"b"))
        #expect(request.header("Content-Type") == "application/json")
        #expect(
            text(request.body)
                == #"{"client_id":"client","client_secret":"a\"b","code":"CODE","code_verifier":"VERIFIER","#
                + #""grant_type":"authorization_code","redirect_uri":"https://app.example/cb"}"#)
    }

    @Test func `GET and query put the parameters into the URL, after its own`() throws {
        let get = try exchange(
            sample("token: {method: GET}\ntoken_endpoint: \"https://example.com/t?v=1#x\"", secret: "a b"))
        #expect(get.method == .get)
        #expect(get.body.isEmpty)
        #expect(get.url.hasPrefix("https://example.com/t?v=1&grant_type=authorization_code&code=CODE&"))
        #expect(get.url.hasSuffix("&client_secret=a%20b"))
        #expect(get.header("Content-Type") == nil)
        let query = try exchange(sample("token: {body: query}"))
        #expect(query.method == .post)
        #expect(query.url.hasPrefix("https://example.com/token?grant_type="))
    }

    @Test func `parameters are renamed, left out, added and replaced as the entry says`() throws {
        let request = try exchange(
            sample(
                """
                token:
                  parameter_names: {client_id: app_id, client_secret: app_secret, code: auth_code}
                  omit: [redirect_uri]
                  parameters: {grant_type: authorized_code, action: requesttoken}
                  headers: {Version: "2026-01-01", Accept: "application/vnd.x+json"}
                pkce: none
                """))
        #expect(
            text(request.body)
                == "auth_code=CODE&grant_type=authorized_code&action=requesttoken"
                + "&app_id=client&app_secret=secret"
        )
        #expect(request.header("Version") == "2026-01-01")
        #expect(request.headers.filter { $0.name == "Accept" }.map(\.value) == ["application/vnd.x+json"])
    }

    @Test func `S16 no verifier goes where PKCE is not taken`() throws {
        #expect(try !text(exchange(sample(id: "slack")).body).contains("code_verifier"))
        #expect(try text(exchange(sample(id: "gmail")).body).contains("&code_verifier=VERIFIER&"))
    }

    @Test func `the state goes along only where the entry says so`() throws {
        #expect(
            try text(exchange(sample("token: {state: true}"), state: "STATE").body).contains("&state=STATE"))
        #expect(try !text(exchange(sample(), state: "STATE").body).contains("STATE"))
    }

    @Test func `a refresh has its own endpoint, authentication and parameters`() throws {
        let integration = try sample(
            """
            refresh_endpoint: https://example.com/refresh
            refresh: {authentication: client_secret_basic, parameters: {type: refresh}}
            token: {parameters: {type: web}}
            """)
        let request = try #require(
            try ProviderRequest.refresh(
                integration, endpoints: try integration.endpoints(), refreshToken: "R+", scopes: ["a", "b"]))
        #expect(request.url == "https://example.com/refresh")
        #expect(text(request.body) == "grant_type=refresh_token&refresh_token=R%2B&scope=a+b&type=refresh")
        #expect(request.header("Authorization")?.hasPrefix("Basic ") == true)
        #expect(text(try exchange(integration).body).contains("&type=web&client_id=client"))
    }

    @Test func `there is no refresh where there are no refresh tokens`() throws {
        let integration = try sample("refresh: {mode: none}")
        let endpoints = try integration.endpoints()
        #expect(try ProviderRequest.refresh(integration, endpoints: endpoints, refreshToken: "R") == nil)
    }

    @Test func `a token is revoked with a form, where the provider has an endpoint`() throws {
        let gmail = try sample("", id: "gmail")
        let request = try #require(
            try ProviderRequest.revocation(
                gmail, endpoints: try gmail.endpoints(), token: "T", tokenTypeHint: "refresh_token"))
        #expect(request.url == "https://oauth2.googleapis.com/revoke")
        #expect(text(request.body).hasPrefix("token=T&token_type_hint=refresh_token&client_id="))
        let none = try sample()
        let endpoints = try none.endpoints()
        #expect(
            try ProviderRequest.revocation(none, endpoints: endpoints, token: "T", tokenTypeHint: "x") == nil)
    }

    @Test func `S23 a request shows nothing of itself`() throws {
        let request = try exchange(sample(secret: "canary-s"), code: "canary-c")
        var dumped = ""
        dump(request, to: &dumped)
        for text in ["\(request)", String(reflecting: request), dumped] { #expect(!text.contains("canary")) }
    }
}
