import Integrations
import OAuth
import Testing

@Suite("Token requests that differ") struct RequestShapeTests {
    private func exchange(_ integration: ConfiguredIntegration, state: String? = nil) throws
        -> ProviderRequest
    {
        try ProviderRequest.exchange(
            integration, endpoints: try integration.endpoints(), code: "CODE",
            redirectURI: "https://a.example/cb", codeVerifier: nil, state: state)
    }

    private func refresh(_ integration: ConfiguredIntegration) throws -> ProviderRequest {
        try #require(
            try ProviderRequest.refresh(
                integration, endpoints: try integration.endpoints(), refreshToken: "R",
                redirectURI: "https://a.example/cb"))
    }

    private func revocation(
        _ extra: String, at url: String = "https://example.com/revoke"
    ) throws -> ProviderRequest {
        let integration = try sample("revocation_endpoint: \(url)\n" + extra)
        return try #require(
            try ProviderRequest.revocation(
                integration, endpoints: try integration.endpoints(), token: "T",
                tokenTypeHint: "refresh_token"))
    }

    private func fields(_ request: ProviderRequest) -> [String: String] {
        let form =
            request.method == .post ? text(request.body) : String(request.url.drop { $0 != "?" }.dropFirst())
        let pairs = form.split(separator: "&").map {
            $0.split(separator: "=", omittingEmptySubsequences: false)
        }
        return Dictionary(pairs.map { (String($0[0]), String($0[1])) }) { first, _ in first }
    }

    @Test func `a refresh has a random state where the provider wants one`() throws {
        let integration = try sample("refresh: {with: [state]}")
        let states = try (0..<2).map { _ in fields(try refresh(integration))["state"] ?? "" }
        #expect(states[0] != states[1] && states.allSatisfy { $0.utf8.count == 22 })
        let renamed = try refresh(sample("refresh: {with: [state], parameter_names: {state: echo}}"))
        #expect(fields(renamed)["echo"]?.utf8.count == 22 && fields(renamed)["state"] == nil)
        #expect(fields(try refresh(sample()))["state"] == nil)
    }

    // MARK: Exchange

    @Test func `a secret as the user's name goes without a password, and nowhere else`() throws {
        let request = try exchange(sample("token: {authentication: secret_as_user}", secret: "sk:1"))
        // base64("sk%3A1:")
        #expect(request.header("Authorization") == "Basic c2slM0ExOg==")
        #expect(fields(request)["client_id"] == nil && fields(request)["client_secret"] == nil)
    }

    @Test func `Basic without form encoding has id and secret as they are`() throws {
        let request = try exchange(sample("token: {authentication: basic_unencoded}", secret: "a+b/c=%é"))
        // base64("client:a+b/c=%é")
        #expect(request.header("Authorization") == "Basic Y2xpZW50OmErYi9jPSXDqQ==")
        #expect(fields(request)["client_id"] == nil && fields(request)["client_secret"] == nil)
    }

    @Test func `a GET has all of it in the query, the state again`() throws {
        let request = try exchange(
            sample("token: {method: GET, state: true, headers: {X-Client: \"{client_id}\"}}"), state: "S")
        #expect(request.method == .get)
        #expect(request.body.isEmpty)
        #expect(fields(request)["code"] == "CODE" && fields(request)["state"] == "S")
        #expect(fields(request)["client_secret"] == "secret")
        #expect(request.header("X-Client") == "client")
        #expect(try fields(exchange(sample("token: {method: GET}"), state: "S"))["state"] == nil)
    }

    // MARK: Refresh

    @Test func `a refresh is like the token request in all that it leaves out`() throws {
        let token = """
            token:
              body: json
              headers: {X-Version: "1", X-Other: "2"}
              parameter_names: {client_id: key}
              omit: [grant_type]

            """
        let plain = try refresh(sample(token))
        #expect(text(plain.body) == #"{"client_secret":"secret","key":"client","refresh_token":"R"}"#)
        #expect(plain.header("X-Version") == "1")
        let own = try refresh(
            sample(
                token
                    + """
                    refresh:
                      body: form
                      omit: [client_secret]
                      headers: {x-version: "3"}
                      parameter_names: {refresh_token: renewal}
                      parameters: {kind: again}
                      with: [redirect_uri]
                    """))
        #expect(
            text(own.body)
                == "grant_type=refresh_token&renewal=R&redirect_uri=https%3A%2F%2Fa.example%2Fcb"
                + "&kind=again&key=client")
        #expect(own.header("x-version") == "3" && own.header("X-Version") == nil)
        #expect(own.header("X-Other") == "2")
    }

    @Test func `a token may be exchanged for a newer one with a GET`() throws {
        let request = try refresh(
            sample(
                """
                refresh_endpoint: https://example.com/refresh
                refresh:
                  method: GET
                  token: access_token
                  parameters: {grant_type: x_refresh_token}
                  omit: [client_id, client_secret]
                """))
        #expect(request.method == .get)
        #expect(request.url == "https://example.com/refresh?access_token=R&grant_type=x_refresh_token")
    }

    @Test func `a refresh authenticates in its own way`() throws {
        let request = try refresh(sample("refresh: {authentication: client_secret_basic}"))
        #expect(request.header("Authorization")?.hasPrefix("Basic ") == true)
        #expect(fields(request)["client_secret"] == nil)
    }

    // MARK: Revocation

    @Test func `a revocation may bear the token alone`() throws {
        let request = try revocation("revocation: {method: DELETE, send_as: bearer}")
        #expect(request.method == .delete)
        #expect(request.url == "https://example.com/revoke")
        #expect(request.header("Authorization") == "Bearer T")
        #expect(request.body.isEmpty)
    }

    @Test func `a revocation's parameters have other names, and go as JSON`() throws {
        let request = try revocation(
            """
            revocation:
              body: json
              token_type_hint: false
              parameter_names: {token: access_token, client_id: client_key}
              parameters: {all: "true"}
              omit: [client_secret]
            """)
        #expect(text(request.body) == #"{"access_token":"T","all":"true","client_key":"client"}"#)
    }

    @Test func `a revocation authenticates in its own way, and may name the client in its URL`() throws {
        let request = try revocation(
            """
            revocation:
              method: DELETE
              body: json
              authentication: client_secret_basic
              parameter_names: {token: access_token}
              token_type_hint: false
            """, at: "https://example.com/applications/{client_id}/grant")
        #expect(request.url == "https://example.com/applications/client/grant")
        #expect(request.header("Authorization") == "Basic Y2xpZW50OnNlY3JldA==")
        #expect(text(request.body) == #"{"access_token":"T"}"#)
    }

    @Test func `a revocation's own header carries the secret or the token`() throws {
        let request = try revocation(
            """
            revocation:
              body: json
              authentication: none
              headers: {Authorization: "Client {client_secret}"}
              token_type_hint: false
            """)
        #expect(request.header("Authorization") == "Client secret")
        #expect(text(request.body) == #"{"client_id":"client","token":"T"}"#)
        let other = try revocation(
            """
            revocation:
              method: DELETE
              headers: {X-Acme-Token: "{token}"}
              omit: [token, client_id, client_secret]
              token_type_hint: false
            """)
        #expect(other.header("X-Acme-Token") == "T")
        #expect(other.header("Authorization") == nil)
        #expect(other.url == "https://example.com/revoke" && other.body.isEmpty)
    }

    @Test func `a revocation is RFC 7009's whatever the token request is`() throws {
        let request = try revocation("token: {method: GET, parameter_names: {client_id: key}}")
        #expect(request.method == .post)
        #expect(text(request.body) == "token=T&token_type_hint=refresh_token&key=client&client_secret=secret")
    }
}
