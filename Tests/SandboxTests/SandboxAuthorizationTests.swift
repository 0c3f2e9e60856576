import Testing

@testable import Sandbox

@Suite("Sandbox authorization endpoint") struct SandboxAuthorizationTests {
    let bench = SandboxBench()

    private func refusal(_ request: Fields) -> SandboxAuthorizationError? {
        #expect(throws: SandboxAuthorizationError.self) { try bench.provider.consent(to: request.parameters) }
    }

    private func error(_ request: Fields) throws -> [String: String] {
        let error = try #require(refusal(request))
        let location = try #require(bench.provider.redirect(error))
        #expect(location.hasPrefix(sandboxRedirectURI + "?"))
        return try SandboxBench.query(location)
    }

    // MARK: Requests

    @Test func `a proper request is shown with all that it asks for`() throws {
        let consent = try bench.provider.consent(to: SandboxBench.authorizationRequest.parameters)
        #expect(consent.request.scopes == [.profile, .email])
        #expect(consent.request.state == "a-state_1")
        #expect(consent.request.codeChallenge == sandboxChallenge)
        #expect(consent.oneTimeValue.count == 43)
    }

    @Test func `no scope means all of them`() throws {
        let request = SandboxBench.authorizationRequest.setting("scope", nil)
        #expect(try bench.provider.consent(to: request.parameters).request.scopes == [.profile, .email])
    }

    @Test(arguments: [nil, "", "another", "Symbolon-Development", "symbolon-development "])
    func `an unknown client is not redirected to`(_ id: String?) throws {
        let error = try #require(refusal(SandboxBench.authorizationRequest.setting("client_id", id)))
        #expect(error == .unknownClient)
        #expect(bench.provider.redirect(error) == nil)
    }

    @Test(arguments: [
        nil, "", "http://127.0.0.1:8080/api/v1/oauth/callback/sandbox/", sandboxRedirectURI + "?a=b",
        "http://127.0.0.1:8081/api/v1/oauth/callback/sandbox",
        "http://localhost:8080/api/v1/oauth/callback/sandbox",
        "HTTP://127.0.0.1:8080/api/v1/oauth/callback/sandbox", "//evil.example", "javascript:alert(1)",
        sandboxRedirectURI + "\u{301}",
    ])
    func `a redirect URI that differs is not redirected to`(_ uri: String?) throws {
        let error = try #require(refusal(SandboxBench.authorizationRequest.setting("redirect_uri", uri)))
        #expect(error == .unknownRedirectURI)
        #expect(bench.provider.redirect(error) == nil)
    }

    @Test(arguments: ["client_id", "redirect_uri"])
    func `nor is anybody when it is not clear which is meant`(_ name: String) throws {
        let error = try #require(refusal(SandboxBench.authorizationRequest.doubling(name)))
        #expect(bench.provider.redirect(error) == nil)
    }

    @Test(
        arguments: [
            ("response_type", nil, "invalid_request"),
            ("response_type", "token", "unsupported_response_type"),
            ("response_type", "code id_token", "unsupported_response_type"),
            ("state", nil, "invalid_request"),
            ("state", "ü", "invalid_request"),
            ("state", String(repeating: "s", count: 4_097), "invalid_request"),
            ("code_challenge", nil, "invalid_request"), ("code_challenge", "short", "invalid_request"),
            ("code_challenge", sandboxChallenge + "=", "invalid_request"),
            ("code_challenge", sandboxChallenge.dropLast() + "N", "invalid_request"),
            ("code_challenge_method", nil, "invalid_request"),
            ("code_challenge_method", "plain", "invalid_request"),
            ("code_challenge_method", "s256", "invalid_request"), ("scope", "profile admin", "invalid_scope"),
            ("scope", "profile  email", "invalid_scope"), ("scope", "PROFILE", "invalid_scope"),
        ] as [(String, String?, String)])
    func `other faults are told to the client`(_ name: String, _ value: String?, _ code: String) throws {
        let answer = try error(SandboxBench.authorizationRequest.setting(name, value))
        #expect(answer["error"] == code)
        #expect(answer["iss"] == "http://127.0.0.1:8080/sandbox")
        #expect(answer["code"] == nil)
        #expect(answer["state"] == (name == "state" ? nil : "a-state_1"))
    }

