import StateTokens
import Testing

@Suite("Audience") struct AudienceTests {
    @Test(arguments: [
        ("https://connect.example.com", "https://connect.example.com"),
        ("HTTPS://Connect.Example.COM:443/", "https://connect.example.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:80//", "http://localhost"),
        ("https://[::1]:8443/Base/", "https://[::1]:8443/Base"),
        ("https://[::FFFF:127.0.0.1]", "https://[::ffff:127.0.0.1]"),
    ])
    func `a public URL is made canonical`(_ text: String, _ canonical: String) {
        #expect(Audience(publicURL: text)?.description == canonical)
    }

    @Test(arguments: [
        "", "connect.example.com", "ftp://connect.example.com", "https://", "https:///x", "https://a@b",
        "https://a b", "https://a?x", "https://a#x", "https://a:99999", "https://a:", "https://a:x",
        "https://[::1", "https://é.example", "javascript://x", "https://a\\b", "https://a/%2e", "https://:80",
        "https://a:-0", "https://a:+80", "https://[:::]", "https://[127.0.0.1]", "https://[1]", "https://[]",
        "https://..", "https://.example.com", "https://connect..example.com",
    ])
    func `anything else is refused`(_ text: String) { #expect(Audience(publicURL: text) == nil) }
}
