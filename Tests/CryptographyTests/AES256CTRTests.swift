import Cryptography
import Testing

@Suite("AES256CTR") struct AES256CTRTests {
    private let key: [UInt8] = [
        0x60, 0x3d, 0xeb, 0x10, 0x15, 0xca, 0x71, 0xbe, 0x2b, 0x73, 0xae, 0xf0, 0x85, 0x7d, 0x77, 0x81,
        0x1f, 0x35, 0x2c, 0x07, 0x3b, 0x61, 0x08, 0xd7, 0x2d, 0x98, 0x10, 0xa3, 0x09, 0x14, 0xdf, 0xf4,
    ]

    /// NIST SP 800-38A, F.5.5.
    @Test func `the vector of SP 800-38A comes out`() throws {
        let iv: [UInt8] = Array(0xf0...0xff)
        let plaintext: [UInt8] = [
            0x6b, 0xc1, 0xbe, 0xe2, 0x2e, 0x40, 0x9f, 0x96, 0xe9, 0x3d, 0x7e, 0x11, 0x73, 0x93, 0x17, 0x2a,
        ]
        let cipher = try AES256CTR(key: key.span)
        for _ in 0..<2 {
            var frame = iv + plaintext
            var span = frame.mutableSpan
            try cipher.apply(to: &span, in: 16..<32, ivOffset: 0)
            #expect(hex(Array(frame[16...])) == "601ec313775789a5b7a7f504bbf3d228")
        }
    }

    /// What `openssl enc -aes-256-ctr` makes of 3000 octets, as its SHA-256: the counter wraps in its low half, or in all of it.
    @Test(arguments: [
        ([UInt8](0xf0...0xff), "a488ef4f4caeada062b31129c009997281c157bb22e8060be5d3f006f68dc675"),
        (
            [1, 2, 3, 4, 5, 6, 7, 8] + [UInt8](repeating: 0xff, count: 7) + [0xc0],
            "906882ff2b572e28cf20db6e369abebd91bf82b6d65299560285f5eaa1d66774"
        ),
        (
            [UInt8](repeating: 0xff, count: 16),
            "2852fa6910672372e546ee29f261603cb54609d0b99a9f7b82b6724fc9f30ee2"
        ),
    ])
    func `a long text comes out as from libcrypto's own counter mode`(_ iv: [UInt8], _ digest: String) throws
    {
        let text = longText(3000)
        let cipher = try AES256CTR(key: key.span)
        var frame = iv + text
        var span = frame.mutableSpan
        try cipher.apply(to: &span, in: 16..<3016, ivOffset: 0)
        #expect(hex(SHA256.digest(Array(frame[16...]).span)) == digest)
    }

    @Test func `every length comes out as the beginning of a longer one, appended or in place`() throws {
        let (iv, text) = ([UInt8](repeating: 0xff, count: 16), longText(2100))
        let cipher = try AES256CTR(key: key.span)
        let whole = try [UInt8](capacity: text.count) { output throws(CryptographyError) in
            try cipher.apply(to: text.span, iv: iv.span, into: &output)
        }
        for count in 0...text.count {
            let appended = try [UInt8](capacity: count + 1) { output throws(CryptographyError) in
                output.append(7)
                try cipher.apply(to: text.span.extracting(first: count), iv: iv.span, into: &output)
            }
            var frame = iv + text
            var span = frame.mutableSpan
            try cipher.apply(to: &span, in: 16..<16 + count, ivOffset: 0)
            try #require(appended == [7] + whole[..<count])
            try #require(frame == iv + whole[..<count] + text[count...])
        }
    }

    private func longText(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0 % 251) } }

    @Test(arguments: [0, 16, 31, 33]) func `a key of another length is refused`(_ count: Int) {
        #expect(throws: CryptographyError.wrongKeyLength(byteCount: count)) {
            let key = [UInt8](repeating: 1, count: count)
            _ = try AES256CTR(key: key.span)
        }
    }
}
