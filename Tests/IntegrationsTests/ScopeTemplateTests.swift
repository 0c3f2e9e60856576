import Testing

@testable import Integrations

@Suite("Scopes with parameters") struct ScopeTemplateTests {
    private static let entry = """
        parameters: {organization: {kind: host, pattern: "[a-z]+[.]example[.]com"}}
        default_scopes: ["https://{organization}/.default", plain]
        required_scopes: [openid]
        """

    private func scopes(_ requested: [String]) throws -> [String] {
        let client = try configured(entryText(Self.entry))
        let endpoints = try client.endpoints(parameters: ["organization": "acme.example.com"])
        return client.scopes(requested: requested, endpoints: endpoints)
    }

    @Test func `a flow's value stands in a scope of the entry`() throws {
        #expect(try scopes([]) == ["https://acme.example.com/.default", "plain", "openid"])
        #expect(
            try scopes(["https://{organization}/.default"])
                == ["https://acme.example.com/.default", "openid"])
    }

    @Test func `a caller's own scope is asked for as it is`() throws {
        #expect(try scopes(["{organization}", "a{{b"]) == ["{organization}", "a{{b", "openid"])
    }

    @Test(arguments: ["attacker.example", "a.example.com/x", "a.b.example.com", ""])
    func `S19 a value that the parameter may not have comes into no scope`(_ value: String) throws {
        let client = try configured(entryText(Self.entry))
        #expect(throws: ParameterError.self) {
            try client.endpoints(parameters: ["organization": value])
        }
    }

    @Test(arguments: [
        (#"default_scopes: ["{nobody}/x"]"#, "does not declare"),
        (#"required_scopes: ["{nobody"]"#, "is not a template"),
        (
            """
            parameters: {realm: {from: callback.realm, pattern: "[0-9]+"}}
            callback: {fields: [realm]}
            default_scopes: ["read:{realm}"]
            """, "only the callback or the token response fills"
        ),
    ]) func `a scope that could not be asked for is a mistake`(_ keys: String, _ advice: String) {
        #expect(mistakes(entryText(keys)).contains { $0.advice.contains(advice) })
    }

    @Test(arguments: ["default_scopes", "required_scopes"])
    func `S23 a secret parameter stands in no scope`(_ key: String) {
        let text = entryText(
            """
            parameters: {key: {from: client, secret: true}}
            token: {headers: {Api-Key: "{key}"}}
            \(key): ["read:{key}"]
            """)
        #expect(mistakes(text).contains { $0.advice.contains("cannot use a secret parameter") })
    }
}
