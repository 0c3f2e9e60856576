import Encodings
import Foundation
import Testing

@Suite("JSONOutput") struct JSONOutputTests {
    private func text(_ octets: [UInt8]) -> String { String(decoding: octets, as: UTF8.self) }

    @Test func `members and elements are separated, containers closed`() {
        let octets = JSONOutput.object { output in
            output.member("a", "b")
            output.member("c", 1)
            output.member("d", nil as String?)
            output.member("e", true)
            output.array("f") { list in
                list.element("g")
                list.element(-2)
                list.object { _ in }
                list.array { $0.element(3) }
            }
            output.object("h") { inner in inner.member("i", false) }
        }
        #expect(text(octets) == #"{"a":"b","c":1,"d":null,"e":true,"f":["g",-2,{},[3]],"h":{"i":false}}"#)
        #expect(text(JSONOutput.object { _ in }) == "{}")
    }

    @Test(arguments: [
        ("\"", #"\""#), ("\\", #"\\"#), ("/", "/"), ("\u{8}\u{9}\u{A}\u{C}\u{D}", #"\b\t\n\f\r"#),
        ("\0", #"\u0000"#),
        ("\u{1}\u{F}\u{10}\u{1F}", #"\u0001\u000f\u0010\u001f"#), ("\u{7F}\u{80}", "\u{7F}\u{80}"),
        ("é€😀", "é€😀"),
        ("\r\n", #"\r\n"#), ("</script>\u{2028}", "</script>\u{2028}"),
    ])
    func `a string is escaped as RFC 8259 and Python do`(_ value: String, _ escaped: String) {
        let octets = JSONOutput.object { $0.member(value, value) }
        #expect(text(octets) == "{\"\(escaped)\":\"\(escaped)\"}")
    }

    @Test func `what has to be escaped is found wherever it stands, and nothing else is`() throws {
        for length in 1...20 {
            for position in 0..<length {
                for octet in UInt8.min..<0x80 {
                    var value = [UInt8](repeating: UInt8(ascii: "e"), count: length)
                    value[position] = octet
                    let text = String(decoding: value, as: UTF8.self)
                    let json = JSONOutput.object { $0.member("a", text) }
                    let isPlain = octet >= 0x20 && octet != UInt8(ascii: "\"") && octet != UInt8(ascii: "\\")
                    #expect((json.count == length + 8) == isPlain, "\(octet) at \(position) of \(length)")
                }
            }
        }
    }

    @Test func `every character comes back`() throws {
        let all = String(
            String.UnicodeScalarView((0...0x10FFFF as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init)))
        let octets = JSONOutput.object { $0.member("a", all) }
        let read = try JSONDecoder().decode([String: String].self, from: Data(octets))
        #expect(read["a"]?.unicodeScalars.elementsEqual(all.unicodeScalars) == true)
    }
}
