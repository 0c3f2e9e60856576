import Integrations
import Testing

@Suite("PlaceholderText") struct PlaceholderTextTests {
    @Test(arguments: [
        "…", "sk-…", "Iv1.…", "...", ".", "••••••••", "GOCSPX-●●●●", "********", "sk-…f3",
    ]) func `what is cut short or masked is no id and no secret`(_ text: String) {
        #expect(PlaceholderText.fault(inClientID: text)?.contains("cut short") == true)
        #expect(PlaceholderText.fault(inSecret: text)?.contains("cut short") == true)
    }

    /// RFC 6749 appendix A.1.
    @Test(arguments: [
        "clïent", "client\u{A0}", "client\u{200B}", "\u{FEFF}client", "a\tb", "a\nb", "a\u{7F}", "“a”",
    ])
    func `a client id with another character than visible ASCII is none`(_ text: String) {
        #expect(PlaceholderText.fault(inClientID: text)?.contains("contains a character") == true)
    }

    @Test(arguments: [
        "<client id>", "<CLIENT_ID>", "{{client_id}}", "{client_id}", "${CLIENT_ID}", "$(CLIENT_ID)",
        "$CLIENT_ID",
        "[client id]", "%CLIENT_ID%", "__CLIENT_ID__", "YOUR_CLIENT_ID", "your-client-secret", "yourAppKey",
        "changeme", "change-me", "CHANGE_ME", "REPLACE_ME", "client_id", "Client Secret", "todo", "TBD",
        "xxx",
        "XXXX-XXXX", "placeholder", "undefined",
    ]) func `the name of what belongs there is worth a warning`(_ text: String) {
        #expect(PlaceholderText.isLikely(text))
        #expect(PlaceholderText.fault(inClientID: text) == nil)
    }

    @Test(arguments: [
        "a", "0", "client", "secret", "Iv1.8a61f9b3a7aba766", "000000000000-acme.apps.googleusercontent.com",
        "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", "3MVG9lKcPoNINVBIPJjdw1J9LLM82HnFVVX19KY1uA5mu0", "my client",
        "8DK9~a.b_c-d", "xx", "A1.b2...", "a*", "{", "<>", "yourcompany-prod", "s3cret:%+", "~!@#$%^&*()_+`",
    ]) func `what a provider may give out is left alone`(_ text: String) {
        #expect(
            PlaceholderText.fault(inClientID: text) == nil && PlaceholderText.fault(inSecret: text) == nil)
        #expect(!PlaceholderText.isLikely(text))
    }

    @Test(arguments: ["pässword", "ключ", "line\nbreak"])
    func `a secret that people chose may have other characters`(_ text: String) {
        #expect(PlaceholderText.fault(inSecret: text) == nil)
    }
}
