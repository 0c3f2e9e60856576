import Testing

@testable import Encodings

@Suite("Text of octets")
struct StringUTF8Tests {
    @Test(
        "is what the standard library reads",
        arguments: [
            "", "a", "abcdefg", "abcdefgh", "äbc", "abcdefghä", "日本語", "👩‍👩‍👧", "\u{0}", "e\u{301}",
        ])
    func accepts(_ text: String) {
        #expect(String(utf8: Array(text.utf8).span).map { Array($0.utf8) } == Array(text.utf8))
    }

    @Test(
        "is nil for what is no UTF-8",
        arguments: [
            [0x80], [0xff], [0xc3], [0x61, 0xc3], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80],
            [0xed, 0xa0, 0x80],
            [0xed, 0xbf, 0xbf], [0xf0, 0x80, 0x80, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80],
            [0xe2, 0x82], [0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0xbf],
        ] as [[UInt8]])
    func rejects(_ octets: [UInt8]) {
        #expect(String(utf8: octets.span) == nil)
    }
}
