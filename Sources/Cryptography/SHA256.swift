/// SHA-256 (FIPS 180-4) of octets in memory.
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
        do throws(CryptographyError) {
            let thread = try contexts.value { () throws(CryptographyError) in try ThreadDigest() }
            try thread.digest(bytes, into: &output)
        } catch {
            // Like memory that Swift cannot allocate: nothing here works without it.
            preconditionFailure("libcrypto has no SHA-256")
        }
    }

    /// Made once a thread, because to make one takes longer than to hash.
    private static let contexts = ThreadLocal<ThreadDigest>()
}

/// A digest context of one thread.
private final class ThreadDigest {
    private let context: DigestContext

    init() throws(CryptographyError) { context = try DigestContext() }

    func digest(_ bytes: Span<UInt8>, into output: inout OutputSpan<UInt8>) throws(CryptographyError) {
        try context.start()
        try context.update(bytes)
        let isDone = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized -> Bool in
            guard let base = buffer.baseAddress, unsafe context.finish(base + initialized) else {
                return false
            }
            initialized += SHA256.byteCount
            return true
        }
        // What was hashed may be a secret; libcrypto wipes its buffer at the end of each message.
        guard isDone else { throw .unavailable }
    }
}
