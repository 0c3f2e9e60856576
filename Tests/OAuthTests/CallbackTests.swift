import Integrations
import OAuth
import Testing

@Suite("CallbackParameters") struct CallbackTests {
    private func parse(_ text: String) throws(CallbackError) -> CallbackParameters {
        try CallbackParameters.parse(Array(text.utf8))
    }

    private func grant(_ text: String, _ extra: String = "") throws -> AuthorizationGrant? {
        let response = try parse(text).authorizationResponse(for: sample(extra).integration)
        if case .code(let grant) = response { return grant } else { return nil }
    }

    @Test func `a code and its state are read`() throws {
        let parameters = try parse("code=4%2F0A%2Bb+c&state=S&iss=https%3A%2F%2Fa")
        #expect(parameters.state == "S")
        #expect(parameters.issuer == "https://a")
        #expect(try grant("code=4%2F0A%2Bb+c&state=S") == AuthorizationGrant?.some(.init(code: "4/0A+b c")))
    }

    @Test(arguments: ["code", "state", "iss", "error", "error_description", "error_uri"])
    func `S20 a doubled parameter is refused`(_ name: String) {
        #expect(throws: CallbackError.malformed(reason: "`\(name)` comes twice")) {
            try parse("\(name)=a&x=1&\(name)=a")
        }
        #expect(throws: CallbackError.self) { try parse("\(name)=a&\(name)=") }
    }

    @Test(arguments: [
        "code=%", "code=%4", "code=%zz", "code=%FF", "code", "state=%C0%80", "a=b&%=c", "code=a&&%G0=b",
    ])
    func `S20 what is not form-encoded UTF-8 is refused`(_ text: String) {
        #expect(throws: CallbackError.self) { try parse(text) }
    }

    @Test func `S20 every subset of parameters, absent or empty, is read or refused cleanly`() throws {
        let names = ["code", "state", "error", "error_description", "iss"]
        for present in 0..<32 {
            for empty in 0..<32 {
                let pairs = names.enumerated().filter { present >> $0.offset & 1 == 1 }.map {
                    "\($0.element)=" + (empty >> $0.offset & 1 == 1 ? "" : "x")
                }
                let hasCode = present & 1 == 1 && empty & 1 == 0
                let hasError = present & 4 == 4 && empty & 4 == 0
                let parameters = try parse(pairs.joined(separator: "&"))
                do throws(CallbackError) {
                    let response = try parameters.authorizationResponse(for: Self.integration)
                    switch response {
                    case .code: #expect(hasCode && !hasError)
                    case .error: #expect(hasError && !hasCode)
                    }
                } catch {
                    #expect(hasCode == hasError)
                }
            }
        }
    }

    private static let integration: Integration = {
        do {
            return try sample().integration
        } catch {
            preconditionFailure("the sample is a good entry: \(error)")
        }
    }()

    @Test func `S20 codes of 4 kB pass, callbacks over 16 kB do not`() throws {
        let code = String(repeating: "c", count: 4_096)
        #expect(try grant("code=\(code)&state=S")?.code == code)
        let filler = String(repeating: "x", count: 16_384 - 7)
        #expect(try parse("state=S" + filler).state?.utf8.count == 16_378)
        #expect(throws: CallbackError.tooLarge) { try parse("state=S" + filler + "y") }
        #expect(throws: CallbackError.self) { try parse(String(repeating: "a=b&", count: 200)) }
    }

    @Test func `S17 tokens in the front channel are ignored`() throws {
        #expect(throws: CallbackError.self) { try grant("access_token=A&id_token=I&state=S") }
        #expect(try grant("code=C&access_token=A&id_token=I&state=S")?.fields == [:])
    }

    @Test func `a renamed code is honoured, and the usual name is not`() throws {
        let entry = "callback: {code_parameter: auth_code}"
        #expect(try grant("auth_code=C&state=S", entry)?.code == "C")
        #expect(throws: CallbackError.self) { try grant("code=C&state=S", entry) }
        #expect(throws: CallbackError.self) { try grant("auth_code=C&auth_code=D", entry) }
    }

    @Test func `the fields that the entry keeps are kept, each once`() throws {
        let entry = "callback: {fields: [realmId, shop], scope_parameter: scope}\nscope: {separator: \",\"}"
        let kept = try grant("code=C&realmId=1&other=2&scope=read%2Cwrite", entry)
        #expect(kept?.fields == ["realmId": "1"])
        #expect(kept?.scopes == ["read", "write"])
        #expect(throws: CallbackError.self) { try grant("code=C&realmId=1&realmId=2", entry) }
        #expect(try grant("code=C&other=1&other=2", entry)?.code == "C")
        #expect(try grant("code=C&realmId=a%0D%0Ab", entry)?.fields == ["realmId": "a\r\nb"])
        #expect(throws: CallbackError.self) { try grant("code=C&realmId=a%00b", entry) }
    }

    @Test func `an error's texts are made fit to be passed on`() throws {
        let text =
            "error=%3Cscript%3E&error_description=a%0D%0Ab+%3Cb%3E+c%5Cd%22e+"
            + String(repeating: "k", count: 30)
            + "&state=S"
        let response = try parse(text).authorizationResponse(for: Self.integration)
        guard case .error(let code, let description) = response else {
            Issue.record("an error was taken for a code")
            return
        }
        #expect(code == "unknown_error")
        #expect(description == "a b b c d e …")
    }

    @Test func `S23 parameters show nothing of themselves`() throws {
        let parameters = try parse("code=canary&state=canary")
        var dumped = ""
        dump(parameters, to: &dumped)
        for text in ["\(parameters)", String(reflecting: parameters), dumped] {
            #expect(!text.contains("canary"))
        }
    }
}

@Suite("IssuerCheck") struct IssuerCheckTests {
    private func verify(_ issuer: String?, _ extra: String) throws {
        let integration = try sample(extra)
        try IssuerCheck.verify(issuer, for: integration, endpoints: integration.endpoints())
    }

    static let promised = "issuer: https://id.example.com\nsends_iss: true"

    @Test func `S07 the issuer itself is accepted`() throws {
        try verify("https://id.example.com", Self.promised)
        try verify("https://id.example.com", "issuer: https://id.example.com")
    }

    @Test(arguments: [
        "", "https://id.example.com/", "https://ID.example.com", "https://id.example.com:443",
        "http://id.example.com",
        "https://attacker.example", " https://id.example.com", "https://id.example.com\u{0}",
    ]) func `S07 anything but the same string is refused`(_ issuer: String) {
        #expect(throws: IssuerError.mismatch) { try verify(issuer, Self.promised) }
        #expect(throws: IssuerError.mismatch) { try verify(issuer, "issuer: https://id.example.com") }
    }

    @Test func `S07 a promised issuer may not be missing`() throws {
        #expect(throws: IssuerError.missing) { try verify(nil, Self.promised) }
        try verify(nil, "issuer: https://id.example.com")
        try verify(nil, "")
    }
}
