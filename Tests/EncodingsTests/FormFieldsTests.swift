import Encodings
import Testing

@Suite("FormFields") struct FormFieldsTests {
    private func fields(_ text: String) -> [String]? {
        FormFields.parse(Array(text.utf8), countLimit: 5)?.map { "\($0.name)=\($0.value)" }
    }

    /// WHATWG URL §5.1, and its tests.
    @Test(
        arguments: [
            ("", []), ("&&", []), ("a", ["a="]), ("a=", ["a="]), ("=b", ["=b"]), ("=", ["="]),
            ("a=b=c", ["a=b=c"]),
            ("a=1&&b=2&", ["a=1", "b=2"]), ("a+b=c+d", ["a b=c d"]), ("a=%2B%26%3d", ["a=+&="]),
            ("a=100%", ["a=100%"]), ("a=%4", ["a=%4"]), ("a=%zz%41", ["a=%zzA"]), ("a=%%41", ["a=%A"]),
            ("%61=b", ["a=b"]), ("%=c", ["%=c"]), ("a=%C3%A9é", ["a=éé"]), ("a=%00", ["a=\0"]),
            ("a=%EF%BB%BFb", ["a=\u{FEFF}b"]), ("a=Ren%E9", ["a=Ren\u{FFFD}"]), ("%E9=1", ["\u{FFFD}=1"]),
        ] as [(String, [String])])
    func `fields are read as browsers read them`(_ text: String, _ expected: [String]) {
        #expect(fields(text) == expected)
    }

    @Test func `octets that are not UTF-8 are told`() throws {
        let fields = try #require(
            FormFields.parse(Array("a=%E9&b=%C3%A9&c=%&d=%C0%80".utf8) + [0x26, 0xFF], countLimit: 9))
        #expect(fields.map(\.isUTF8) == [false, true, true, false, true])
    }

    @Test func `more fields than the limit are none`() {
        #expect(fields("a&b&c&d&e")?.count == 5)
        #expect(fields("a&b&c&d&e&f") == nil)
    }
}
