import Testing

@testable import Integrations

/// Choices, values of the operator, servers' URLs, and values that only the callback knows.
@Suite("Template parameters") struct ParameterTests {
    static let regions = """
        integrations:
          sample:
            documentation: https://example.com/docs
            authorization_endpoint: "https://{region.accounts}/authorize"
            token_endpoint: "https://api.{region.zone}.example.com/{region}/token"
            parameters:
              region:
                kind: choice
                default: us
                choices:
                  us: {label: United States, accounts: accounts.example.com, zone: ""}
                  eu: {label: Europe, accounts: accounts.example.eu, zone: eu}
        """

    @Test func `a choice has several values, and an empty one goes with its dot`() throws {
        let integration = try configured(Self.regions)
        let us = try integration.endpoints()
        #expect(us.authorization == "https://accounts.example.com/authorize")
        #expect(us.token == "https://api.example.com/us/token")
        let eu = try integration.endpoints(parameters: ["region": "eu"])
        #expect(eu.authorization == "https://accounts.example.eu/authorize")
        #expect(eu.token == "https://api.eu.example.com/eu/token")
        #expect(eu.values["region"] == "eu" && eu.values["region.accounts"] == "accounts.example.eu")
        #expect(us.fingerprint != eu.fingerprint)
    }

    @Test(arguments: [
        ("{x}.example.com", "", "example.com"), ("https://{x}.example.com/a", "", "https://example.com/a"),
        ("https://a.{x}.example.com/a", "", "https://a.example.com/a"),
        ("https://a.{x}/b", "", "https://a/b"), ("https://a.{x}", "", "https://a"),
        // Part of a label takes no dot with it.
        ("https://api{x}.example.com/a", "", "https://api.example.com/a"),
        ("https://api{x}.example.com/a", "-eu", "https://api-eu.example.com/a"),
        ("https://{x}.example.com/a", "eu", "https://eu.example.com/a"),
    ]) func `a label that is empty takes its dot with it`(_ text: String, _ value: String, _ filled: String)
        throws
    {
        #expect(try Template(text).filled(["x": value]) == filled)
    }

    @Test func `a choice's values stand in the URL of a look-up, too`() throws {
        let text =
            Self.regions
            + "\n    account: {lookup: {url: \"https://{region.accounts}/user\"}, id: lookup.id}"
        let integration = try configured(text)
        let endpoints = try integration.endpoints(parameters: ["region": "eu"])
        let lookup = try integration.accountLookupURL(parameters: endpoints.values, kept: [:])
        #expect(lookup?.url == "https://accounts.example.eu/user")
        #expect(lookup?.isHostNamedByCaller == false)
    }

