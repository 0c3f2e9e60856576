internal import COpenSSL

/// A private key that makes signatures.
///
/// It lies in the memory of secrets as DER and is read again for each signature, so that no libcrypto object with a private
/// key outlives its use.
package struct SigningKey: Sendable {
    package let type: KeyType
    private let der: SecretBytes

    /// - Parameter pem: a private key in PEM (RFC 7468 §10), without a passphrase.
    package init(pem: String) throws(CryptographyError) {
        var octets = Array(pem.utf8)
        defer { Self.wipe(&octets) }
        try self.init(try KeyHandle(pem: octets.span, isPrivate: true))
    }

    /// An RSA key by the numbers of RFC 7518 §6.3.2, big endian.
    package init(
        modulus: [UInt8], exponent: [UInt8], privateExponent: [UInt8], primes: (p: [UInt8], q: [UInt8]),
        exponents: (p: [UInt8], q: [UInt8]), coefficient: [UInt8]
    ) throws(CryptographyError) {
        // RSAPrivateKey (RFC 8017 appendix A.1.2).
        try self.init(
            der: DER.sequence(
                DER.integer([0]), DER.integer(modulus), DER.integer(exponent), DER.integer(privateExponent),
                DER.integer(primes.p), DER.integer(primes.q), DER.integer(exponents.p),
                DER.integer(exponents.q), DER.integer(coefficient)))
    }

    /// A key on a curve, each number in its full length (RFC 7518 §6.2.2).
    package init(curve type: KeyType, d: [UInt8], x: [UInt8], y: [UInt8]) throws(CryptographyError) {
        guard let curve = DER.curve(type), let byteCount = type.coordinateByteCount,
            [d, x, y].allSatisfy({ $0.count == byteCount })
        else { throw .wrongKey }
        // ECPrivateKey (RFC 5915 §3).
        try self.init(
            der: DER.sequence(
                DER.integer([1]), DER.octetString(d), DER.explicit(0, curve),
                DER.explicit(1, DER.bitString([0x04] + x + y))))
    }

    /// An Ed25519 key, 32 octets (RFC 8032 §5.1.5).
    package init(ed25519 octets: [UInt8]) throws(CryptographyError) {
        guard octets.count == 32 else { throw .wrongKey }
        // PKCS #8 (RFC 8410 §7).
        try self.init(
            der: DER.sequence(
                DER.integer([0]), DER.sequence(DER.ed25519), DER.octetString(DER.octetString(octets))),
            isPair: true)
    }

    /// - Parameter isPair: whether there is no public key beside the private one that could be another's.
    private init(der octets: [UInt8], isPair: Bool = false) throws(CryptographyError) {
        var octets = octets
        defer { Self.wipe(&octets) }
        let key = try KeyHandle(privateDER: octets.span)
        guard isPair || key.isPair else { throw .wrongKey }
        try self.init(key)
    }

    private init(_ key: consuming KeyHandle) throws(CryptographyError) {
        type = key.type
        var octets = try key.der(isPrivate: true)
        defer { Self.wipe(&octets) }
        der = SecretBytes(octets.span)
    }

    /// A fresh key as a file has it, for trials: in PEM, without a passphrase (RFC 7468 §10).
    package static func generatedPEM(_ type: KeyType) throws(CryptographyError) -> String {
        try KeyHandle(generating: type).pem()
    }

    /// The public key that belongs to it.
    package func publicKey() throws(CryptographyError) -> VerificationKey {
        try VerificationKey(publicDER: try handle().der(isPrivate: false))
    }

    /// A signature in JOSE's form: for a curve the two numbers, each in its full length (RFC 7518 §3.4).
    ///
    /// - Throws: ``CryptographyError/wrongAlgorithm`` if a key of this type makes no such signatures.
    package func signature(
        of message: Span<UInt8>, _ algorithm: SignatureAlgorithm
    ) throws(CryptographyError) -> [UInt8] {
        guard SignatureAlgorithm.algorithms(for: type).contains(algorithm) else { throw .wrongAlgorithm }
        let context = try SignatureContext()
        defer { ERR_clear_error() }
        // It has to live as long as the context.
        let handle = try handle()
        unsafe try handle.withKey { key throws(CryptographyError) in
            try unsafe context.beginSigning(key, algorithm)
        }
        let encoded = try context.signature(of: message)
        guard let byteCount = type.coordinateByteCount else { return encoded }
        return try Self.numbers(encoded, byteCount: byteCount)
    }

    private func handle() throws(CryptographyError) -> KeyHandle {
        try der.withSpan { octets throws(CryptographyError) in try KeyHandle(privateDER: octets) }
    }

    /// libcrypto writes the two numbers as DER (RFC 3279 §2.2.3).
    private static func numbers(_ encoded: [UInt8], byteCount: Int) throws(CryptographyError) -> [UInt8] {
        let signature = unsafe encoded.withUnsafeBufferPointer { buffer in
            var place = buffer.baseAddress
            return unsafe d2i_ECDSA_SIG(nil, &place, buffer.count)
        }
        guard let signature = unsafe signature else { throw .unavailable }
        defer { unsafe ECDSA_SIG_free(signature) }
        var output = [UInt8](repeating: 0, count: 2 * byteCount)
        let count = CInt(byteCount)
        let isWritten = unsafe output.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            return unsafe BN_bn2binpad(ECDSA_SIG_get0_r(signature), base, count) == count
                && BN_bn2binpad(ECDSA_SIG_get0_s(signature), base + byteCount, count) == count
        }
        guard isWritten else { throw .unavailable }
        return output
    }

    private static func wipe(_ octets: inout [UInt8]) {
        var span = octets.mutableSpan
        Cryptography.wipe(&span)
    }
}

extension SigningKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "(secret)" }

    package var customMirror: Mirror { Mirror(self, children: []) }
}
