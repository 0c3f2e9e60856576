import Integrations
import OAuth
import Testing

@Suite("AuthorizationRequest") struct AuthorizationRequestTests {
    private func url(
        _ integration: ConfiguredIntegration, parameters: [String: String] = [:],
        scopes: [String] = ["a", "b"],
        redirectURI: String = "https://app.example/cb", state: String = "STATE",
        challenge: String? = "CHALLENGE",
        nonce: String? = nil, extra: [(name: String, value: String)] = []
    ) throws -> String {
        try AuthorizationRequest(
            integration, endpoints: integration.endpoints(parameters: parameters), redirectURI: redirectURI,
            scopes: scopes, state: state, codeChallenge: challenge, nonce: nonce, extra: extra
        ).url()
    }

    @Test func `a plain request has the parameters of RFC 6749 and RFC 7636`() throws {
        #expect(
            try url(sample())
                == "https://example.com/authorize?response_type=code&client_id=client"
                + "&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&scope=a%20b&state=STATE"
                + "&code_challenge_method=S256&code_challenge=CHALLENGE")
    }

    @Test func `every value is percent-encoded`() throws {
        let integration = try sample(clientID: "a&b=c d#%")
        let result = try url(
            integration, scopes: ["x&y", "z#"], redirectURI: "https://app.example/cb?a=1&b=2", state: "s&t")
        #expect(result.contains("&client_id=a%26b%3Dc%20d%23%25&"))
        #expect(result.contains("&redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Fa%3D1%26b%3D2&"))
        #expect(result.contains("&scope=x%26y%20z%23&state=s%26t&"))
    }

    @Test(arguments: [
        ("https://example.com/a?x=1", "https://example.com/a?x=1&response_type=code&"),
        ("https://example.com/a?", "https://example.com/a?response_type=code&"),
        ("https://example.com/a?x=1&", "https://example.com/a?x=1&response_type=code&"),
        ("https://example.com", "https://example.com?response_type=code&"),
    ]) func `the endpoint's own query is kept`(_ endpoint: String, _ beginning: String) throws {
        #expect(try url(sample("authorization_endpoint: \"\(endpoint)\"")).hasPrefix(beginning))
    }

    @Test func `a fragment comes last`() throws {
        let result = try url(sample("authorization_endpoint: \"https://example.com/a?x=1#/oauth\""))
        #expect(result.hasPrefix("https://example.com/a?x=1&response_type=code"))
        #expect(result.hasSuffix("code_challenge=CHALLENGE#/oauth"))
    }

    @Test func `a query may stand in the fragment, and a fragment after the query`() throws {
        let inside = try url(
            sample(
                """
                authorization_endpoint: "https://example.com/#/oauth/authorize"
                authorization: {query_in_fragment: true}
                """))
        #expect(
            inside.hasPrefix("https://example.com/#/oauth/authorize?response_type=code&client_id=client&"))
        #expect(inside.hasSuffix("code_challenge=CHALLENGE"))
        let after = try url(sample("authorization: {fragment: wechat_redirect}"))
        #expect(after.hasSuffix("code_challenge=CHALLENGE#wechat_redirect"))
    }

    @Test func `parameters come in the order that the entry gives`() throws {
        let result = try url(
            sample(
                """
                authorization:
                  parameter_names: {client_id: appid}
                  order: [appid, redirect_uri, response_type, scope, state]
                  fragment: end
                """))
        #expect(
            result == "https://example.com/authorize?appid=client&redirect_uri=https%3A%2F%2Fapp.example%2Fcb"
                + "&response_type=code&scope=a%20b&state=STATE&code_challenge_method=S256"
                + "&code_challenge=CHALLENGE#end")
    }

    @Test func `response type, challenge method and redirect URI may be the provider's own`() throws {
        let integration = try sample(
            """
            authorization: {response_type: "code id_token", code_challenge_method: s256, redirect_uri: Acme-App}
            """)
        let result = try url(integration)
        #expect(
            result.contains("?response_type=code%20id_token&client_id=client&redirect_uri=Acme-App&scope="))
        #expect(result.contains("&code_challenge_method=s256&code_challenge=CHALLENGE"))
        // RFC 6749 §4.1.3: the token request repeats what was sent.
        let request = try ProviderRequest.exchange(
            integration, endpoints: integration.endpoints(), code: "c", redirectURI: "https://app.example/cb",
            codeVerifier: "v")
        #expect(text(request.body).contains("redirect_uri=Acme-App&"))
        #expect(!text(request.body).contains("app.example"))
    }

    @Test func `S16 a challenge is needed unless the provider takes none`() throws {
        let integration = try sample()
        #expect(throws: AuthorizationRequestError.codeChallengeMissing) {
            try url(integration, challenge: nil)
        }
        for mode in ["none", "refused"] {
            let without = try sample("pkce: \(mode)")
            #expect(try !url(without).contains("code_challenge"))
            #expect(try !url(without, challenge: nil).contains("code_challenge"))
        }
    }

    @Test func `gmail asks for offline access and consent, and nothing more`() throws {
        let result = try url(sample(id: "gmail"))
        #expect(result.contains("&access_type=offline&"))
        #expect(result.hasSuffix("&prompt=consent"))
        #expect(!result.contains("include_granted_scopes"))
    }

    @Test func `a caller may override what the entry allows, once`() throws {
        let gmail = try sample(id: "gmail")
        let result = try url(gmail, extra: [("prompt", "select_account"), ("login_hint", "a@b")])
        #expect(result.hasSuffix("&prompt=select_account&login_hint=a%40b"))
        #expect(!result.contains("consent"))
    }

    @Test(arguments: [
        "access_type", "state", "redirect_uri", "client_id", "response_type", "code_challenge", "x", "",
    ])
    func `a caller may not set anything else`(_ name: String) throws {
        let gmail = try sample(id: "gmail")
        #expect(throws: AuthorizationRequestError.parameterNotAllowed(name: name)) {
            try url(gmail, extra: [(name, "x")])
        }
    }

    @Test func `parameters are renamed and left out as the entry says`() throws {
        let integration = try sample(
            """
            authorization:
              parameter_names: {client_id: client_key, scope: scopes, redirect_uri: return, state: st}
              omit: [response_type]
            """)
        #expect(
            try url(integration).hasPrefix(
                "https://example.com/authorize?client_key=client&return=https%3A%2F%2Fapp.example%2Fcb"
                    + "&scopes=a%20b&st=STATE&"))
        #expect(try !url(sample("authorization: {omit: [redirect_uri]}")).contains("redirect_uri"))
    }

    @Test(arguments: [
        ("{separator: \",\"}", "&scope=a%2Cb&"), ("{separator: \"+\"}", "&scope=a%2Bb&"),
        ("{separator: \"+\", separator_unencoded: true}", "&scope=a+b&"),
        ("{separator: \"|\"}", "&scope=a%7Cb&"),
    ]) func `scopes are joined as the entry says`(_ scope: String, _ expected: String) throws {
        #expect(try url(sample("scope: \(scope)")).contains(expected))
    }

    @Test func `an empty scope is left out, and so is one that the provider does not know`() throws {
        #expect(try !url(sample(), scopes: []).contains("scope"))
        #expect(try !url(sample("scope: {mode: none}")).contains("scope"))
    }

    @Test func `slack's user scopes go into a list of their own`() throws {
        let slack = try sample(id: "slack")
        let result = try url(slack, scopes: ["chat:write", "user:search:read", "users:read", "user:im:read"])
        #expect(result.contains("&scope=chat%3Awrite%2Cusers%3Aread&user_scope=search%3Aread%2Cim%3Aread&"))
        #expect(try !url(slack, scopes: ["user:im:read"]).contains("&scope="))
    }

    @Test func `microsoft always asks for offline access, in the tenant given`() throws {
        let microsoft = try sample(id: "microsoft")
        let result = try url(
            microsoft, parameters: ["tenant": "contoso.com"],
            scopes: microsoft.scopes(requested: ["Mail.Read"]))
        #expect(result.hasPrefix("https://login.microsoftonline.com/contoso.com/oauth2/v2.0/authorize?"))
        #expect(result.contains("&scope=Mail.Read%20openid%20profile%20email%20offline_access&"))
    }

    @Test func `a nonce is sent with openid, always or never`() throws {
        #expect(try !url(sample(), nonce: "N").contains("nonce"))
        #expect(try url(sample(), scopes: ["openid"], nonce: "N").contains("&nonce=N"))
        #expect(try url(sample("authorization: {nonce: always}"), nonce: "N").contains("&nonce=N"))
        #expect(
            try !url(sample("authorization: {nonce: never}"), scopes: ["openid"], nonce: "N").contains(
                "nonce"))
    }

    @Test func `a state over the provider's limit is refused with the numbers`() throws {
        let integration = try sample("max_state_length: 10")
        #expect(throws: AuthorizationRequestError.stateTooLong(byteCount: 11, limit: 10)) {
            try url(integration, state: String(repeating: "s", count: 11))
        }
        #expect(try url(integration, state: String(repeating: "s", count: 10)).contains("&state=ssssssssss&"))
    }

    @Test func `static parameters may hold the entry's parameters and braces`() throws {
        let integration = try sample(
            """
            parameters: {site: {}}
            authorization: {parameters: {resource: "https://{site}.example.com", claims: "{{}}"}}
            """)
        let result = try url(integration, parameters: ["site": "abc"])
        #expect(result.contains("&resource=https%3A%2F%2Fabc.example.com&claims=%7B%7D&"))
    }
}
