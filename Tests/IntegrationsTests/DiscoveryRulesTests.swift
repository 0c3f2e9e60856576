import Testing

@testable import Integrations

/// Entries whose connections each name a server, and the documents of these.
@Suite("Discovery per connection") struct DiscoveryRulesTests {
    static func entry(
        _ discovery: String = "discovery: oidc", parameter: String = "{kind: url, client_host: true}",
        _ extra: String = ""
    ) -> String {
        """
        integrations:
          acme:
            documentation: https://example.com/docs
            parameters: {server: \(parameter)}
            \(discovery)
        \(extra)
        """
    }

    private func client(
        _ text: String = entry(parameter: "{kind: url}", "    token: {authentication: none}"),
        host: String? = nil
    ) throws -> ConfiguredIntegration {
        var settings = IntegrationSettings(clientID: "client", clientSecret: ClientSecret("secret"))
        settings.host = host
        return try configured(text, id: "acme", settings: settings, allowsInsecureLoopback: true)
    }

    private static func document(
        issuer: String = "https://id.example.com", _ changes: [String: String] = [:]
    ) throws -> DiscoveryDocument {
        var members = [
            "issuer": issuer, "authorization_endpoint": "https://id.example.com/authorize",
            "token_endpoint": "https://id.example.com/token",
            "revocation_endpoint": "https://id.example.com/revoke",
            "jwks_uri": "https://id.example.com/keys",
        ]
        members.merge(changes) { _, last in last }
        let text = members.map { "\"\($0)\":\"\($1)\"" }.joined(separator: ",")
        return try DiscoveryDocument.parse(Array("{\(text)}".utf8), needsIssuer: false)
    }

    private func discovered(
        _ client: ConfiguredIntegration, _ server: String = "https://id.example.com",
        _ changes: [String: String] = [:], issuer: String? = nil
    ) throws -> ConfiguredIntegration {
        let target = try #require(try client.discoveryTarget(parameters: ["server": server]))
        return try client.discovered(
            with: try Self.document(issuer: issuer ?? server, changes), at: target)
    }

    // MARK: Entries

