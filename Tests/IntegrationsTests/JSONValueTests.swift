import Testing

@testable import Integrations

@Suite("JSONValue") struct JSONValueTests {
    @Test(arguments: [
        ("null", "null"), (" [ 1 , -0.5e+3, true , {} ] ", "[1,-0.5e+3,true,{}]"),
        ("{\"b\": \"\\u00e9\\n\", \"a\": \"\\ud83d\\ude00\"}", "{\"a\":\"😀\",\"b\":\"é\\u000a\"}"),
        ("{\"a\":1,\"a\":2}", "{\"a\":2}"), ("12345678901234567890", "12345678901234567890"),
        ("\"\\/\"", "\"/\""),
    ]) func `JSON is read and written back`(_ text: String, _ expected: String) throws {
        let bytes = try JSONValue.parse(Array(text.utf8)).bytes
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test(arguments: [
        "", " ", "nul", "01", "1.", ".5", "+1", "1e", "-", "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\u0041\"", "\"\t\"", "[1,]", "[,]", "[1", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}",
        "1 2", "NaN",
        "'a'", "[1]]", "{\"a\":1}x", "\u{FEFF}1",
    ]) func `what RFC 8259 does not allow is refused`(_ text: String) {
        #expect(throws: JSONError.self) { try JSONValue.parse(Array(text.utf8)) }
    }

    @Test func `octets that are not UTF-8 are refused`() {
        #expect(throws: JSONError.self) { try JSONValue.parse([0x22, 0xFF, 0x22]) }
        #expect(throws: JSONError.self) { try JSONValue.parse([0x22, 0xC0, 0x80, 0x22]) }
    }

    @Test func `S28 nesting is bounded`() throws {
        let deep = Array(String(repeating: "[", count: 1_000_000).utf8)
        #expect(throws: JSONError.tooDeep) { try JSONValue.parse(deep) }
        let allowed = String(repeating: "[", count: 33) + String(repeating: "]", count: 33)
        _ = try JSONValue.parse(Array(allowed.utf8))
        let beyond = Array("[\(allowed)]".utf8)
        #expect(throws: JSONError.tooDeep) { try JSONValue.parse(beyond) }
    }

    @Test func `paths lead through objects and arrays`() throws {
        let value = try JSONValue.parse(Array("{\"a\":{\"b\":[{\"c\":7}]},\"n\":null}".utf8))
        let path = try #require(ResponsePath("a.b.0.c"))
        #expect(value[path]?.text == "7")
        for text in ["a.b.1", "a.b.-1", "a.x", "n", "a.b.0.c.d"] {
            let path = try #require(ResponsePath(text))
            #expect(value[path] == nil)
        }
    }
}

@Suite("PercentEncoding") struct PercentEncodingTests {
    @Test(arguments: [
        ("AZaz09-._~", "AZaz09-._~"), (" ", "%20"), ("+", "%2B"), ("a/b?c&d=e#f", "a%2Fb%3Fc%26d%3De%23f"),
        ("é", "%C3%A9"), ("😀", "%F0%9F%98%80"), ("\u{0}%", "%00%25"), ("", ""),
    ]) func `only unreserved octets stay`(_ text: String, _ expected: String) {
        #expect(PercentEncoding.encode(text) == expected)
        #expect(PercentEncoding.decodeForm(Array(expected.utf8)[...]) == text)
    }

    @Test(arguments: ["%", "%4", "%zz", "%4g", "a%", "%FF", "%C0%80", "%ED%A0%80", "%+1", "%%41"])
    func `a bad escape or what is not UTF-8 is refused`(_ text: String) {
        #expect(PercentEncoding.decodeForm(Array(text.utf8)[...]) == nil)
    }
}

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
