import Testing

@testable import Integrations

/// What an operator can say about a server that no entry describes.
@Suite("Generic settings") struct GenericSettingsTests {
    private func generic(
        _ change: (inout IntegrationSettings) -> Void
    ) throws -> ConfiguredIntegration {
        var settings = IntegrationSettings(
            clientID: "client", clientSecret: ClientSecret("secret"),
            authorizationEndpoint: "https://id.example.com/a", tokenEndpoint: "https://id.example.com/t")
        change(&settings)
        return try configured("", id: "generic", settings: settings)
    }

    private func document(_ extra: String = "") throws -> DiscoveryDocument {
        try DiscoveryDocument.parse(
            Array(
                """
                {"issuer": "https://id.example.com", "authorization_endpoint": "https://id.example.com/a",
                 "token_endpoint": "https://id.example.com/t",
                 "revocation_endpoint": "https://id.example.com/r"\(extra)}
                """.utf8))
    }

    @Test(arguments: ClientAuthentication.allCases)
    func `the client authenticates as the operator says`(_ authentication: ClientAuthentication) throws {
        let integration = try generic { $0.clientAuthentication = authentication }
        #expect(integration.tokenAuthentication == authentication)
        #expect(integration.refreshAuthentication == authentication)
    }

    @Test(arguments: ["http://id.example.com/t", "id.example.com", "https://id.example.com/{x}", ""])
    func `a URL that is none is one mistake, and nothing is missing beside it`(_ url: String) {
        let changes: [(inout IntegrationSettings) -> Void] = [
            { $0.tokenEndpoint = url }, { $0.authorizationEndpoint = url },
            { ($0.authorizationEndpoint, $0.tokenEndpoint, $0.issuer) = (nil, nil, url) },
        ]
        for change in changes {
            let error = #expect(throws: SettingsError.self) { try generic(change) }
            #expect(error?.missing == [] && error?.invalid.count == 1, "\(String(describing: error))")
        }
    }

