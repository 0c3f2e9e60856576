import Testing

@testable import Integrations

@Suite("Endpoints") struct EndpointsTests {
    static let shop = """
        integrations:
          sample:
            documentation: https://example.com/docs
            authorization_endpoint: "https://{shop}.example.com/authorize?{region}=1"
            token_endpoint: "https://{shop}.example.com/{region}/token"
            parameters:
              shop: {label: Shop, pattern: "[a-z0-9-]{1,20}"}
              region: {kind: segment, default: eu}
        """

    @Test func `parameters and defaults fill the URLs`() throws {
        let endpoints = try configured(Self.shop).endpoints(parameters: ["shop": "my-shop"])
        #expect(endpoints.authorization == "https://my-shop.example.com/authorize?eu=1")
        #expect(endpoints.token == "https://my-shop.example.com/eu/token")
        #expect(endpoints.refresh == endpoints.token)
        #expect(endpoints.values == ["shop": "my-shop", "region": "eu"])
    }

    @Test(arguments: [
        "", "attacker.example/", "attacker.example", "a/b", "a:1", "a@b", "a?b", "a#b", "a%2Eb", "a.b", ".",
        "..", "-",
        "-a", "a-", "a b", "a\n", "a\t", "a\u{0}", "ａ", "ä", "a\u{3002}b", "a\\b", "a{b}", "{shop}",
        "localhost.",
        "UPPER", "aaaaaaaaaaaaaaaaaaaaaaaa", String(repeating: "a", count: 64),
        String(repeating: "a", count: 10_000),
    ]) func `S19 a label that is not one plain label is refused`(_ value: String) throws {
        let integration = try configured(Self.shop)
        #expect(throws: ParameterError.self) { try integration.endpoints(parameters: ["shop": value]) }
    }

    @Test(arguments: [
        "", ".", "..", "a/b", "a%2Fb", "a?b", "a#b", "a b", "a\\b", "a@b", "ä", "a{", "a;b", "a:b",
    ])
    func `S19 a segment cannot leave its place in the path`(_ value: String) throws {
        let integration = try configured(Self.shop)
        #expect(throws: ParameterError.self) {
            try integration.endpoints(parameters: ["shop": "a", "region": value])
        }
    }

    @Test(arguments: [
        "localhost", "127.0.0.1", "2130706433", "0x7f.1", "[::1]", "a.example.com:8080", "a.example.com/x",
        "user@a.example.com", "http://a.example.com", "https://a.example.com//", "a..example.com",
        ".example.com",
        "example.com.", "a.example.com?x", "a.example.com#x", "", "https://",
    ]) func `S19 a whole host is a name without port, path, user or number`(_ value: String) throws {
        let text = entryText(
            "refresh_endpoint: \"https://{instance}/token\"\nparameters: {instance: {kind: host}}\ntoken: {authentication: none}"
        )
        let integration = try configured(text)
        #expect(throws: ParameterError.self) { try integration.endpoints(parameters: ["instance": value]) }
    }

    @Test(arguments: ["my.example.com", "https://my.example.com", "https://my.example.com/"])
    func `a whole host may be pasted as a URL`(_ value: String) throws {
        let text = entryText(
            "refresh_endpoint: \"https://{instance}/token\"\nparameters: {instance: {kind: host}}\ntoken: {authentication: none}"
        )
        let endpoints = try configured(text).endpoints(parameters: ["instance": value])
        #expect(endpoints.refresh == "https://my.example.com/token")
    }

    @Test func `unknown and missing parameters are refused`() throws {
        let integration = try configured(Self.shop)
        #expect(throws: ParameterError.unknown(name: "other")) {
            try integration.endpoints(parameters: ["shop": "a", "other": "b"])
        }
        #expect(throws: ParameterError.missing(name: "shop", label: "Shop")) { try integration.endpoints() }
        #expect(throws: ParameterError.unknown(name: "tenant")) {
            try configured(entryText()).endpoints(parameters: ["tenant": "a"])
        }
    }

    @Test func `microsoft's tenant is common unless given, and a domain may be given`() throws {
        let microsoft = try configured("", id: "microsoft")
        #expect(
            try microsoft.endpoints().token == "https://login.microsoftonline.com/common/oauth2/v2.0/token")
        let other = try microsoft.endpoints(parameters: ["tenant": "contoso.onmicrosoft.com"])
        #expect(other.authorization.hasPrefix("https://login.microsoftonline.com/contoso.onmicrosoft.com/"))
    }

    @Test func `a parameter from the callback waits for it and is checked like any other`() throws {
        let text = """
            integrations:
              sample:
                documentation: https://example.com/docs
                authorization_endpoint: https://example.com/authorize
                token_endpoint: "https://{prefix}.example.com/token"
                parameters: {prefix: {from: callback.domain_prefix, pattern: "[a-z]+"}}
                callback: {fields: [domain_prefix]}
            """
        let integration = try configured(text)
        let before = try integration.endpoints()
        #expect(before.token == "https://{prefix}.example.com/token")
        #expect(throws: ParameterError.unknown(name: "prefix")) {
            try integration.endpoints(parameters: ["prefix": "a"])
        }
        let after = try integration.endpoints(parameters: [:], callbackFields: ["domain_prefix": "abc"])
        #expect(after.token == "https://abc.example.com/token")
        #expect(after.fingerprint == before.fingerprint)
        for value in ["evil.example/", "a.b", "ABC", ""] {
            #expect(throws: ParameterError.self) {
                try integration.endpoints(parameters: [:], callbackFields: ["domain_prefix": value])
            }
        }
        #expect(throws: ParameterError.self) {
            try integration.endpoints(parameters: [:], callbackFields: [:])
        }
    }

    @Test func `the fingerprint is the beginning of SHA-256 over length-prefixed texts`() throws {
        // Computed with sha256sum over the octets, each text behind its length in four octets, big endian.
        #expect(try configured(entryText()).fingerprint() == 0x21e0_19c1)
    }

    @Test func `S35 the fingerprint changes with either endpoint, the client and the parameters`() throws {
        let shop = try configured(Self.shop)
        let settings = IntegrationSettings(clientID: "other", clientSecret: ClientSecret("secret"))
        let moved = entryText("replace: true").replacing("/token", with: "/token2")
        let fingerprints = [
            try configured(entryText()).fingerprint(), try configured(moved).fingerprint(),
            try configured(entryText().replacing("/authorize", with: "/authorize2")).fingerprint(),
            try configured(entryText(), settings: settings).fingerprint(),
            try shop.fingerprint(parameters: ["shop": "a"]), try shop.fingerprint(parameters: ["shop": "b"]),
        ]
        #expect(Set(fingerprints).count == fingerprints.count)
    }
}
