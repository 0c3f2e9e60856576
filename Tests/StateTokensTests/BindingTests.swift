import StateTokens
import Testing

@Suite("Binding") struct BindingTests {
    /// RFC 7636 Appendix B: the S256 code challenge is the same function of a text.
    @Test func `a binding is the SHA-256 of the secret's text in base64url`() {
        let binding = Binding(secret: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        #expect(binding.text == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
        #expect(Binding(binding.text) == binding)
    }

    @Test func `secrets that differ in an octet have different bindings`() {
        let texts = ["", "a", "A", "a\n", "\u{e9}", "e\u{301}", "\0"]
        #expect(Set(texts.map { Binding(secret: $0) }).count == texts.count)
    }
}
