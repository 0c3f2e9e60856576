import Testing

@testable import Integrations

/// A client secret goes only to hosts under a name that the catalog fixes.
@Suite("Secret hosts") struct SecretHostTests {
    private static func entry(
        host: String = "{host}", parameter: String, key: String = "token_endpoint", extra: String = ""
    ) -> String {
        let fixed =
            key == "token_endpoint" ? "" : "    token_endpoint: https://example.com/token\n"
        return """
            integrations:
              acme:
                documentation: https://example.com/docs
                authorization_endpoint: https://example.com/authorize
                parameters: {host: \(parameter)}
            \(fixed)    \(key): "https://\(host)/path"
            \(extra)
            """
    }

    private static func found(_ text: String, field: String = "token_endpoint") -> CatalogMistake? {
        mistakes(text).first { $0.field == field && $0.advice.contains("client secret") }
    }

    static let openPatterns = [
        ".*", ".+", ".*.example.com", ".*example[.]com", "[a-z.]+", "[a-z-]+[.]com", "[a-z]+.example.com",
        "[a-z]+[.]example.com", "[a-z]+[.]example[.][a-z]+", ".*[.]example[.]com|.*", "|.*[.]example[.]com",
        "(a|b|.*)[.]com", "([a-z]+[.])?example[.]com|[a-z]+[.]net", "[a-z]+([.]example)?[.]com",
        "[a-z]+[.](example|.*)[.]com", ".*([.]example[.]com)?", ".*([.]example[.]com)*",
        ".*[.]example[.]com.*",
        ".*[.]example[.]com[a-z]*", "[a-z]+[.]example[.]com{0,3}", "[0-9.]+[.]0[.]1", ".*[.].*[.]com",
        "(?x)[a-z]+[.]example[.]com", "(?!evil).*[.]example[.]com", "(.*)\\\\1[.]example[.]com",
        "[a-z]+[.e]xample[.]com", "[^.]example[.]com", "\\\\w+\\\\.\\\\w+\\\\.com", "\\\\Q.example.com\\\\E",
        "[a-z]+[.]example[.]com#.*", "[a-z]+ [.]example[.]com", "[a-z]+[.]exämple[.]com", "", "com",
        "[a-z]+[.]example[.]", "[a-z]+[.][.]com", "[]a].example[.]com", "[a[.]]*[.]com",
    ]

    @Test(arguments: openPatterns) func `S40 a pattern without a fixed name at its end is no pattern`(
        _ pattern: String
    ) throws {
        let text = Self.entry(parameter: "{kind: host, pattern: \"\(pattern)\"}")
        // An empty pattern and one that is no regular expression are mistakes of their own.
        #expect(mistakes(text).contains { $0.field == "token_endpoint" }, "\(mistakes(text))")
    }

    @Test(arguments: [
        "[a-z0-9-]+[.]example[.]com", "[a-z]+\\\\.example\\\\.com",
        "(login|test|[a-z]+[.]my)[.]example[.]com",
        "(?:eu|us)[.]example[.]com", "eu[.]example[.]com|[a-z]+[.]us[.]example[.]com", "^.*[.]example[.]com$",
        "login[.]example[.]com|example[.]org", "[a-z]{1,20}[.]example[.]com", "[a-z]+?[.]example[.]com",
        ".*[.]example[.](com|org|co[.]uk)", "[a-z]+[.]Example[.]com", "example[.]com",
        "([a-z]+[.])*[a-z]+[.]example[.]com", "[a-z]+[.]my-shop[.]example",
    ]) func `S40 a pattern with a fixed name at its end is enough`(_ pattern: String) {
        #expect(mistakes(Self.entry(parameter: "{kind: host, pattern: \"\(pattern)\"}")) == [])
    }

    @Test(arguments: ["token_endpoint", "refresh_endpoint", "revocation_endpoint"])
    func `S40 a host without a pattern is rejected wherever the secret goes`(_ key: String) throws {
        let mistake = try #require(Self.found(Self.entry(parameter: "{kind: host}", key: key), field: key))
        #expect(mistake.file == "file0.yaml" && mistake.entry == "acme" && mistake.line > 1)
        #expect(mistake.advice.contains("pattern") && mistake.advice.contains("[.]example[.]com"))
        #expect(mistake.advice.contains("authentication: none"), "what to write for a public client")
    }

    @Test(arguments: ["{host}.com", "api.{host}.com", "{host}.x.1", "a-{host}.com", "{host}.com:8443"])
    func `S40 a label under one fixed label names any site`(_ host: String) {
        #expect(Self.found(Self.entry(host: host, parameter: "{kind: label}")) != nil)
    }

    @Test(arguments: ["{host}.example.com", "api-{host}.example.com", "{host}.example.com:8443"])
    func `S40 a label under two fixed labels is enough without a pattern`(_ host: String) {
        #expect(mistakes(Self.entry(host: host, parameter: "{kind: label}")) == [])
    }

    @Test func `S40 a label may choose between sites that its pattern lists`() {
        #expect(
            mistakes(Self.entry(host: "{host}.com", parameter: "{pattern: \"acme|acme-eu\"}")) == [])
    }

    @Test func `S40 a value from the callback is judged like one from the caller`() {
        let text = Self.entry(
            parameter: "{kind: host, from: callback.host, pattern: \".*\"}",
            extra: "    callback: {fields: [host]}")
        #expect(Self.found(text) != nil)
    }

    @Test(arguments: [
        "token: {authentication: none}", "refresh: {authentication: none}",
        "token: {authentication: none}\n    refresh: {authentication: client_secret_basic}",
        "token: {authentication: none}\n    refresh: {authentication: client_secret_post}",
        "token: {authentication: client_secret_post}\n    refresh: {authentication: none}",
        "token: {signed_client_secret: {audience: \"https://example.com\"}}",
    ]) func `S40 a client is public only if no request authenticates it`(_ rules: String) {
        // `refresh` inherits what `token` says.
        let isPublic = rules == "token: {authentication: none}"
        let text = Self.entry(parameter: "{kind: host}", extra: "    \(rules)")
        #expect((Self.found(text) == nil) == isPublic, "\(mistakes(text))")
    }

    @Test func `S40 an heir cannot open what its parent closed`() {
        let text = """
            integrations:
              salesforce: {parameters: {instance: {pattern: ".*"}}}
              other: {inherits: salesforce, parameters: {instance: {pattern: null}}}
            """
        let found = mistakes(text).filter { $0.advice.contains("client secret") }
        #expect(Set(found.compactMap(\.field)) == ["token_endpoint", "revocation_endpoint"])
    }

    @Test(arguments: [
        "attacker.example", "example.com", "example.com.attacker.example", "a.example.com.",
        "evilexample.com",
        "a.example.com//", "a.example.com:1", "a.example.com@attacker.example",
        "attacker.example/.example.com",
        "a.EXAMPLE.com.evil", "a.example.com\n", "a.example。com",
    ]) func `S40 the host is judged at initiate, at the callback and at each refresh`(_ host: String) throws {
        let integration = try configured(
            Self.entry(parameter: "{kind: host, pattern: \"[a-z]+[.]example[.]com\"}"), id: "acme")
        #expect(throws: ParameterError.self) { try integration.endpoints(parameters: ["host": host]) }
        #expect(throws: ParameterError.self) {
            try integration.endpoints(parameters: ["host": host], callbackFields: ["host": host])
        }
        let endpoints = try integration.endpoints(
            parameters: ["host": "a.example.com"], callbackFields: ["host": host])
        #expect(endpoints.token == "https://a.example.com/path")
    }
}
