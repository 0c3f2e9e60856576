import Testing

@testable import Integrations

@Suite("ConfiguredIntegration") struct ConfiguredIntegrationTests {
    private func missing(_ id: String, _ settings: IntegrationSettings) throws -> SettingsError? {
        let integration = try #require(try Catalog()[id])
        do throws(SettingsError) {
            _ = try ConfiguredIntegration(integration, settings: settings)
            return nil
        } catch {
            return error
        }
    }

    @Test func `missing settings are listed by name`() throws {
        let error = try missing("gmail", IntegrationSettings())
        #expect(error?.missing == ["integrations.gmail.client_id", "integrations.gmail.client_secret"])
    }

    @Test func `empty settings are missing ones`() throws {
        let settings = IntegrationSettings(clientID: "", clientSecret: ClientSecret(""))
        #expect(try missing("gmail", settings)?.missing.count == 2)
    }

    @Test func `a public client needs no secret`() throws {
        let settings = IntegrationSettings(clientID: "client")
        #expect(
            try configured(entryText("token: {authentication: none}"), settings: settings).clientSecret == nil
        )
    }

    @Test func `generic needs an issuer or both endpoints`() throws {
        var settings = IntegrationSettings(clientID: "client", clientSecret: ClientSecret("secret"))
        #expect(try missing("generic", settings)?.missing.first?.contains("issuer") == true)
        settings.tokenEndpoint = "https://example.com/token"
        #expect(try missing("generic", settings)?.missing == ["integrations.generic.authorization_endpoint"])
        settings.authorizationEndpoint = "https://example.com/authorize"
        #expect(try missing("generic", settings) == nil)
    }

    @Test func `S06 one endpoint of another provider beside one of the catalog's is refused`() throws {
        var settings = IntegrationSettings(clientID: "client", clientSecret: ClientSecret("secret"))
        settings.tokenEndpoint = "https://attacker.example/token"
        #expect(try missing("gmail", settings)?.missing == ["integrations.gmail.authorization_endpoint"])
    }

    @Test(arguments: [
        "http://example.com", "http://127.0.0.1", "example.com", "ftp://example.com", "https://",
    ])
    func `a configured issuer is an https URL`(_ issuer: String) throws {
        let settings = IntegrationSettings(clientID: "c", clientSecret: ClientSecret("s"), issuer: issuer)
        #expect(try missing("generic", settings)?.invalid.count == 1)
    }

    @Test func `loopback http needs the flag`() throws {
        let generic = try #require(try Catalog()["generic"])
        let settings = IntegrationSettings(
            clientID: "c", clientSecret: ClientSecret("s"), authorizationEndpoint: "http://127.0.0.1:1/a",
            tokenEndpoint: "http://localhost:1/t")
        #expect(throws: SettingsError.self) { try ConfiguredIntegration(generic, settings: settings) }
        let integration = try ConfiguredIntegration(generic, settings: settings, allowsInsecureLoopback: true)
        #expect(try integration.endpoints().token == "http://localhost:1/t")
    }

    @Test func `S23 a client secret shows nowhere`() throws {
        let settings = IntegrationSettings(clientID: "client", clientSecret: ClientSecret("canary-secret"))
        var dumped = ""
        dump(settings, to: &dumped)
        for text in ["\(settings)", String(reflecting: settings), dumped] {
            #expect(!text.contains("canary"))
        }
    }

    @Test func `scopes are the caller's, else the operator's, else the catalog's, and those always needed`()
        throws
    {
        let text = entryText("default_scopes: [a]\nrequired_scopes: [r]")
        #expect(try configured(text).scopes(requested: []) == ["a", "r"])
        #expect(try configured(text).scopes(requested: ["b", "r", "b"]) == ["b", "r"])
        let settings = IntegrationSettings(
            clientID: "client", clientSecret: ClientSecret("secret"), scopes: ["o"])
        #expect(try configured(text, settings: settings).scopes(requested: []) == ["o", "r"])
    }

    @Test func `fixed scopes cannot be chosen and none are none`() throws {
        let fixed = entryText("default_scopes: [a]\nscope: {mode: fixed}")
        #expect(try configured(fixed).scopes(requested: ["b"]) == ["a"])
        #expect(try configured(entryText("scope: {mode: none}")).scopes(requested: ["b"]) == [])
    }
}

@Suite("DiscoveryDocument") struct DiscoveryDocumentTests {
    private func document(
        issuer: String = "https://id.example.com", authorization: String = "https://id.example.com/a",
        token: String = "https://id.example.com/t", extra: String = ""
    ) throws -> DiscoveryDocument {
        try DiscoveryDocument.parse(
            Array(
                """
                {"issuer": "\(issuer)", "authorization_endpoint": "\(authorization)",
                 "token_endpoint": "\(token)"\(extra)}
                """.utf8))
    }

    private func generic() throws -> ConfiguredIntegration {
        let settings = IntegrationSettings(
            clientID: "client", clientSecret: ClientSecret("secret"), issuer: "https://id.example.com")
        return try configured("", id: "generic", settings: settings)
    }

    @Test func `a document fills in the endpoints`() throws {
        let integration = try generic()
        #expect(integration.needsDiscovery)
        #expect(throws: ParameterError.discoveryPending) { try integration.endpoints() }
        let discovered = try integration.discovered(
            with: document(extra: ", \"authorization_response_iss_parameter_supported\": true"))
        #expect(!discovered.needsDiscovery)
        #expect(discovered.sendsIssuer)
        let endpoints = try discovered.endpoints()
        #expect(endpoints.token == "https://id.example.com/t")
        #expect(endpoints.issuer == "https://id.example.com")
    }

