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

    /// Eight octets are looked at together, so that each stands at each place of a word, and in the words' overlap.
    @Test func `what is not unreserved is found wherever it stands, and nothing else is`() {
        let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        for octet in UInt8.min...UInt8.max {
            let hexadecimal = String(octet, radix: 16, uppercase: true)
            let expected =
                unreserved.contains(octet)
                ? [octet] : Array("%\(hexadecimal.count == 1 ? "0" : "")\(hexadecimal)".utf8)
            for count in [1, 8, 11] {
                for place in 0..<count {
                    var text = Array("aZ0-._~9zAm".utf8.prefix(count))
                    text[place] = octet
                    var output = Array("=".utf8)
                    PercentEncoding.append(text.span, to: &output)
                    text.replaceSubrange(place...place, with: expected)
                    #expect(output == [UInt8(ascii: "=")] + text)
                }
            }
        }
    }

    @Test(arguments: ["%", "%4", "%zz", "%4g", "a%", "%FF", "%C0%80", "%ED%A0%80", "%+1", "%%41"])
    func `a bad escape or what is not UTF-8 is refused`(_ text: String) {
        #expect(PercentEncoding.decodeForm(Array(text.utf8)[...]) == nil)
    }

    @Test(arguments: [
        ("code=a+b&state=%41~/?:@", "code=a+b&state=%41~/?:@"), ("a=%", "a=%25"), ("a=%4", "a=%254"),
        ("a=%4g%zz", "a=%254g%25zz"), ("a b#é\"<>[]", "a%20b%23%C3%A9%22%3C%3E%5B%5D"), ("", ""),
    ])
    func `a form becomes a query, with its escapes as they are`(_ form: String, _ query: String) {
        #expect(PercentEncoding.query(ofForm: Array(form.utf8)) == query)
    }
}
