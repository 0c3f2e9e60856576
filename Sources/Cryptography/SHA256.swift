internal import COpenSSL

/// SHA-256 of octets that are all at hand (FIPS 180-4).
package enum SHA256 {
    /// The length of a digest.
    package static let byteCount = 32

    /// The digest, 32 octets.
    package static func digest(_ bytes: Span<UInt8>) -> [UInt8] {
        [UInt8](capacity: byteCount) { digest(bytes, into: &$0) }
    }

    /// Writes the digest at the end of `output`, which has room for 32 octets.
    package static func digest(_ bytes: Span<UInt8>, into output: inout OutputSpan<UInt8>) {
        precondition(output.freeCapacity >= byteCount, "a SHA-256 digest has 32 octets")
        var context = SHA256_CTX()
        unsafe SHA256_Init(&context)
        unsafe bytes.withUnsafeBufferPointer {
            _ = unsafe SHA256_Update(&context, $0.baseAddress, $0.count)
        }
        unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
            guard let base = buffer.baseAddress else { return }
            unsafe SHA256_Final(base + initialized, &context)
            initialized += byteCount
        }
        // What was hashed may be a secret.
        unsafe wipe(&context, byteCount: MemoryLayout<SHA256_CTX>.size)
    }
}
