import Encodings
import Testing

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