    @Test(arguments: ["oidc", "oauth", "smart"]) func `an entry without endpoints discovers them`(
        _ kind: String
    ) {
        #expect(mistakes(Self.entry("discovery: \(kind)")) == [])
        #expect(
            mistakes(Self.entry("discovery: \(kind)", parameter: "{kind: host, client_host: true}")) == [])
    }

    @Test(arguments: [
        ("discovery: openid", "discovery"), ("discovery: true", "discovery"),
        ("discovery: oidc\n    token_endpoint: https://example.com/token", "token_endpoint"),
        ("discovery: oidc\n    authorization_endpoint: https://example.com/a", "authorization_endpoint"),
        ("discovery: oidc\n    revocation_endpoint: \"{server}/revoke\"", "revocation_endpoint"),
        ("discovery: oidc\n    configured_endpoints: true", "configured_endpoints"),
        ("discovery: smart\n    issuer: \"{server}\"", "issuer"),
        ("discovery: oidc\n    discovery_hosts: [\"*\"]", "discovery_hosts"),
        ("discovery: oidc\n    discovery_hosts: [\"*.com\"]", "discovery_hosts"),
        ("discovery: oidc\n    discovery_hosts: [\"https://example.com\"]", "discovery_hosts"),
        ("discovery: oidc\n    discovery_hosts: [\"a.*.example.com\"]", "discovery_hosts"),
        ("discovery_hosts: [login.example.com]", "discovery_hosts"),
    ]) func `an entry that cannot discover is rejected`(_ lines: String, _ field: String) {
        let found = mistakes(Self.entry(lines))
        #expect(found.contains { $0.field == field }, "\(found)")
    }

    @Test(arguments: ["{}", "{kind: segment}", "{kind: url, use: api}"])
    func `a parameter that names no server is none to discover`(_ parameter: String) {
        #expect(mistakes(Self.entry(parameter: parameter)).contains { $0.field == "discovery" })
    }

    @Test func `an issuer without parameters needs no discovery per connection`() {
        let text = """
            integrations:
              acme:
                documentation: https://example.com/docs
                discovery: oidc
                issuer: https://example.com
            """
        #expect(mistakes(text).contains { $0.field == "discovery" })
    }

    @Test(arguments: ["{kind: url}", "{kind: host}", "{kind: host, pattern: \"[a-z.]+\"}"])
    func `S40 a client with a secret does not discover at any server`(_ parameter: String) {
        let found = mistakes(Self.entry(parameter: parameter))
        #expect(found.contains { $0.advice.contains("client secret") }, "\(found)")
    }

    @Test func `S40 a fixed name, one host or a public client is enough`() {
        let fixed = "{kind: host, pattern: \"[a-z]+[.]example[.]com\"}"
        #expect(mistakes(Self.entry(parameter: fixed)) == [])
        #expect(mistakes(Self.entry()) == [])
        let open = Self.entry(parameter: "{kind: url}", "    token: {authentication: none}")
        #expect(mistakes(open) == [])
    }

    @Test func `S40 a setting does not make a client confidential whose server callers name`() throws {
        let text = Self.entry(parameter: "{kind: url}", "    token: {authentication: none}")
        var settings = IntegrationSettings(clientID: "client", clientSecret: ClientSecret("secret"))
        settings.clientAuthentication = .clientSecretPost
        #expect(throws: SettingsError.self) { try configured(text, id: "acme", settings: settings) }
    }

    @Test func `S06 an operator's endpoint does not join another server's`() throws {
        let text = Self.entry(parameter: "{kind: url}", "    token: {authentication: none}")
        var settings = IntegrationSettings(clientID: "client")
        settings.tokenEndpoint = "https://example.com/token"
        #expect(throws: SettingsError.self) { try configured(text, id: "acme", settings: settings) }
        settings.tokenEndpoint = nil
        settings.issuer = "https://example.com"
        #expect(throws: SettingsError.self) { try configured(text, id: "acme", settings: settings) }
    }

    // MARK: Where the document is

    @Test(arguments: [
        ("oidc", "https://id.example.com/a", "https://id.example.com/a/.well-known/openid-configuration"),
        (
            "oauth", "https://id.example.com/a",
            "https://id.example.com/.well-known/oauth-authorization-server/a"
        ),
        ("oauth", "https://id.example.com", "https://id.example.com/.well-known/oauth-authorization-server"),
        ("smart", "https://id.example.com/r4", "https://id.example.com/r4/.well-known/smart-configuration"),
    ]) func `each document has one place`(_ kind: String, _ server: String, _ url: String) throws {
        let client = try client(
            Self.entry("discovery: \(kind)", parameter: "{kind: url}", "    token: {authentication: none}"))
        #expect(try client.discoveryTarget(parameters: ["server": server])?.url == url)
    }

    @Test func `an issuer may have more than the server`() throws {
        let text = """
            integrations:
              acme:
                documentation: https://example.com/docs
                discovery: oidc
                issuer: "{server}/realms/{realm}"
                parameters: {server: {kind: url, client_host: true}, realm: {kind: segment}}
            """
        let target = try client(text, host: "https://id.example.com").discoveryTarget(
            parameters: ["server": "https://id.example.com/", "realm": "main"])
        #expect(target?.issuer == "https://id.example.com/realms/main")
        #expect(target?.isHostNamedByCaller == true)
    }

    // MARK: Documents

    @Test func `S40 a document gives the endpoints of its server, and of no other`() throws {
        let client = try client()
        #expect(throws: ParameterError.discoveryPending) {
            try client.endpoints(parameters: ["server": "https://id.example.com"])
        }
        let found = try discovered(client)
        let endpoints = try found.endpoints(parameters: ["server": "https://id.example.com"])
        #expect(endpoints.token == "https://id.example.com/token")
        #expect(endpoints.issuer == "https://id.example.com")
        #expect(found.idTokens?.isHostNamedByCaller == true && found.isHostNamedByCaller)
        #expect(throws: ParameterError.discoveryPending) {
            try found.endpoints(parameters: ["server": "https://evil.example"])
        }
    }

    @Test func `S41 the redirect URI is known before the document is, and stays`() throws {
        let client = try client()
        let parameters = ["server": "https://id.example.com"]
        let context = try client.redirectContext(parameters: parameters)
        #expect(context?.count == 22)
        #expect(try discovered(client).endpoints(parameters: parameters).context == context)
        #expect(try client.redirectContext(parameters: ["server": "https://other.example"]) != context)
    }

    @Test(arguments: [
        "https://id.example.com/", "https://evil.example", "http://id.example.com", "https://ID.example.com",
    ]) func `S06 the document of another issuer names no endpoints`(_ issuer: String) throws {
        #expect(throws: DiscoveryError.issuerMismatch(stated: issuer)) {
            try discovered(try client(), issuer: issuer)
        }
    }

    @Test(
        arguments: ["authorization_endpoint", "token_endpoint", "revocation_endpoint", "jwks_uri"],
        [
            "https://evil.example/x", "https://id.example.com.evil.example/x", "https://xid.example.com/x",
            "https://a.id.example.com/x", "https://example.com/x", "https://id.example.com:8443/x",
            "https://login.example.org:8443/x", "https://169.254.169.254/x", "https://localhost/x",
        ])
    func `S40 a document chooses no host that the entry does not allow`(_ field: String, _ url: String) throws
    {
        let client = try client(
            Self.entry(
                "discovery: oidc\n    discovery_hosts: [login.example.org, \"*.example.net\"]",
                parameter: "{kind: url}", "    token: {authentication: none}"))
        #expect(throws: DiscoveryError.foreignHost(field: field)) {
            try discovered(client, "https://id.example.com", [field: url])
        }
        #expect(try client.discoveryTarget(parameters: ["server": "https://id.example.com"]) != nil)
        #expect(throws: ParameterError.discoveryPending) {
            try client.discovered(parameters: ["server": "https://id.example.com"])
        }
    }

    @Test(arguments: ["https://login.example.org/token", "https://a.b.example.net/token"])
    func `a host of the entry's own choice is allowed`(_ url: String) throws {
        let client = try client(
            Self.entry(
                "discovery: oidc\n    discovery_hosts: [login.example.org, \"*.example.net\"]",
                parameter: "{kind: url}", "    token: {authentication: none}"))
        let found = try discovered(client, "https://id.example.com", ["token_endpoint": url])
        #expect(try found.endpoints(parameters: ["server": "https://id.example.com"]).token == url)
    }

    @Test(arguments: ["authorization_endpoint", "token_endpoint"])
    func `S19 an endpoint that is no https URL is none`(_ field: String) throws {
        for url in ["http://id.example.com/x", "javascript:alert(1)", "https://a@id.example.com/x", "/x"] {
            #expect(throws: DiscoveryError.self) {
                try discovered(try client(), "https://id.example.com", [field: url])
            }
        }
        // Not even from a server on loopback, which development may use without https.
        #expect(throws: DiscoveryError.foreignHost(field: field)) {
            try discovered(try client(), "https://id.example.com", [field: "http://127.0.0.1/x"])
        }
    }

    @Test func `a document without an endpoint that is needed is none`() throws {
        #expect(throws: DiscoveryError.self) {
            try discovered(try client(), "https://id.example.com", ["token_endpoint": ""])
        }
    }

    @Test func `a FHIR server's document need not state an issuer, and may state another`() throws {
        let text = Self.entry(
            "discovery: smart", parameter: "{kind: url}", "    token: {authentication: none}")
        for issuer in ["", "https://other.example"] {
            let found = try discovered(try client(text), issuer: issuer)
            let endpoints = try found.endpoints(parameters: ["server": "https://id.example.com"])
            #expect(endpoints.issuer == nil && endpoints.token == "https://id.example.com/token")
            #expect((found.idTokens == nil) == issuer.isEmpty)
        }
        #expect(throws: DiscoveryError.self) { try DiscoveryDocument.parse(Array("{}".utf8)) }
    }

    @Test func `S40 a client's document comes from its own server only`() throws {
        let client = try client(Self.entry(), host: "https://id.example.com")
        #expect(throws: ParameterError.self) {
            try client.discoveryTarget(parameters: ["server": "https://evil.example"])
        }
        #expect(throws: ParameterError.self) {
            try discovered(client).endpoints(parameters: ["server": "https://evil.example"])
        }
    }

    // MARK: What is kept

    @Test func `S28 documents are kept for a bounded time, and a bounded number of them`() throws {
        let client = try client()
        let kept = DiscoveredClients()
        let now = ContinuousClock.now
        func target(_ index: Int) -> DiscoveryTarget {
            DiscoveryTarget(kind: .oidc, base: "https://\(index).example.com", isHostNamedByCaller: true)
        }
        for index in 0..<1_000 {
            kept.keep(client, at: target(index), now: now + .milliseconds(index))
        }
        #expect(kept.count == DiscoveredClients.countLimit)
        #expect(kept.client(at: target(0), now: now) == nil)
        #expect(kept.client(at: target(999), now: now + .seconds(1)) === client)
        #expect(kept.client(at: target(999), now: now + .seconds(602)) == nil)
    }

    @Test func `what was discovered serves the flows to come`() throws {
        let client = try client()
        let found = try discovered(client)
        #expect(try client.discovered(parameters: ["server": "https://id.example.com"]) === found)
        #expect(!client.needsDiscovery)
    }
}