    @Test func `basic is chosen where only basic is offered`() throws {
        let only =
            ", \"token_endpoint_auth_methods_supported\": [\"client_secret_basic\", \"private_key_jwt\"]"
        #expect(
            try generic().discovered(with: document(extra: only)).tokenAuthentication == .clientSecretBasic)
        #expect(try generic().discovered(with: document()).tokenAuthentication == .clientSecretPost)
    }

    @Test(arguments: [
        "https://id.example.com/", "https://ID.example.com", "https://id.example.com:443",
        "https://other.example",
        "http://id.example.com",
    ]) func `S06 a document of another issuer is refused, however alike`(_ issuer: String) throws {
        #expect(throws: DiscoveryError.issuerMismatch(stated: issuer)) {
            try generic().discovered(with: document(issuer: issuer))
        }
    }

    @Test(arguments: [
        "http://id.example.com/t", "http://127.0.0.1/t", "https://u@id.example.com/t", "/t", "javascript:1",
    ])
    func `a document's endpoints are https URLs`(_ url: String) throws {
        #expect(throws: DiscoveryError.self) { try generic().discovered(with: document(token: url)) }
        #expect(throws: DiscoveryError.self) { try generic().discovered(with: document(authorization: url)) }
    }

    @Test(arguments: [
        "", "{", "[]", "null", "{}", "{\"issuer\": 1}", "{\"issuer\": \"\"}", "<html>",
    ])
    func `garbage is no document`(_ text: String) {
        #expect(throws: DiscoveryError.self) { try DiscoveryDocument.parse(Array(text.utf8)) }
    }

    @Test(arguments: [
        #""authorization_endpoint": """#, #""authorization_endpoint": 1"#, #""authorization_endpoint": null"#,
        #""x": 1"#,
    ])
    func `an endpoint that is needed must be in the document`(_ member: String) throws {
        let document = try DiscoveryDocument.parse(
            Array(
                #"{"issuer": "https://id.example.com", "token_endpoint": "https://id.example.com/t", \#(member)}"#
                    .utf8))
        #expect(throws: DiscoveryError.malformed("`authorization_endpoint` is missing, or no text")) {
            try generic().discovered(with: document)
        }
    }

    @Test(arguments: [
        "\"\"", "null", "17", "[]", "\"/revoke\"", "\"http://id.example.com/r\"", "\"javascript:1\"",
    ])
    func `an optional member that is empty or odd does not refuse the document`(_ value: String) throws {
        let members = [
            "revocation_endpoint", "jwks_uri", "token_endpoint_auth_methods_supported",
            "revocation_endpoint_auth_methods_supported", "id_token_signing_alg_values_supported",
            "authorization_response_iss_parameter_supported",
        ].map { ", \"\($0)\": \(value)" }.joined()
        let discovered = try generic().discovered(with: document(extra: members))
        #expect(try discovered.endpoints().revocation == nil)
        #expect(discovered.tokenAuthentication == .clientSecretPost)
        #expect(!discovered.sendsIssuer)
    }

    @Test func `a revocation endpoint has a client authentication of its own`() throws {
        let extra = """
            , "revocation_endpoint": "https://id.example.com/r",
             "revocation_endpoint_auth_methods_supported": ["client_secret_basic"]
            """
        let discovered = try generic().discovered(with: document(extra: extra))
        #expect(try discovered.endpoints().revocation == "https://id.example.com/r")
        #expect(discovered.revocationAuthentication == .clientSecretBasic)
        #expect(discovered.tokenAuthentication == .clientSecretPost)
        let silent = try generic().discovered(
            with: document(extra: ", \"token_endpoint_auth_methods_supported\": [\"client_secret_basic\"]"))
        #expect(silent.revocationAuthentication == .clientSecretBasic)
    }

    @Test(arguments: [
        (
            "https://a",
            [
                "https://a/.well-known/openid-configuration",
                "https://a/.well-known/oauth-authorization-server",
            ]
        ),
        (
            "https://a/",
            [
                "https://a/.well-known/openid-configuration",
                "https://a/.well-known/oauth-authorization-server",
            ]
        ),
        (
            "https://a:8443/b/c",
            [
                "https://a:8443/b/c/.well-known/openid-configuration",
                "https://a:8443/.well-known/oauth-authorization-server/b/c",
                "https://a:8443/.well-known/openid-configuration/b/c",
            ]
        ),
        (
            "https://a/b/",
            [
                "https://a/b/.well-known/openid-configuration",
                "https://a/.well-known/oauth-authorization-server/b",
                "https://a/.well-known/openid-configuration/b",
            ]
        ),
    ]) func `a document lies where OpenID appends and where RFC 8414 inserts`(
        _ issuer: String, _ urls: [String]
    ) {
        #expect(DiscoveryDocument.urls(issuer: issuer) == urls)
    }

    @Test func `an issuer that differs by a slash is told so`() {
        let slash = DiscoveryError.issuerMismatch(stated: "https://a/").sentence(issuer: "https://a")
        #expect(slash.contains("by the slash at its end") && slash.contains("`https://a/`"))
        let other = DiscoveryError.issuerMismatch(stated: "https://b/\r\nX").sentence(issuer: "https://a")
        #expect(other.contains("another issuer, `https://b/??X`"))
    }
}
