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

    @Test(arguments: ["code", "state", "iss", "error"])
    func `S20 a doubled parameter is refused`(_ name: String) {
        #expect(throws: CallbackError.malformed(reason: "`\(name)` comes twice")) {
            try parse("\(name)=a&x=1&\(name)=a")
        }
        #expect(throws: CallbackError.self) { try parse("\(name)=a&\(name)=") }
    }

    @Test(arguments: [
        "foo", "hd=100%", "name=Ren%E9", "%FF=%C0%80", "x=%zz", "&&", "=",
        "error_description=a&error_description=b",
        "error_uri=a&error_uri=b", "scope=%E9", "session_state=a&session_state=b", "x=%ED%A0%80",
        "%00=%0D%0A",
    ])
    func `S20 what is not used may be spelled in any way`(_ odd: String) throws {
        for text in ["code=C&state=S&\(odd)", "\(odd)&state=S&code=C"] {
            #expect(try parse(text).state == "S")
            #expect(try grant(text)?.code == "C")
        }
    }

    @Test(arguments: ["code=%FF&state=S", "code=C%E9", "code=%ED%A0%80", "code=%C0%80"])
    func `S20 a value in use that is not UTF-8 is refused`(_ text: String) {
        #expect(throws: CallbackError.malformed(reason: "`code` is not UTF-8")) { try grant(text) }
    }

    @Test(arguments: [("code=100%", "100%"), ("code=%4&a", "%4"), ("code=a%zz", "a%zz"), ("code=a+b", "a b")])
    func `a stray percent sign is a percent sign`(_ text: String, _ code: String) throws {
        #expect(try grant(text)?.code == code)
    }

    @Test(arguments: ["code", "code=", "code&code2=a", "Code=a", "code%00=a"])
    func `S20 a code without a value is none`(_ text: String) {
        #expect(throws: CallbackError.malformed(reason: "neither a code nor an error is there")) {
            try grant(text)
        }
    }

    @Test(arguments: [
        ("Acc%C3%A8s+refus%C3%A9", "Accès refusé"), ("Acc%E8s+refus%E9", "Acc\u{FFFD}s refus\u{FFFD}"),
        (
            "%E3%82%A2%E3%82%AF%E3%82%BB%E3%82%B9%E3%81%8C%E6%8B%92%E5%90%A6%E3%81%95%E3%82%8C%E3%81%BE%E3%81%97%E3%81%9F",
            "アクセスが拒否されました"
        ),
        ("%D0%94%D0%BE%D1%81%D1%82%D1%83%D0%BF", "Доступ"), ("na%C3%AFve+%F0%9F%98%80", "naïve 😀"),
        ("a%E2%80%AEb%E2%80%A8c%C2%85d%C2%A0e", "a b c d e"), ("a%00b%1Bc%7Fd", "a b c d"),
        ("%22a%22+%5Cb%5C+%3Cc%3E", "a b c"), ("100%", "100%"), ("a&error_description=b", "a"),
        ("sk-aaaaaaaaaaaaaaaaaaaaaaaaaaaa%C3%A9+ok", "… ok"),
    ])
    func `an error's description keeps its letters`(_ description: String, _ expected: String) throws {
        let parameters = try parse("error=access_denied&error_description=\(description)&state=S")
        guard
            case .error("access_denied", let text) = try parameters.authorizationResponse(
                for: Self.integration)
        else {
            Issue.record("no error")
            return
        }
        #expect(text == expected)
    }

    @Test func `a long description is cut between its characters, and never within what may be a secret`()
        throws
    {
        for (description, end) in [
            (String(repeating: "é ", count: 200), "é …"), (String(repeating: "é", count: 200), "é …"),
            (String(repeating: "a b ", count: 74) + "sk-0123456789", "b …"),
        ] {
            let text = ErrorTextProbe.shown(description)
            #expect(text.hasSuffix(end), "\(text)")
            #expect(text.utf8.count <= 310)
        }
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

/// What becomes of a description that a provider sends.
private enum ErrorTextProbe {
    static func shown(_ description: String) -> String {
        let encoded = description.utf8.map { "%" + String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
            .joined()
        let query = Array("error=access_denied&error_description=\(encoded)".utf8)
        guard let parameters = try? CallbackParameters.parse(query),
            let integration = try? sample().integration,
            case .error(_, let text)? = try? parameters.authorizationResponse(for: integration)
        else { return "" }
        return text ?? ""
    }
}
