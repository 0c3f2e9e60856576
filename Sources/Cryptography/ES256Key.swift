internal import COpenSSL

/// A private key on P-256, for ES256 signatures (RFC 7518 §3.4).
///
/// It is kept as the text that it came as and read again for each signature, so that no libcrypto object is shared.
package struct ES256Key: Sendable {
    /// Twice the length of a coordinate.
    package static let signatureByteCount = 64

    private let pem: SecretBytes

    /// - Parameter pem: a private key in PEM (RFC 7468 §10), without a passphrase.
    package init(pem: String) throws(CryptographyError) {
        let octets = Array(pem.utf8)
        self.pem = SecretBytes(octets.span)
        // The handle frees itself: this only sees that it can be read.
        _ = try self.pem.withSpan { octets throws(CryptographyError) in try P256PrivateKey(pem: octets) }
    }

    /// The two numbers of the signature, 32 octets each, big endian.
    package func signature(of message: Span<UInt8>) throws(CryptographyError) -> [UInt8] {
        let key = try pem.withSpan { octets throws(CryptographyError) in try P256PrivateKey(pem: octets) }
        return try key.signature(of: message)
    }
}

/// A key as libcrypto has it.
@safe private struct P256PrivateKey: ~Copyable {
    private let key: OpaquePointer

    init(pem: Span<UInt8>) throws(CryptographyError) {
        guard
            let source = unsafe pem.withUnsafeBufferPointer({
                unsafe BIO_new_mem_buf($0.baseAddress, CInt($0.count))
            })
        else { throw .unavailable }
        defer { unsafe BIO_free(source) }
        // Without a callback libcrypto would ask the terminal for a passphrase.
        guard let key = unsafe PEM_read_bio_PrivateKey(source, nil, { _, _, _, _ in -1 }, nil) else {
            ERR_clear_error()
            throw .wrongKey
        }
        guard unsafe Self.isP256(key) else {
            unsafe EVP_PKEY_free(key)
            throw .wrongKey
        }
        unsafe self.key = key
    }

    deinit { unsafe EVP_PKEY_free(key) }

    func signature(of message: Span<UInt8>) throws(CryptographyError) -> [UInt8] {
        guard let context = unsafe EVP_MD_CTX_new() else { throw .unavailable }
        defer { unsafe EVP_MD_CTX_free(context) }
        guard unsafe EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1 else { throw .unavailable }
        var encoded = [UInt8](repeating: 0, count: 80)
        var count = encoded.count
        let status = unsafe message.withUnsafeBufferPointer { message in
            unsafe encoded.withUnsafeMutableBufferPointer { encoded in
                unsafe EVP_DigestSign(
                    context, encoded.baseAddress, &count, message.baseAddress, message.count)
            }
        }
        guard status == 1 else { throw .unavailable }
        return try Self.numbers(Array(encoded[..<count]))
    }

    private static func isP256(_ key: OpaquePointer) -> Bool {
        guard unsafe EVP_PKEY_get_base_id(key) == EVP_PKEY_EC else { return false }
        var name = [CChar](repeating: 0, count: 32)
        var count = 0
        guard
            unsafe name.withUnsafeMutableBufferPointer({
                unsafe EVP_PKEY_get_group_name(key, $0.baseAddress, $0.count, &count)
            }) == 1
        else { return false }
        return name.prefix(count).map { UInt8(bitPattern: $0) } == Array("prime256v1".utf8)
    }

    /// libcrypto writes a signature as DER (RFC 3279 §2.2.3), JWS wants the bare numbers.
    private static func numbers(_ encoded: [UInt8]) throws(CryptographyError) -> [UInt8] {
        let signature = unsafe encoded.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            return unsafe d2i_ECDSA_SIG(nil, &start, buffer.count)
        }
        guard let signature = unsafe signature else { throw .unavailable }
        defer { unsafe ECDSA_SIG_free(signature) }
        var output = [UInt8](repeating: 0, count: ES256Key.signatureByteCount)
        let isWritten = unsafe output.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            return unsafe BN_bn2binpad(ECDSA_SIG_get0_r(signature), base, 32) == 32
                && BN_bn2binpad(ECDSA_SIG_get0_s(signature), base + 32, 32) == 32
        }
        guard isWritten else { throw .unavailable }
        return output
    }
}