    @Test(arguments: ["response_type", "scope", "state", "code_challenge", "code_challenge_method"])
    func `a doubled parameter is refused`(_ name: String) throws {
        let answer = try error(SandboxBench.authorizationRequest.doubling(name))
        #expect(answer["error"] == "invalid_request")
    }

    @Test(arguments: [
        "a", "%", "a=%zz", "a=%ff", String(repeating: "a=b&", count: 65),
        "a=\(String(repeating: "x", count: 16_384))",
    ])
    func `what is no form is not read`(_ text: String) {
        #expect(SandboxParameters(Array(text.utf8)) == nil)
    }

    // MARK: Answers

    @Test func `who allows is sent back with a code, the state and the issuer`() throws {
        let form = try bench.consentForm().setting("answer", "allow")
        let location = try bench.provider.conclude(form.parameters)
        #expect(location.hasPrefix(sandboxRedirectURI + "?"))
        let answer = try SandboxBench.query(location)
        #expect(Set(answer.keys) == ["code", "state", "iss"])
        #expect(answer["state"] == "a-state_1")
        #expect(answer["iss"] == "http://127.0.0.1:8080/sandbox")
    }

    @Test func `who denies is sent back with an error`() throws {
        let form = try bench.consentForm().setting("answer", "deny")
        let error = try #require(throws: SandboxAuthorizationError.self) {
            try bench.provider.conclude(form.parameters)
        }
        let answer = try SandboxBench.query(#require(bench.provider.redirect(error)))
        #expect(answer["error"] == "access_denied")
        #expect(answer["state"] == "a-state_1")
        #expect(answer["iss"] == "http://127.0.0.1:8080/sandbox")
    }

    @Test(arguments: ["allow", "deny"])
    func `an answer counts once`(_ answer: String) throws {
        let form = try bench.consentForm().setting("answer", answer)
        _ = try? bench.provider.conclude(form.parameters)
        #expect(throws: SandboxAuthorizationError.staleConsent) {
            try bench.provider.conclude(form.parameters)
        }
    }

    @Test(arguments: [nil, "", "guess", String(repeating: "A", count: 43)])
    func `an answer without the page's one-time value leads nowhere`(_ value: String?) throws {
        let form = try bench.consentForm().setting("answer", "allow").setting("one_time_value", value)
        #expect(throws: SandboxAuthorizationError.staleConsent) {
            try bench.provider.conclude(form.parameters)
        }
    }

    @Test(arguments: [nil, "", "maybe", "ALLOW"])
    func `an answer that is none leads nowhere`(_ answer: String?) throws {
        let form = try bench.consentForm().setting("answer", answer)
        #expect(throws: SandboxAuthorizationError.staleConsent) {
            try bench.provider.conclude(form.parameters)
        }
    }

    @Test(arguments: [
        ("scope", "profile"), ("state", "another"),
        ("code_challenge", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    ])
    func `an answer to another request leads nowhere`(_ name: String, _ value: String) throws {
        let form = try bench.consentForm().setting("answer", "allow").setting(name, value)
        #expect(throws: SandboxAuthorizationError.staleConsent) {
            try bench.provider.conclude(form.parameters)
        }
    }

    @Test(arguments: ["redirect_uri", "client_id"])
    func `an answer that names somebody else leads nowhere`(_ name: String) throws {
        let form = try bench.consentForm().setting("answer", "allow").setting(name, "https://evil.example/")
        let error = try #require(throws: SandboxAuthorizationError.self) {
            try bench.provider.conclude(form.parameters)
        }
        #expect(bench.provider.redirect(error) == nil)
    }

    @Test(arguments: ["one_time_value", "answer", "state"])
    func `a doubled field in an answer leads nowhere`(_ name: String) throws {
        let form = try bench.consentForm().setting("answer", "allow").doubling(name)
        #expect(throws: SandboxAuthorizationError.staleConsent) {
            try bench.provider.conclude(form.parameters)
        }
    }

    @Test func `a page waits ten minutes for its answer`() throws {
        let forms = try (0..<2).map { _ in try bench.consentForm().setting("answer", "allow") }
        bench.pass(seconds: 599)
        #expect(throws: Never.self) { try bench.provider.conclude(forms[0].parameters) }
        bench.pass(seconds: 1)
        #expect(throws: SandboxAuthorizationError.staleConsent) {
            try bench.provider.conclude(forms[1].parameters)
        }
    }
}