    @Test func `a public client needs no secret, and any other does`() throws {
        let integration = try generic {
            $0.clientAuthentication = ClientAuthentication.none
            $0.clientSecret = nil
        }
        #expect(integration.clientSecret == nil)
        for authentication in ClientAuthentication.allCases where authentication != .none {
            let error = #expect(throws: SettingsError.self) {
                try generic {
                    $0.clientAuthentication = authentication
                    $0.clientSecret = nil
                }
            }
            #expect(error?.missing == ["integrations.generic.client_secret"])
        }
    }

    @Test(arguments: ["client_secret_basic", "client_secret_post", "private_key_jwt"])
    func `discovery does not change how the client authenticates where the operator says it`(
        _ offered: String
    )
        throws
    {
        let waiting = try generic {
            ($0.authorizationEndpoint, $0.tokenEndpoint, $0.issuer) = (nil, nil, "https://id.example.com")
            $0.clientAuthentication = .clientSecretPost
        }
        let found = try waiting.discovered(
            with: document(", \"token_endpoint_auth_methods_supported\": [\"\(offered)\"]"))
        #expect(found.tokenAuthentication == .clientSecretPost)
        #expect(found.refreshAuthentication == .clientSecretPost)
        #expect(try found.discovered(with: document()).tokenAuthentication == .clientSecretPost)
    }

    @Test func `all endpoints can be set`() throws {
        let endpoints = try generic {
            $0.refreshEndpoint = "https://id.example.com/refresh"
            $0.revocationEndpoint = "https://id.example.com/revoke"
        }.endpoints()
        #expect(endpoints.token == "https://id.example.com/t")
        #expect(endpoints.refresh == "https://id.example.com/refresh")
        #expect(endpoints.revocation == "https://id.example.com/revoke")
    }

    @Test func `a revocation endpoint is not dropped because the token endpoint is set`() throws {
        // The document's, beside a token endpoint of the operator's.
        let waiting = try generic {
            ($0.authorizationEndpoint, $0.issuer) = (nil, "https://id.example.com")
            $0.tokenEndpoint = "https://inside.example.com/t"
        }
        let found = try waiting.discovered(with: document()).endpoints()
        #expect(
            found.token == "https://inside.example.com/t" && found.revocation == "https://id.example.com/r")
        // The entry's, where the entry leaves its endpoints to the operator.
        let text = """
            integrations:
              acme: {inherits: generic, revocation_endpoint: "https://id.example.com/r", refresh_endpoint: "https://id.example.com/f"}
            """
        let settings = IntegrationSettings(
            clientID: "client", clientSecret: ClientSecret("secret"),
            authorizationEndpoint: "https://id.example.com/a", tokenEndpoint: "https://id.example.com/t")
        let own = try configured(text, id: "acme", settings: settings).endpoints()
        #expect(own.revocation == "https://id.example.com/r" && own.refresh == "https://id.example.com/f")
    }

    @Test func `S06 a token endpoint that is set leaves no request at the catalog's own server`() throws {
        let settings = IntegrationSettings(
            clientID: "client", clientSecret: ClientSecret("secret"),
            authorizationEndpoint: "https://id.example.com/a", tokenEndpoint: "https://id.example.com/t")
        let endpoints = try configured("", id: "gmail", settings: settings).endpoints()
        #expect(endpoints.revocation == nil && endpoints.refresh == "https://id.example.com/t")
    }

    @Test(arguments: [
        "http://id.example.com/r", "id.example.com", "https://", "https://{host}/r", "javascript:1",
    ])
    func `an endpoint that is set is an https URL without places`(_ url: String) {
        for path in [\IntegrationSettings.refreshEndpoint, \.revocationEndpoint, \.tokenEndpoint] {
            #expect(throws: SettingsError.self) { try generic { $0[keyPath: path] = url } }
        }
    }

    @Test func `S40 a setting does not make a client confidential whose host the caller names`() throws {
        let text = """
            integrations:
              acme:
                documentation: https://example.com/docs
                parameters: {host: {kind: host}}
                authorization_endpoint: "https://{host}/a"
                token_endpoint: "https://{host}/t"
                token: {authentication: none}
            """
        var settings = IntegrationSettings(clientID: "client", clientSecret: ClientSecret("secret"))
        #expect(throws: Never.self) { try configured(text, id: "acme", settings: settings) }
        for authentication in ClientAuthentication.allCases where authentication != .none {
            settings.clientAuthentication = authentication
            let error = #expect(throws: SettingsError.self) {
                try configured(text, id: "acme", settings: settings)
            }
            #expect(error?.invalid.first?.hasPrefix("integrations.acme.token_endpoint: the caller") == true)
        }
    }

    @Test func `the keys of an entry are those that are read`() throws {
        let advice = try #require(
            mistakes(entryText("unheard_of: 1")).first { $0.field == "unheard_of" }?.advice)
        let listed = try #require(advice.split(separator: "use one of: ").last)
        var keys = Set(listed.split(separator: ", ").map(String.init))
        keys.formUnion(["abstract", "inherits", "replace"])
        #expect(keys == Integration.entryKeys)
    }

    // MARK: Offline access

    private func waiting(_ change: (inout IntegrationSettings) -> Void = { _ in }) throws
        -> ConfiguredIntegration
    {
        try generic {
            ($0.authorizationEndpoint, $0.tokenEndpoint, $0.issuer) = (nil, nil, "https://id.example.com")
            $0.scopes = ["openid", "email"]
            $0.wantsOfflineAccess = true
            change(&$0)
        }
    }

    private func prefix(_ integration: ConfiguredIntegration) throws -> String {
        String(decoding: try integration.endpoints().authorizationPrefix.octets, as: UTF8.self)
    }

    @Test func `offline access is asked for where it is wanted and offered`() throws {
        let offering = try document(#", "scopes_supported": ["openid", "offline_access"]"#)
        let found = try waiting().discovered(with: offering)
        #expect(found.scopes(requested: []) == ["openid", "email", "offline_access"])
        #expect(found.scopes(requested: ["offline_access", "read"]) == ["offline_access", "read"])
        #expect(try prefix(found).hasSuffix("&prompt=consent"))
        // A document that is read again counts.
        let again = try found.discovered(with: document())
        #expect(again.scopes(requested: []) == ["openid", "email"])
        #expect(try !prefix(again).contains("prompt"))
    }

    @Test(arguments: [
        "", #", "scopes_supported": ["openid"]"#, #", "scopes_supported": "offline_access""#,
        #", "scopes_supported": ["Offline_Access", 1, null]"#,
        #", "scopes_supported": {"offline_access": true}"#,
    ]) func `offline access is not asked for where it is not offered`(_ extra: String) throws {
        let found = try waiting().discovered(with: document(extra))
        #expect(found.scopes(requested: []) == ["openid", "email"])
        #expect(try !prefix(found).contains("prompt"))
    }

    @Test func `offline access is not asked for where the operator does not want it, or names endpoints`()
        throws
    {
        let offering = try document(#", "scopes_supported": ["offline_access"]"#)
        let found = try waiting { $0.wantsOfflineAccess = false }.discovered(with: offering)
        #expect(found.scopes(requested: []) == ["openid", "email"])
        #expect(try !prefix(found).contains("prompt"))
        let named = try generic { $0.wantsOfflineAccess = true }
        #expect(named.scopes(requested: []).isEmpty)
        #expect(try !prefix(named).contains("prompt"))
    }

    @Test func `an entry's own prompt stays`() throws {
        let settings = IntegrationSettings(
            clientID: "client", clientSecret: ClientSecret("secret"), issuer: "https://id.example.com",
            wantsOfflineAccess: true)
        let entry = "integrations: {generic: {authorization: {parameters: {prompt: login consent}}}}"
        let found = try configured(entry, id: "generic", settings: settings).discovered(
            with: document(#", "scopes_supported": ["offline_access"]"#))
        #expect(try prefix(found).hasSuffix("&prompt=login%20consent"))
        #expect(found.scopes(requested: []).contains("offline_access"))
    }
}
