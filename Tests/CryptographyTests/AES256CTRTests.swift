import Cryptography
import Testing

@Suite("AES256CTR") struct AES256CTRTests {
    /// NIST SP 800-38A, F.5.5.
    @Test func `the vector of SP 800-38A comes out`() throws {
        let key: [UInt8] = [
            0x60, 0x3d, 0xeb, 0x10, 0x15, 0xca, 0x71, 0xbe, 0x2b, 0x73, 0xae, 0xf0, 0x85, 0x7d, 0x77, 0x81,
            0x1f, 0x35, 0x2c, 0x07, 0x3b, 0x61, 0x08, 0xd7, 0x2d, 0x98, 0x10, 0xa3, 0x09, 0x14, 0xdf, 0xf4,
        ]
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

    @Test(arguments: [0, 16, 31, 33]) func `a key of another length is refused`(_ count: Int) {
        #expect(throws: CryptographyError.wrongKeyLength(byteCount: count)) {
            let key = [UInt8](repeating: 1, count: count)
            _ = try AES256CTR(key: key.span)
        }
    }
}
