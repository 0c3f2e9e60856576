import Testing

@testable import Integrations

/// Clients that belong to one of the hosts that callers may name.
@Suite("Clients for one host") struct ClientHostTests {
    private static func entry(
        _ parameter: String = "{kind: host, client_host: true}", url: String = "https://{host}",
        _ extra: String = ""
    ) -> String {
        """
        integrations:
          acme:
            documentation: https://example.com/docs
            parameters: {host: \(parameter)}
            authorization_endpoint: "\(url)/authorize"
            token_endpoint: "\(url)/token"
            revocation_endpoint: "\(url)/revoke"
        \(extra)
        """
    }

    private static func settings(
        host: String?, _ authentication: ClientAuthentication? = nil
    ) -> IntegrationSettings {
        var settings = IntegrationSettings(
            clientID: "client",
            clientSecret: authentication == ClientAuthentication.none ? nil : ClientSecret("secret"))
        settings.host = host
        settings.clientAuthentication = authentication
        return settings
    }

    private func client(
        _ text: String = entry(), host: String?, _ authentication: ClientAuthentication? = nil
    ) throws -> ConfiguredIntegration {
        try configured(text, id: "acme", settings: Self.settings(host: host, authentication))
    }

    private func problem(_ text: String = entry(), host: String?) -> SettingsError? {
        #expect(throws: SettingsError.self) { try client(text, host: host) }
    }

    @Test(arguments: [nil, ""]) func `S40 a client with a secret that belongs to no host is no client`(
        _ host: String?
    ) {
        #expect(mistakes(Self.entry()) == [])
        let error = problem(host: host)
        #expect(error?.missing == ["integrations.acme.host"] && error?.invalid == [])
    }

    @Test(arguments: [
        "evil.example", "example.com", "git.example.com.evil.example", "xgit.example.com", "git.example.co",
        "git.example.com:8443", "git.example.com/x", "user@git.example.com", "git.example.com.", "",
    ]) func `S40 a client's secret goes to its own host and to no other`(_ other: String) throws {
        let client = try client(host: "git.example.com")
        for endpoints in [
            try client.endpoints(parameters: ["host": "git.example.com"]),
            try client.endpoints(parameters: ["host": "https://GIT.example.com/"], callbackFields: [:]),
        ] {
            #expect(endpoints.token.lowercased() == "https://git.example.com/token")
        }
        #expect(throws: ParameterError.self) { try client.endpoints(parameters: ["host": other]) }
        #expect(throws: ParameterError.self) {
            try client.endpoints(parameters: ["host": other], callbackFields: ["host": "git.example.com"])
        }
        #expect(throws: ParameterError.self) { try client.fingerprint(parameters: ["host": other]) }
    }

    @Test func `S40 a flow that names no host begins nowhere, whatever the default is`() throws {
        #expect(throws: ParameterError.self) { try client(host: "git.example.com").endpoints() }
        let other = try client(
            Self.entry("{kind: host, client_host: true, default: evil.example}"), host: "git.example.com")
        #expect(throws: ParameterError.self) { try other.endpoints() }
        #expect(throws: ParameterError.self) { try other.endpoints(parameters: [:], callbackFields: [:]) }
    }

    @Test func `S40 a server is the same by its whole URL, and a path has a case`() throws {
        let text = Self.entry("{kind: url, client_host: true}", url: "{host}")
        let client = try client(text, host: "https://git.example.com:8443/Forge/")
        #expect(
            try client.endpoints(parameters: ["host": "https://git.example.com:8443/Forge"]).token
                == "https://git.example.com:8443/Forge/token")
        for other in [
            "https://git.example.com/Forge", "https://git.example.com:8443",
            "https://git.example.com:8443/forge",
            "https://git.example.com:8443/Forge/x", "https://evil.example:8443/Forge",
        ] {
            #expect(throws: ParameterError.self) { try client.endpoints(parameters: ["host": other]) }
        }
    }

    @Test func `a public client may belong to a host, and is held to it then`() throws {
        let text = Self.entry("{kind: host, client_host: true}", "    token: {authentication: none}")
        #expect(
            try client(text, host: nil, ClientAuthentication.none).endpoints(parameters: ["host": "a.example"]
            )
            .token == "https://a.example/token")
        let bound = try client(text, host: "git.example.com", ClientAuthentication.none)
        #expect(throws: ParameterError.self) { try bound.endpoints(parameters: ["host": "a.example"]) }
    }

    @Test(arguments: [
        "git.example.com:8443", "git.example.com/x", "localhost", "10.0.0.1", "a b", "*", "git..com",
    ])
    func `a host that is none is rejected, and not repeated`(_ host: String) {
        let error = problem(host: host)
        #expect(error?.missing == [] && error?.invalid.count == 1)
        #expect(error?.invalid.first?.hasPrefix("integrations.acme.host ") == true)
        #expect(error?.description.contains(host) == false)
    }

    @Test func `a host is rejected where clients belong to none`() {
        let text = Self.entry("{kind: host, pattern: \"[a-z]+[.]example[.]com\"}")
        #expect(problem(text, host: "git.example.com")?.invalid.first?.contains("client_host") == true)
    }

    @Test(arguments: [
        "{kind: host}", "{kind: host, client_host: false}",
        "{kind: host, client_host: null, pattern: \".*\"}",
    ]) func `S40 without the mark the entry is rejected`(_ parameter: String) {
        #expect(mistakes(Self.entry(parameter)).contains { $0.field == "token_endpoint" })
    }

    @Test(arguments: [
        "{kind: host, client_host: true, from: client}", "{client_host: true}",
        "{kind: segment, client_host: true}",
        "{kind: host, client_host: true, from: callback.host, pattern: \"[a-z]+[.]example[.]com\"}",
    ]) func `S40 only a whole host that callers name belongs to a client`(_ parameter: String) {
        let found = mistakes(Self.entry(parameter, "    callback: {fields: [host]}"))
        #expect(found.contains { $0.field?.hasSuffix("client_host") == true }, "\(found)")
    }

    @Test func `S40 a client belongs to one host`() {
        let text = """
            integrations:
              acme:
                documentation: https://example.com/docs
                parameters: {a: {kind: host, client_host: true}, b: {kind: host, client_host: true}}
                authorization_endpoint: "https://{a}/authorize"
                token_endpoint: "https://{b}/token"
            """
        #expect(mistakes(text).contains { $0.advice.contains("one host") })
    }
}
