import Testing

@testable import StateTokens

@Suite("CodeVerifier") struct CodeVerifierTests {
    @Test func `the verifier and challenge of RFC 7636 appendix B come out`() throws {
        let octets: [UInt8] = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105,
            214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
        ]
        let verifier = try #require(CodeVerifier(octets: octets))
        #expect(verifier.text == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        #expect(verifier.codeChallenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
        #expect(CodeVerifier(text: verifier.text) == verifier)
    }

    @Test(arguments: [0, 31, 33]) func `other lengths are no verifier`(_ count: Int) {
        #expect(CodeVerifier(octets: [UInt8](repeating: 1, count: count)) == nil)
    }

    @Test(arguments: [
        "", "abc", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX=",
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl",
    ])
    func `other texts are no verifier`(_ text: String) {
        #expect(CodeVerifier(text: text) == nil)
    }

    @Test func `S23 nothing that prints it shows it`() throws {
        let verifier = try #require(CodeVerifier(octets: Array(1...32)))
        var dumped = ""
        dump(verifier, to: &dumped)
        #expect(
            ![String(describing: verifier), String(reflecting: verifier), dumped].contains {
                $0.contains(verifier.text) || $0.contains("17")
            })
    }
}