    @Test(arguments: ["", "US", "us ", "ap", "us.accounts", "accounts.example.com", "us\n", "../eu"])
    func `S19 a choice is one of the entry's, to the letter`(_ value: String) throws {
        let integration = try configured(Self.regions)
        #expect(throws: ParameterError.invalid(name: "region", reason: "must be one of: us, eu")) {
            try integration.endpoints(parameters: ["region": value])
        }
    }

    @Test(arguments: ["region.accounts", "region.zone", "Region"])
    func `S19 no caller gives a value that the entry has for itself`(_ name: String) throws {
        let integration = try configured(Self.regions)
        #expect(throws: ParameterError.unknown(name: name)) {
            try integration.endpoints(parameters: [name: "attacker.example"])
        }
    }

    private static func entry(
        _ parameter: String, url: String = "https://example.com/{p}", _ extra: String = ""
    )
        -> String
    {
        """
        integrations:
          sample:
            documentation: https://example.com/docs
            authorization_endpoint: https://example.com/authorize
            token_endpoint: "\(url)"
            parameters: {p: \(parameter)}
            \(extra)
        """
    }

    @Test(arguments: [
        ("{kind: choice}", "https://{p.a}/t", "parameters.p.choices"),
        ("{kind: label, choices: {a: {h: x.example}}}", "https://{p}.example.com/t", "parameters.p.kind"),
        ("{choices: {a: {h: x.example}, b: {}}}", "https://{p.h}/t", "parameters.p.choices.b"),
        ("{choices: {a: {h: x.example}}}", "https://{p.other}/t", "token_endpoint"),
        ("{choices: {a: {h: x.example}}}", "https://{q.h}/t", "token_endpoint"),
        ("{choices: {a: {h: \"x example\"}}}", "https://{p.h}/t", "parameters.p.choices.a.h"),
        ("{choices: {a: {h: \"{p}\"}}}", "https://{p.h}/t", "parameters.p.choices.a.h"),
        ("{choices: {a: {\"h.h\": x}}}", "https://{p}.example.com/t", "parameters.p.choices.a.h.h"),
        ("{choices: {\"a b\": {h: x.example}}}", "https://{p.h}/t", "parameters.p.choices.…"),
        ("{choices: {a: {h: x.example}}, default: b}", "https://{p.h}/t", "parameters.p.default"),
        ("{choices: {a: {h: user@x.example}}}", "https://{p.h}/t", "token_endpoint"),
        ("{choices: {a: {h: \"\"}}}", "https://{p.h}/t", "token_endpoint"),
        ("{choices: {a: {h: x.example, u: \"http://x.example\"}}}", "{p.u}/t", "token_endpoint"),
        ("{from: server}", "https://example.com/{p}", "parameters.p.from"),
        ("{from: callback.}", "https://example.com/{p}", "parameters.p.from"),
        ("{secret: true, kind: segment}", "https://example.com/{p}", "parameters.p.secret"),
        ("{from: client, secret: true}", "https://example.com/{p}", "token_endpoint"),
        ("{from: client, secret: true, default: a}", "https://example.com/{p}", "parameters.p.default"),
        ("{use: app, kind: segment}", "https://example.com/{p}", "parameters.p.use"),
        ("{use: api, kind: segment}", "https://example.com/{p}", "parameters.p"),
        ("{kind: url}", "https://{p}/t", "token_endpoint"), ("{kind: url}", "{p}", "token_endpoint"),
        ("{kind: url}", "{p}.example.com/t", "token_endpoint"), ("{kind: url}", "{p}{p}/t", "token_endpoint"),
        ("{kind: url}", "https://example.com/{p}", "token_endpoint"),
        ("{kind: url}", "{p}/a/{p}", "token_endpoint"), ("{kind: url}", "{p}?a=1", "token_endpoint"),
        ("{kind: segment}", "{p}/t", "token_endpoint"), ("{kind: host}", "{p}/t", "token_endpoint"),
    ]) func `a parameter that cannot be right is refused where it stands`(
        _ parameter: String, _ url: String, _ field: String
    ) {
        let found = mistakes(Self.entry(parameter, url: url, "token: {authentication: none}"))
        #expect(found.contains { $0.field == field }, "\(found)")
    }

    @Test func `a choice's values may be whole URLs of the entry`() throws {
        let text = Self.entry(
            "{choices: {a: {u: \"https://x.example/v1\"}, b: {u: \"https://y.example:8443\"}}}",
            url: "{p.u}/token")
        #expect(
            try configured(text).endpoints(parameters: ["p": "b"]).token == "https://y.example:8443/token")
    }

    @Test(arguments: ["apiKey", "accountId", "A", "a_1"])
    func `a name may be in camel case`(_ name: String) throws {
        let text = Self.entry("{kind: segment}").replacing("{p}", with: "{\(name)}")
            .replacing("{p:", with: "{\(name):")
        #expect(try configured(text).endpoints(parameters: [name: "x"]).token == "https://example.com/x")
    }

    @Test func `S40 a choice cannot name the caller's host, and its values fix the site`() {
        #expect(mistakes(Self.regions) == [])
        let text = Self.entry("{choices: {a: {h: com}, b: {h: example.com}}}", url: "https://{q}.{p.h}/t")
            .replacing("{p: {", with: "{q: {}, p: {")
        #expect(
            mistakes(text).contains { $0.field == "token_endpoint" && $0.advice.contains("client secret") })
    }

    @Test func `a parameter for the app alone stands in no template and is checked`() throws {
        let text = entryText("parameters: {domain: {kind: host, use: api}}")
        let integration = try configured(text)
        #expect(throws: ParameterError.missing(name: "domain", label: "domain")) {
            try integration.endpoints()
        }
        #expect(throws: ParameterError.self) { try integration.endpoints(parameters: ["domain": "a/b"]) }
        #expect(
            try integration.endpoints(parameters: ["domain": "api.example.com"]).token.hasSuffix("/token"))
    }
}

@Suite("Parameters of the client") struct ClientParameterTests {
    private static let text = entryText(
        """
        parameters:
          ru_name: {from: client, kind: segment, pattern: "[A-Za-z0-9_-]+"}
          developer_token: {from: client, secret: true}
        authorization: {redirect_uri: "{ru_name}"}
        token: {headers: {Developer-Token: "{developer_token}"}}
        """)

