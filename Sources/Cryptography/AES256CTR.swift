internal import COpenSSL

/// AES-256 in counter mode (NIST SP 800-38A) under one key; the whole 16-octet block counts.
///
/// The context is made and keyed once. It belongs to one thread; libcrypto wipes it when it goes.
@safe package struct AES256CTR: ~Copyable {
    package static let keyByteCount = 32
    package static let ivByteCount = 16

    private let context: OpaquePointer

    package init(key: Span<UInt8>) throws(CryptographyError) {
        guard key.count == Self.keyByteCount else { throw .wrongKeyLength(byteCount: key.count) }
        guard let cipher = unsafe EVP_CIPHER_fetch(nil, "AES-256-CTR", nil) else { throw .unavailable }
        defer { unsafe EVP_CIPHER_free(cipher) }
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .unavailable }
        let status = unsafe key.withUnsafeBufferPointer {
            unsafe EVP_EncryptInit_ex2(context, cipher, $0.baseAddress, nil, nil)
        }
        guard status == 1 else {
            unsafe EVP_CIPHER_CTX_free(context)
            throw .unavailable
        }
        unsafe self.context = context
    }

    deinit { unsafe EVP_CIPHER_CTX_free(context) }

    /// Encrypts or decrypts, which is the same, the octets of `frame` in `range`, in place.
    ///
    /// - Parameter ivOffset: where in `frame` the 16 octets of the first counter block stand.
    package func apply(
        to frame: inout MutableSpan<UInt8>, in range: Range<Int>, ivOffset: Int
    ) throws(CryptographyError) {
        precondition(range.upperBound <= frame.count && ivOffset + Self.ivByteCount <= frame.count)
        guard let byteCount = Int32(exactly: range.count) else { throw .unavailable }
        let context = unsafe context
        let status = unsafe frame.withUnsafeMutableBufferPointer { buffer -> Int32 in
            guard let base = buffer.baseAddress else { return 0 }
            guard unsafe EVP_EncryptInit_ex2(context, nil, nil, base + ivOffset, nil) == 1 else { return 0 }
            let text = unsafe base + range.lowerBound
            var written: Int32 = 0
            return unsafe EVP_EncryptUpdate(context, text, &written, text, byteCount)
        }
        guard status == 1 else { throw .unavailable }
    }
}
