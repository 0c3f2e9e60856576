import Encodings
import Testing

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
}