    private static func settings(_ parameters: [String: String]) -> IntegrationSettings {
        IntegrationSettings(
            clientID: "client", clientSecret: ClientSecret("secret"),
            parameters: parameters.mapValues { ClientSecret($0) })
    }

    private static let complete = ["ru_name": "Acme-App-1", "developer_token": "canary+/= token"]

    @Test func `the operator's settings fill templates`() throws {
        let integration = try configured(Self.text, settings: Self.settings(Self.complete))
        let endpoints = try integration.endpoints()
        #expect(endpoints.values["developer_token"] == "canary+/= token")
        #expect(endpoints.redirectURI == "Acme-App-1")
    }

    @Test func `what is missing is named as the setting that it is`() {
        #expect(
            throws: SettingsError(
                missing: [
                    "integrations.sample.params.ru_name", "integrations.sample.params.developer_token",
                ], invalid: [])
        ) { try configured(Self.text, settings: Self.settings(["ru_name": ""])) }
    }

    @Test(arguments: ["ru_name", "developer_token"])
    func `what is wrong is named without its value`(_ name: String) throws {
        var values = Self.complete
        values[name] = "canary\r\nHost: x"
        let error = #expect(throws: SettingsError.self) {
            try configured(Self.text, settings: Self.settings(values))
        }
        let invalid = try #require(error?.invalid)
        #expect(invalid.count == 1 && invalid[0].hasPrefix("integrations.sample.params.\(name) must be"))
        #expect(!invalid[0].contains("canary"))
    }

    @Test(arguments: ["ru_name", "developer_token"])
    func `no caller gives a value that is the operator's`(_ name: String) throws {
        let integration = try configured(Self.text, settings: Self.settings(Self.complete))
        #expect(throws: ParameterError.unknown(name: name)) {
            try integration.endpoints(parameters: [name: "x"])
        }
    }

    @Test func `a secret shows in no print-out of the settings`() {
        #expect(!"\(Self.settings(Self.complete))".contains("canary"))
    }

    @Test(arguments: [
        "authorization: {parameters: {t: \"{token}\"}}", "authorization: {redirect_uri: \"{token}\"}",
        "callback: {expected: {t: \"{token}\"}}",
    ]) func `a secret goes neither through the browser nor into a comparison with what came from it`(
        _ rules: String
    ) {
        let found = mistakes(entryText("parameters: {token: {from: client, secret: true}}\n\(rules)"))
        #expect(found.contains { $0.advice.contains("secret parameter") }, "\(found)")
    }

    @Test func `S40 an operator may name the server that gets the secret`() throws {
        for (parameter, url) in [
            ("{from: client, kind: url}", "{p}/oauth/token"),
            ("{from: client, kind: host}", "https://{p}/token"),
            ("{from: client, kind: label}", "https://{p}.com/token"),
        ] {
            let text = entryText("refresh_endpoint: \"\(url)\"\nparameters: {p: \(parameter)}")
            #expect(mistakes(text) == [])
        }
        let text = entryText("refresh_endpoint: \"{p}/token\"\nparameters: {p: {from: client, kind: url}}")
        let integration = try configured(text, settings: Self.settings(["p": "https://id.example.com/auth/"]))
        #expect(try integration.endpoints().refresh == "https://id.example.com/auth/token")
        #expect(!integration.isHostNamedByCaller)
    }
}

@Suite("Self-hosted servers") struct ServerURLTests {
    private static func text(_ rules: String = "token: {authentication: none}") -> String {
        """
        integrations:
          sample:
            documentation: https://example.com/docs
            authorization_endpoint: "{base}/oauth/authorize"
            token_endpoint: "{base}/oauth/token"
            parameters: {base: {kind: url}}
            \(rules)
        """
    }

    @Test(arguments: [
        ("https://git.example.com", "https://git.example.com"),
        ("https://git.example.com/", "https://git.example.com"),
        ("https://git.example.com:8443", "https://git.example.com:8443"),
        ("https://example.com/git/lab", "https://example.com/git/lab"),
        ("https://example.com:443/git/", "https://example.com:443/git"),
    ]) func `a server has a host, and may have a port and a path`(_ value: String, _ base: String) throws {
        let endpoints = try configured(Self.text()).endpoints(parameters: ["base": value])
        #expect(endpoints.authorization == base + "/oauth/authorize")
        #expect(endpoints.token == base + "/oauth/token")
    }

