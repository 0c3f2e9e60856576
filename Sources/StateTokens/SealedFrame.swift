/// Where things stand in sealed octets: `01 | key id (4) | IV (16) | ciphertext | tag (32)`.
package enum SealedFrame {
    package static let version: UInt8 = 1
    static let ivOffset = 5
    static let ivByteCount = 16
    package static let headerByteCount = 21
    package static let tagByteCount = 32
    /// What sealing adds.
    package static let overhead = headerByteCount + tagByteCount
    /// The longest plaintext.
    static let maximumPlaintextByteCount = 16 * 1024 * 1024

    /// The range of the ciphertext in a frame of this length.
    static func contents(ofFrame byteCount: Int) -> Range<Int> { headerByteCount..<byteCount - tagByteCount }

    /// The key id that sealed octets name.
    static func keyID(of sealed: Span<UInt8>) throws(OpenError) -> KeyID {
        guard sealed.count >= overhead, sealed[0] == version else { throw .malformed }
        return KeyID(
            rawValue: UInt32(sealed[1]) << 24 | UInt32(sealed[2]) << 16 | UInt32(sealed[3]) << 8
                | UInt32(sealed[4]))
    }
}
