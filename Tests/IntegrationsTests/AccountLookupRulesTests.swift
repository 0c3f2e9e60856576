import Encodings
import Testing

@testable import Integrations

@Suite("Account look-ups in the catalog") struct AccountLookupRulesTests {
    @Test func `a look-up reads what it needs`() throws {
        let integration = try #require(
            try catalog(
                entryText(
                    """
                    account:
                      lookup: {url: https://api.example.com/me, method: POST, body: {n: 1, t: "1", f: true}}
                      id: lookup.0.id
                    """))["sample"])
        let lookup = try #require(integration.account.lookup)
        #expect(lookup.method == .post)
        #expect(lookup.authorization == .bearer)
        #expect(lookup.body.map { String(decoding: $0.bytes, as: UTF8.self) } == #"{"f":true,"n":1,"t":"1"}"#)
    }

    @Test func `S40 an operator's token endpoint is followed by no catalog's verification`() throws {
        var settings = IntegrationSettings(clientID: "client", clientSecret: ClientSecret("secret"))
        let text = entryText("verification: {url: https://example.com/check}")
        func url() throws -> String? {
            try configured(text, settings: settings).verificationURL(parameters: [:], kept: [:])?.url
        }
        #expect(try url() == "https://example.com/check")
        settings.authorizationEndpoint = "https://other.example/authorize"
        settings.tokenEndpoint = "https://other.example/token"
        #expect(try url() == nil)
    }

    @Test(arguments: [
        ("verification: {}", "verification.url", "is needed"),
        ("verification: {url: http://api.example.com/}", "verification.url", "https://"),
        ("verification: {url: https://a.example.com, body: {}}", "verification.body", "POST"),
        ("verification: {url: https://a.example.com, error: $.a}", "verification.error", "path"),
        ("verification: {url: https://a.example.com, id: b}", "verification.id", "no such key"),
        (
            "response: {fields: [host]}\nverification: {url: \"https://{host}/\", hosts: {host: \".*\"}}",
            "verification.url", "access token"
        ),
        (
            "parameters: {h: {kind: host}}\nverification: {url: \"https://{h}/\"}", "verification.url",
            "access token"
        ),
        ("account: {id: lookup.id}", "account.id", "no `lookup`"),
        ("account: {label: lookup.id}", "account.label", "no `lookup`"),
        ("account: {fields: {a: lookup.id}}", "account.fields", "no `lookup`"),
        ("account: {lookup: {}}", "account.lookup.url", "is needed"),
        ("account: {lookup: {url: http://api.example.com/}}", "account.lookup.url", "https://"),
        (
            "account: {lookup: {url: \"https://api.example.com/{x}\"}}", "account.lookup.url",
            "does not declare"
        ),
        (
            "account: {lookup: {url: https://a.example.com, method: PUT}}", "account.lookup.method",
            "GET, POST"
        ),
        ("account: {lookup: {url: https://a.example.com, body: {}}}", "account.lookup.body", "POST"),
        (
            "account: {lookup: {url: https://a.example.com, headers: {Host: x}}}", "account.lookup.headers",
            "set by the request"
        ),
        (
            "account: {lookup: {url: https://a.example.com, headers: {X: \"{y}\"}}}",
            "account.lookup.headers.X", "does not declare"
        ),
        (
            "account: {lookup: {url: https://a.example.com, authorization: basic}}",
            "account.lookup.authorization", "bearer, raw"
        ),
        (
            "account: {lookup: {url: https://a.example.com, colour: red}}", "account.lookup.colour",
            "no such key"
        ),
        (
            "response: {fields: [host]}\naccount: {lookup: {url: \"https://{host}/\"}}", "account.lookup.url",
            "cannot stand"
        ),
        (
            "response: {fields: [host]}\naccount: {lookup: {url: \"https://{host}/\", hosts: {host: \".*\"}}}",
            "account.lookup.url", "access token"
        ),
        (
            "account: {lookup: {url: \"https://{host}/\", hosts: {host: \"a[.]example[.]com\"}}}",
            "account.lookup.hosts.host", "response.fields"
        ),
        (
            "parameters: {h: {kind: host}}\naccount: {lookup: {url: \"https://{h}/\"}}", "account.lookup.url",
            "access token"
        ),
        (
            "response: {fields: [a]}\naccount: {fields: {a: b}}", "account.fields.a", "already"
        ),
    ])
    func `S40 a look-up that cannot be, or would send the token anywhere, is rejected`(
        _ extra: String, _ field: String, _ advice: String
    ) throws {
        let found = mistakes(entryText(extra))
        let mistake = try #require(found.first { $0.field == field }, "\(found)")
        #expect(mistake.advice.contains(advice), "\(mistake)")
    }

    @Test func `the token may go where it came from`() throws {
        let text = """
            integrations:
              sample:
                documentation: https://example.com/docs
                parameters: {host: {kind: host}}
                authorization_endpoint: https://{host}/authorize
                token_endpoint: https://{host}/token
                token: {authentication: none}
                refresh: {authentication: none}
                account: {lookup: {url: "https://{host}/api/user"}, id: lookup.id}
            """
        #expect(mistakes(text).isEmpty)
    }

    @Test func `an operator's token endpoint is looked up at no catalog's URL`() throws {
        let text = entryText("account: {lookup: {url: https://api.example.com/me}, id: lookup.id}")
        func url(_ settings: IntegrationSettings) throws -> String? {
            try configured(text, settings: settings).accountLookupURL(parameters: [:], kept: [:])?.url
        }
        var settings = IntegrationSettings(clientID: "client", clientSecret: ClientSecret("secret"))
        #expect(try url(settings) == "https://api.example.com/me")
        settings.authorizationEndpoint = "https://other.example/authorize"
        settings.tokenEndpoint = "https://other.example/token"
        #expect(try url(settings) == nil)
    }
}