    @Test(arguments: [
        "", "git.example.com", "http://git.example.com", "https://", "https:///a", "https://localhost",
        "https://git", "https://127.0.0.1", "https://127.0.0.1:8443", "https://[::1]", "https://2130706433",
        "https://0x7f.1", "https://user@git.example.com", "https://user:pass@git.example.com",
        "https://git.example.com:0", "https://git.example.com:99999", "https://git.example.com:x",
        "https://git.example.com?a=b", "https://git.example.com/?a=b", "https://git.example.com#a",
        "https://git.example.com/a?b", "https://git.example.com/a#b", "https://git.example.com//a",
        "https://git.example.com//", "https://git.example.com/../a", "https://git.example.com/a/..",
        "https://git.example.com/./a", "https://git.example.com/a%2Fb", "https://git.example.com/a b",
        "https://git.example.com/{base}", "https://git.example.com\\@evil.example", "HTTPS://git.example.com",
        "https://git..example.com", "https://git.example.com.", "https://ｇit.example.com",
        "javascript:alert(1)",
        "https://git.example.com/a;b", "https://git.example.com\n", " https://git.example.com",
    ]) func `S19 what is no server's URL is refused`(_ value: String) throws {
        let integration = try configured(Self.text())
        #expect(throws: ParameterError.self) { try integration.endpoints(parameters: ["base": value]) }
        #expect(throws: ParameterError.self) {
            try integration.endpoints(parameters: ["base": value], callbackFields: [:])
        }
    }

    @Test func `S40 a server that the caller names gets no client secret`() throws {
        for rules in ["label: Sample", "token: {authentication: none}\n    refresh: {authentication: both}"] {
            let found = mistakes(Self.text(rules))
            #expect(found.contains { $0.field == "token_endpoint" && $0.advice.contains("client secret") })
        }
        #expect(mistakes(Self.text()) == [])
        // A pattern is over the whole URL, and proves nothing of its host.
        let text = Self.text("label: Sample").replacing(
            "kind: url", with: "kind: url, pattern: \"https://x[.]example[.]com\"")
        #expect(!mistakes(text).isEmpty)
        #expect(try configured(Self.text()).isHostNamedByCaller)
    }

    @Test func `S40 a look-up goes to the server that issued the token, and to no other`() {
        let lookup = "account: {lookup: {url: \"{base}/api/user\"}, id: lookup.id}"
        let rules = "token: {authentication: none}\n    "
        #expect(mistakes(Self.text(rules + lookup)) == [])
        let other = Self.text(rules + lookup.replacing("{base}", with: "{other}"))
            .replacing("{base: {kind: url}}", with: "{base: {kind: url}, other: {kind: url}}")
        #expect(mistakes(other).contains { $0.field == "account.lookup.url" }, "\(mistakes(other))")
    }

    @Test func `plain http is for loopback in development alone`() throws {
        let integration = try configured(Self.text(), allowsInsecureLoopback: true)
        let endpoints = try integration.endpoints(parameters: ["base": "http://127.0.0.1:9000"])
        #expect(endpoints.token == "http://127.0.0.1:9000/oauth/token")
        #expect(throws: ParameterError.self) {
            try integration.endpoints(parameters: ["base": "http://git.example.com"])
        }
    }
}

@Suite("Parameters of the callback") struct CallbackParameterTests {
    private static let text = """
        integrations:
          sample:
            documentation: https://example.com/docs
            authorization_endpoint: https://example.com/authorize
            token_endpoint: "https://{server}/token"
            parameters:
              server:
                {from: callback.accounts-server, kind: host, pattern: "accounts[.]example[.](com|eu)", default: accounts.example.com}
            callback: {fields: [accounts-server]}
        """

    @Test func `a default stands in where the callback has no such field`() throws {
        let integration = try configured(Self.text)
        #expect(
            try integration.endpoints(parameters: [:], callbackFields: [:]).token
                == "https://accounts.example.com/token")
        let fields = ["accounts-server": "https://accounts.example.eu"]
        #expect(
            try integration.endpoints(parameters: [:], callbackFields: fields).token
                == "https://accounts.example.eu/token")
    }

    @Test(arguments: ["", "accounts.example.org", "accounts.example.eu.evil.example", "evil.example"])
    func `S19 a default does not hide a field that is wrong`(_ value: String) throws {
        let integration = try configured(Self.text)
        #expect(throws: ParameterError.self) {
            try integration.endpoints(parameters: [:], callbackFields: ["accounts-server": value])
        }
    }
}
