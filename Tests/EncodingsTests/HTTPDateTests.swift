import Encodings
import Testing

@Suite("HTTPDate") struct HTTPDateTests {
    @Test(
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        ] as [(Int64, String)])
    func `a time is written and read back`(_ seconds: Int64, _ text: String) {
        #expect(HTTPDate.text(secondsSinceEpoch: seconds) == text)
        #expect(HTTPDate.secondsSinceEpoch(text) == seconds)
    }

    /// RFC 9110 §5.6.7: recipients take all three.
    @Test(arguments: [
        "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 GMT",
    ])
    func `the obsolete forms are read`(_ text: String) {
        #expect(HTTPDate.secondsSinceEpoch(text) == 784_111_777)
    }

    @Test(arguments: [
        "", "120", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun 06 Nov 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sun, -6 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z", "Sun Nov 6 08:49:37 94",
    ])
    func `anything else is no date`(_ text: String) { #expect(HTTPDate.secondsSinceEpoch(text) == nil) }
}

@Suite("Hexadecimal") struct HexadecimalTests {
    @Test func `octets come back`() {
        let octets = Array(UInt8.min...UInt8.max)
        let text = Hexadecimal.encode(octets.span)
        #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff"))
        #expect(Hexadecimal.decode(text) == octets)
        #expect(Hexadecimal.decode("fFAb") == [0xFF, 0xAB])
        #expect(Hexadecimal.decode("") == [])
    }

    @Test(arguments: ["0", "0g", "+1", "-1", " 1", "0x", "é", "١١", "00 "])
    func `what is no pairs of digits is refused`(_ text: String) { #expect(Hexadecimal.decode(text) == nil) }
}
