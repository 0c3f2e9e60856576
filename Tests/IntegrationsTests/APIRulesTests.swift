import Testing

@testable import Integrations

/// What an entry says for apps alone.
@Suite("What apps need of an entry") struct APIRulesTests {
    private func url(
        _ extra: String, parameters: [String: String] = [:], kept: [String: String] = [:]
    ) throws -> String? {
        try configured(entryText(extra)).apiBaseURL(parameters: parameters, kept: kept)
    }

    private static let instance = """
        response: {fields: [instance_url]}
        api: {base_url: "https://{instance_url}", hosts: {instance_url: "([a-z0-9-]+[.])+example[.]com"}}
        """

    // MARK: Where the API is

    @Test(
        arguments: [
            ("acme.my.example.com", "https://acme.my.example.com"),
            ("https://acme.my.example.com/", "https://acme.my.example.com"),
            ("evil.example", nil), ("example.com.evil.example", nil), ("acme.example.com/x", nil), ("", nil),
            ("acme.example.com@evil.example", nil), ("acme.example.com:8443", nil),
            ("http://a.example.com", nil),
        ] as [(String, String?)])
    func `S40 a host of the API is one that the entry allows, whatever the provider answers`(
        _ instance: String, _ expected: String?
    ) throws {
        #expect(try url(Self.instance, kept: ["instance_url": instance]) == expected)
    }

    @Test func `without the field there is no URL`() throws {
        #expect(try url(Self.instance) == nil)
        #expect(try url("") == nil)
    }

    @Test func `parameters stand in the URL, and one that stands there alone needs no use`() throws {
        let extra = """
            parameters: {shop: {pattern: "[a-z]+"}, version: {kind: segment, default: v1}}
            api: {base_url: "https://{shop}.example.com/{version}"}
            """
        #expect(mistakes(entryText(extra)) == [])
        #expect(try url(extra, parameters: ["shop": "acme"]) == "https://acme.example.com/v1")
        #expect(try url(extra, parameters: ["shop": "ac.me"]) == nil)
        #expect(try url(extra) == nil)
    }

    @Test func `a kept field is encoded in the path, and a name of the account's fields may stand there`()
        throws
    {
        let extra = """
            account: {id: id, fields: {cloud_id: sites.0.id}}
            api: {base_url: "https://api.example.com/ex/{cloud_id}"}
            """
        #expect(try url(extra, kept: ["cloud_id": "a/b?c"]) == "https://api.example.com/ex/a%2Fb%3Fc")
    }

    @Test func `another provider's tokens are not for the entry's API`() throws {
        var settings = IntegrationSettings(clientID: "client", clientSecret: ClientSecret("secret"))
        settings.authorizationEndpoint = "https://other.example.net/authorize"
        settings.tokenEndpoint = "https://other.example.net/token"
        let client = try configured(
            entryText("api: {base_url: https://api.example.com}"), settings: settings)
        #expect(client.apiBaseURL(parameters: [:], kept: [:]) == nil)
    }

    @Test(arguments: [
        ("api: {}", "api.base_url"), ("api: {base_url: http://api.example.com}", "api.base_url"),
        ("api: {base_url: \"https://{host}\"}", "api.base_url"),
        ("parameters: {host: {kind: host}}\napi: {base_url: \"https://{host}/v1\"}", "api.base_url"),
        ("response: {fields: [host]}\napi: {base_url: \"https://{host}\"}", "api.base_url"),
        (
            "response: {fields: [host]}\napi: {base_url: \"https://{host}\", hosts: {host: \".*\"}}",
            "api.base_url"
        ),
        (
            "api: {base_url: https://api.example.com, hosts: {host: \"a[.]example[.]com\"}}", "api.hosts.host"
        ),
        (
            "parameters: {key: {from: client, secret: true}}\ntoken: {parameters: {key: \"{key}\"}}\n"
                + "api: {base_url: \"https://api.example.com/{key}\"}", "api.base_url"
        ),
        ("api: {base_url: https://api.example.com, url: x}", "api.url"),
    ]) func `S40 an API whose host strangers could name is refused`(_ extra: String, _ field: String) {
        #expect(mistakes(entryText(extra)).map(\.field).contains(field), "\(mistakes(entryText(extra)))")
    }

    // MARK: Scopes

    @Test func `what scopes allow is read in the entry's order`() throws {
        let text = entryText("scope: {allows: {write: Change files, \"a:b/c\": Read files}}")
        let meanings = try #require(try catalog(text)["sample"]).scope.meanings
        #expect(meanings.map(\.scope) == ["write", "a:b/c"])
        #expect(meanings.map(\.meaning) == ["Change files", "Read files"])
    }

    @Test(arguments: [
        ("scope: {allows: {\"a b\": x}}", "scope.allows.…"),
        ("scope: {allows: {a: [x]}}", "scope.allows.a"),
        ("scope: {allows: [a]}", "scope.allows"),
        ("refresh: {keeps_access_token: maybe}", "refresh.keeps_access_token"),
        ("refresh: {with: [nonce]}", "refresh.with"),
        ("refresh: {parameters: {state: x}}", "refresh.parameters"),
    ]) func `what cannot be meant is refused where it stands`(_ extra: String, _ field: String) {
        #expect(mistakes(entryText(extra)).map(\.field) == [field])
    }

    @Test func `whether a refresh keeps the access token is said, or not known`() throws {
        for (text, expected) in [("true", true), ("false", false)] {
            let entry = try catalog(entryText("refresh: {keeps_access_token: \(text)}"))["sample"]
            #expect(entry?.refresh.keepsAccessToken == expected)
        }
        #expect(try catalog(entryText())["sample"]?.refresh.keepsAccessToken == nil)
    }

    /// What a scope allows is said of scopes that can be asked for; another is a typing mistake.
    @Test func `every default scope of an entry that explains scopes is explained`() throws {
        var explained = 0
        for entry in try Catalog().integrations {
            let known = Set(entry.scope.meanings.map(\.scope))
            // What a family has in common explains none of an heir's own.
            guard entry.scope.defaults.contains(where: known.contains) else { continue }
            #expect(known.isSuperset(of: entry.scope.defaults), "\(entry.id)")
            #expect(entry.scope.meanings.count == known.count)
            explained += 1
        }
        #expect(explained >= 18)
    }
}
