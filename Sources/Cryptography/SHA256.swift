internal import COpenSSL

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
            let thread = unsafe try contexts.value { () throws(CryptographyError) in try ThreadDigest() }
            try unsafe thread.lend { thread throws(CryptographyError) in
                try thread.digest(bytes, into: &output)
            }
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
    /// It is copied for each message, which takes less than to begin one.
    private let unused: DigestContext

    init() throws(CryptographyError) {
        context = try DigestContext()
        unused = try DigestContext()
    }

    func digest(_ bytes: Span<UInt8>, into output: inout OutputSpan<UInt8>) throws(CryptographyError) {
        try context.become(unused)
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

/// A running SHA-256 digest, which can be used again and copied into another.
@safe struct DigestContext: ~Copyable {
    private let context: OpaquePointer

    /// Made ready for a first message.
    init() throws(CryptographyError) {
        guard let digest = unsafe EVP_MD_fetch(nil, "SHA2-256", nil) else { throw .unavailable }
        // The context keeps a reference of its own.
        defer { unsafe EVP_MD_free(digest) }
        guard let context = unsafe EVP_MD_CTX_new() else { throw .unavailable }
        guard unsafe EVP_DigestInit_ex2(context, digest, nil) == 1 else {
            unsafe EVP_MD_CTX_free(context)
            throw .unavailable
        }
        unsafe self.context = context
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    /// Goes on where `other` stands.
    func become(_ other: borrowing DigestContext) throws(CryptographyError) {
        guard copy(other) else { throw .unavailable }
    }

    func update(_ bytes: Span<UInt8>) throws(CryptographyError) {
        let isDone = unsafe bytes.withUnsafeBufferPointer {
            unsafe update($0.baseAddress, byteCount: $0.count)
        }
        guard isDone else { throw .unavailable }
    }

    // For callers inside a closure over a buffer, which cannot throw typed errors. Each says whether libcrypto did its part.

    func copy(_ other: borrowing DigestContext) -> Bool {
        unsafe EVP_MD_CTX_copy_ex(context, other.context) == 1
    }

    func update(_ address: UnsafeRawPointer?, byteCount: Int) -> Bool {
        unsafe EVP_DigestUpdate(context, address, byteCount) == 1
    }

    /// Writes the 32 octets of the digest. ``become(_:)`` or ``copy(_:)`` comes next.
    func finish(_ output: UnsafeMutablePointer<UInt8>) -> Bool {
        unsafe EVP_DigestFinal_ex(context, output, nil) == 1
    }
}
