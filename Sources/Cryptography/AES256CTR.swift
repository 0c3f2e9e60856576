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

    /// Encrypts or decrypts `text` and appends it to `output`, which has room for it.
    ///
    /// - Parameter iv: the first counter block, 16 octets.
    package func apply(
        to text: Span<UInt8>, iv: Span<UInt8>, into output: inout OutputSpan<UInt8>
    ) throws(CryptographyError) {
        precondition(iv.count == Self.ivByteCount && text.count <= output.freeCapacity)
        guard let byteCount = Int32(exactly: text.count) else { throw .unavailable }
        let context = unsafe context
        let status = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized -> Int32 in
            // An empty output has no address, and an empty text nothing to say.
            guard let base = buffer.baseAddress else { return 1 }
            let status = unsafe iv.withUnsafeBufferPointer { iv in
                unsafe EVP_EncryptInit_ex2(context, nil, nil, iv.baseAddress, nil)
            }
            guard status == 1 else { return 0 }
            var written: Int32 = 0
            let updated = unsafe text.withUnsafeBufferPointer { text in
                unsafe EVP_EncryptUpdate(context, base + initialized, &written, text.baseAddress, byteCount)
            }
            guard updated == 1 else { return 0 }
            initialized += Int(written)
            return 1
        }
        guard status == 1 else { throw .unavailable }
    }
}
