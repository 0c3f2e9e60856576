import Testing

@testable import Integrations

@Suite("ProviderURL") struct ProviderURLTests {
    @Test(arguments: [
        ("https://Example.com", "example.com", 443), ("https://a.b:8443/p?q#f", "a.b", 8443),
        ("https://[2001:db8::1]:1/", "2001:db8::1", 1), ("http://127.0.0.1:8080/", "127.0.0.1", 8080),
        ("http://localhost", "localhost", 80), ("http://[::1]/", "::1", 80),
    ]) func `host and port are read`(_ text: String, _ host: String, _ port: Int) throws {
        let url = try ProviderURL(text, allowsInsecureLoopback: true)
        #expect(url.host == host)
        #expect(url.port == port)
    }

    @Test(arguments: [
        "", "https", "https:", "https:/a", "https:a", "https://", "https:///a", "//a", "HTTP://a",
        "http://example.com",
        "http://127.0.0.1.example.com", "http://localhost.example.com", "http://1270.0.0.1", "ftp://a",
        "https://a@b",
        "https://:80", "https://a:", "https://a:0", "https://a:65536", "https://a:1x", "https://a b",
        "https://a\n",
        "https://a\\b", "https://ä", "https://[::1", "https://[x]", "https://[::1]x", "https://a..b",
        "https://.a",
        "https://a.", "https://-a", "https://a/{b}", "https://a%2eb", "https://a?\u{7F}",
    ]) func `what is no provider's URL is refused`(_ text: String) {
        #expect(throws: ProviderURLError.self) { try ProviderURL(text, allowsInsecureLoopback: true) }
    }

    @Test(arguments: ["http://127.0.0.1", "http://localhost", "http://[::1]"])
    func `http to loopback needs the flag`(_ text: String) {
        #expect(throws: ProviderURLError.notHTTPS) { try ProviderURL(text, allowsInsecureLoopback: false) }
    }
}
