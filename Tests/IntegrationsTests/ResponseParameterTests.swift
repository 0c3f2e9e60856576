import Testing

@testable import Integrations

/// Parameters that the token response fills.
@Suite("Parameters from the token response") struct ResponseParameterTests {
    private static func entry(
        _ parameter: String = "{kind: host, from: response.install, pattern: \"[a-z]+[.]example[.]com\"}",
        _ more: String = "response: {fields: [install]}",
        url: String = "refresh_endpoint: https://{install}/token"
    ) -> String {
        entryText("parameters: {install: \(parameter)}\n\(url)\n\(more)")
    }

    @Test func `a connection's refresh goes where the response said`() throws {
        let client = try configured(Self.entry())
        // The code is exchanged before there is a value.
        let first = try client.endpoints(parameters: [:], callbackFields: [:])
        #expect(first.token == "https://example.com/token")
        let kept = try client.endpoints(parameters: [:], callbackFields: ["install": "acme.example.com"])
        #expect(kept.refresh == "https://acme.example.com/token" && kept.token == first.token)
        #expect(kept.fingerprint == first.fingerprint)
        #expect(try client.endpoints().fingerprint == first.fingerprint && !client.isHostNamedByCaller)
    }

    @Test(arguments: [
        "evil.example", "acme.example.com.evil.example", "acme.example.com/x", "acme.example.com:8443",
        "a.b.example.com", "user@acme.example.com", "127.0.0.1", "", "acme.example.com#.example.com",
    ]) func `S19 a response moves no refresh to a host that the entry does not allow`(_ host: String) throws {
        let client = try configured(Self.entry())
        #expect(throws: ParameterError.self) {
            try client.endpoints(parameters: [:], callbackFields: ["install": host])
        }
    }

    @Test func `a refresh whose host is not known is sent nowhere`() throws {
        let endpoints = try configured(Self.entry()).endpoints(parameters: [:], callbackFields: [:])
        #expect(throws: ProviderURLError.badCharacter) {
            try ProviderURL(endpoints.refresh, allowsInsecureLoopback: false)
        }
    }

    @Test func `S19 a caller does not name what the response does`() throws {
        #expect(throws: ParameterError.unknown(name: "install")) {
            try configured(Self.entry()).endpoints(parameters: ["install": "acme.example.com"])
        }
    }

    @Test(arguments: [
        ("{kind: host, from: response.install}", "response: {fields: [install]}", "from"),
        (
            "{kind: host, from: response.install, pattern: \"[a-z.]+\"}", "response: {fields: [install]}",
            "refresh_endpoint"
        ),
        ("{kind: host, from: response.install, pattern: \"[a-z]+[.]example[.]com\"}", "", "fields"),
        (
            "{kind: host, from: response.install, pattern: \"[a-z]+[.]example[.]com\"}",
            "response: {fields: [install]}\ncallback: {fields: [install]}", "fields"
        ),
        (
            "{kind: host, from: response., pattern: \"[a-z]+[.]example[.]com\"}",
            "response: {fields: [install]}", "from"
        ),
        (
            "{kind: host, from: answer.install, pattern: \"[a-z]+[.]example[.]com\"}",
            "response: {fields: [install]}", "from"
        ),
    ]) func `S40 an entry that leaves the host to the response is rejected`(
        _ parameter: String, _ more: String, _ field: String
    ) {
        let found = mistakes(Self.entry(parameter, more))
        #expect(found.contains { $0.field?.hasSuffix(field) == true }, "\(found)")
    }

    @Test(arguments: [
        "exchange_after: {url: \"https://{install}/x\"}", "token: {parameters: {install: \"{install}\"}}",
        "authorization: {parameters: {install: \"{install}\"}}",
    ]) func `what is sent before the response cannot have its value`(_ line: String) {
        let found = mistakes(Self.entry(url: line))
        #expect(found.contains { $0.advice.contains("token response fills") }, "\(found)")
    }
}
