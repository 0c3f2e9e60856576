internal import COpenSSL

/// libcrypto's context for one signature of one message.
@safe struct SignatureContext: ~Copyable {
    private let context: OpaquePointer

    init() throws(CryptographyError) {
        guard let context = unsafe EVP_MD_CTX_new() else { throw .unavailable }
        unsafe self.context = context
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    func beginVerifying(_ key: OpaquePointer, _ algorithm: SignatureAlgorithm) throws(CryptographyError) {
        var parameters: OpaquePointer?
        guard
            unsafe EVP_DigestVerifyInit_ex(
                context, &parameters, Self.hash(algorithm), nil, nil, key, nil) == 1,
            unsafe Self.pad(parameters, algorithm)
        else { throw .unavailable }
    }

    func beginSigning(_ key: OpaquePointer, _ algorithm: SignatureAlgorithm) throws(CryptographyError) {
        var parameters: OpaquePointer?
        guard
            unsafe EVP_DigestSignInit_ex(
                context, &parameters, Self.hash(algorithm), nil, nil, key, nil) == 1,
            unsafe Self.pad(parameters, algorithm)
        else { throw .unavailable }
    }

    func isValid(_ signature: Span<UInt8>, of message: Span<UInt8>) -> Bool {
        unsafe signature.withUnsafeBufferPointer { signature in
            unsafe message.withUnsafeBufferPointer { message in
                unsafe EVP_DigestVerify(
                    context, signature.baseAddress, signature.count, message.baseAddress, message.count) == 1
            }
        }
    }

    func signature(of message: Span<UInt8>) throws(CryptographyError) -> [UInt8] {
        let octets = unsafe message.withUnsafeBufferPointer { message -> [UInt8]? in
            var count = 0
            guard unsafe EVP_DigestSign(context, nil, &count, message.baseAddress, message.count) == 1 else {
                return nil
            }
            var octets = [UInt8](repeating: 0, count: count)
            let status = unsafe octets.withUnsafeMutableBufferPointer {
                unsafe EVP_DigestSign(context, $0.baseAddress, &count, message.baseAddress, message.count)
            }
            return status == 1 ? Array(octets.prefix(count)) : nil
        }
        guard let octets else { throw .unavailable }
        return octets
    }

    /// Ed25519 takes the message as it is.
    private static func hash(_ algorithm: SignatureAlgorithm) -> String? {
        algorithm == .edDSA ? nil : algorithm.hashFunction.name
    }

    /// RSASSA-PSS with a salt as long as the digest (RFC 7518 §3.5); RSASSA-PKCS1-v1_5 is what libcrypto does unasked.
    private static func pad(_ parameters: OpaquePointer?, _ algorithm: SignatureAlgorithm) -> Bool {
        guard algorithm.isPSS else { return true }
        return unsafe EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1
            && EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1
    }
}
