internal import COpenSSL

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

    /// Begins a message, and forgets one that was not ended.
    func start() throws(CryptographyError) {
        guard unsafe EVP_DigestInit_ex2(context, nil, nil) == 1 else { throw .unavailable }
    }

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

    /// Writes the 32 octets of the digest. ``start()`` or ``copy(_:)`` comes next.
    func finish(_ output: UnsafeMutablePointer<UInt8>) -> Bool {
        unsafe EVP_DigestFinal_ex(context, output, nil) == 1
    }
}
