import Encodings
import Testing

@Suite("JSONValue") struct JSONValueTests {
    @Test(arguments: [
        ("null", "null"), (" [ 1 , -0.5e+3, true , {} ] ", "[1,-0.5e+3,true,{}]"),
        ("{\"b\": \"\\u00e9\\n\", \"a\": \"\\ud83d\\ude00\"}", "{\"a\":\"😀\",\"b\":\"é\\n\"}"),
        ("{\"a\":1,\"a\":2}", "{\"a\":2}"), ("12345678901234567890", "12345678901234567890"),
        ("\"\\/\"", "\"/\""),
    ]) func `JSON is read and written back`(_ text: String, _ expected: String) throws {
        let bytes = try JSONValue.parse(Array(text.utf8)).bytes
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test(arguments: [
        "", " ", "nul", "01", "1.", ".5", "+1", "1e", "-", "\"", "\"\\x\"", "\"\\u12\"", "\"\t\"",
        "\"\\ud800", "[1,]", "[,]", "[1", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}",
        "1 2", "nan", "-NaN", "Infinit", "--Infinity",
        "'a'", "[1]]", "{\"a\":1}x", " \u{FEFF}1", "\u{FEFF}\u{FEFF}1", "\u{FEFF}",
    ]) func `what RFC 8259 does not allow is refused`(_ text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSONValue.parse(Array(text.utf8)) }
    }

    @Test(arguments: [
        ("\u{FEFF} 1 ", "1"), ("\"\\ud800\"", "\"\u{FFFD}\""), ("\"a\\udc00b\"", "\"a\u{FFFD}b\""),
        ("\"\\ud800\\u0041\"", "\"\u{FFFD}A\""), ("\"\\ud800\\ud83d\\ude00\"", "\"\u{FFFD}😀\""),
        ("{\"\\ud800\":1}", "{\"\u{FFFD}\":1}"), ("{\"a\":\"x\",\"\\u0061\":2}", "{\"a\":2}"),
        ("[NaN,Infinity,-Infinity]", "[null,null,null]"),
        ("[1e999,123456789012345678901234567890,-0]", "[1e999,123456789012345678901234567890,-0]"),
        ("\r\n\t {} \n\n", "{}"),
    ]) func `what the readers of other languages take from a provider is read`(
        _ text: String, _ expected: String
    ) throws {
        let bytes = try JSONValue.parse(Array(text.utf8)).bytes
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test(arguments: [[0xFF], [0xC3], [0xE9], [0x80]] as [[UInt8]])
    func `octets that are not UTF-8 are replaced`(_ octets: [UInt8]) throws {
        #expect(try JSONValue.parse([0x22, 0x61] + octets + [0x62, 0x22]) == .string("a\u{FFFD}b"))
        let escaped = Array("\"\\n".utf8) + octets + [0x22]
        #expect(try JSONValue.parse(escaped) == .string("\n\u{FFFD}"))
        #expect(throws: JSONSyntaxError.self) { try JSONValue.parse(octets) }
    }

    @Test func `any octets are read or refused, and what is read is written back as it is`() throws {
        var source = SystemRandomNumberGenerator()
        let good = Array("{\"a\":[1,\"\\ud83d\\ude00é\",true,null,-1.5e3,{}]}".utf8)
        for _ in 0..<20_000 {
            var text = good
            for _ in 0..<Int.random(in: 1...3, using: &source) {
                text[Int.random(in: text.indices, using: &source)] = .random(in: 0...255, using: &source)
            }
            guard let value = try? JSONValue.parse(text) else { continue }
            #expect(try JSONValue.parse(value.bytes) == value)
        }
    }

    @Test func `S28 nesting is bounded`() throws {
        let deep = Array(String(repeating: "[", count: 1_000_000).utf8)
        #expect(throws: JSONSyntaxError(at: 33)) { try JSONValue.parse(deep) }
        let allowed = String(repeating: "[", count: 33) + String(repeating: "]", count: 33)
        _ = try JSONValue.parse(Array(allowed.utf8))
        let beyond = Array("[\(allowed)]".utf8)
        #expect(throws: JSONSyntaxError(at: 33)) { try JSONValue.parse(beyond) }
    }
}
