internal import COpenSSL

/// AES-256 in counter mode (NIST SP 800-38A §6.5) under one key: libcrypto's own mode, whose whole 16-octet block counts.
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
        precondition(
            range.upperBound <= frame.count && ivOffset >= 0 && ivOffset + Self.ivByteCount <= frame.count)
        let isDone = unsafe frame.withUnsafeMutableBufferPointer { buffer -> Bool in
            guard let base = buffer.baseAddress else { return false }
            let text = unsafe base + range.lowerBound
            return unsafe apply(to: text, byteCount: range.count, iv: base + ivOffset, into: text)
        }
        guard isDone else { throw .unavailable }
    }

    /// Encrypts or decrypts `text` and appends it to `output`, which has room for it.
    ///
    /// - Parameter iv: the first counter block, 16 octets.
    package func apply(
        to text: Span<UInt8>, iv: Span<UInt8>, into output: inout OutputSpan<UInt8>
    ) throws(CryptographyError) {
        precondition(iv.count == Self.ivByteCount && text.count <= output.freeCapacity)
        let isDone = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized -> Bool in
            // An empty output has no address; then the text is empty as well.
            guard let base = buffer.baseAddress else { return true }
            let isDone = unsafe text.withUnsafeBufferPointer { text in
                unsafe iv.withUnsafeBufferPointer { iv in
                    guard let start = text.baseAddress, let iv = iv.baseAddress else { return text.isEmpty }
                    return unsafe apply(to: start, byteCount: text.count, iv: iv, into: base + initialized)
                }
            }
            if isDone { initialized += text.count }
            return isDone
        }
        guard isDone else { throw .unavailable }
    }

    /// - Returns: whether libcrypto did its part.
    private func apply(
        to text: UnsafePointer<UInt8>, byteCount: Int, iv: UnsafePointer<UInt8>,
        into output: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        guard let count = CInt(exactly: byteCount) else { return false }
        var written: CInt = 0
        return unsafe EVP_EncryptInit_ex2(context, nil, nil, iv, nil) == 1
            && EVP_EncryptUpdate(context, output, &written, text, count) == 1 && written == count
    }
}
