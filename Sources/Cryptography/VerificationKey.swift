internal import COpenSSL

/// A public key that verifies signatures.
// Sendable without a check, and safe: the handle is a constant, libcrypto only reads a key once it is made, and what it counts
// and caches in one is behind locks of its own (openssl-threads(7)). Each verification has a context of its own.
@safe package final class VerificationKey: @unchecked Sendable {
    private let key: KeyHandle

    private init(_ key: consuming KeyHandle) { self.key = key }

    package var type: KeyType { key.type }

    /// - Parameter pem: a public key in PEM (RFC 7468 §13).
    package convenience init(pem: String) throws(CryptographyError) {
        let octets = Array(pem.utf8)
        self.init(try KeyHandle(pem: octets.span, isPrivate: false))
    }

    /// An RSA key by modulus and exponent, big endian (RFC 7518 §6.3.1).
    package convenience init(modulus: [UInt8], exponent: [UInt8]) throws(CryptographyError) {
        let numbers = DER.sequence(DER.integer(modulus), DER.integer(exponent))
        self.init(
            try KeyHandle(
                publicDER: DER.sequence(
                    DER.sequence(DER.rsaEncryption, DER.null), DER.bitString(numbers))))
    }

    /// A point on a curve, each coordinate in its full length (RFC 7518 §6.2.1).
    package convenience init(curve type: KeyType, x: [UInt8], y: [UInt8]) throws(CryptographyError) {
        guard let curve = DER.curve(type), x.count == type.coordinateByteCount, y.count == x.count else {
            throw .wrongKey
        }
        // libcrypto sees whether the point is on the curve.
        self.init(
            try KeyHandle(
                publicDER: DER.sequence(
                    DER.sequence(DER.ecPublicKey, curve), DER.bitString([0x04] + x + y))))
    }

    /// An Ed25519 key, 32 octets (RFC 8032 §5.1.5).
    package convenience init(ed25519 octets: [UInt8]) throws(CryptographyError) {
        guard octets.count == 32 else { throw .wrongKey }
        self.init(
            try KeyHandle(publicDER: DER.sequence(DER.sequence(DER.ed25519), DER.bitString(octets))))
    }

    /// The 32 octets of an Ed25519 key; `nil` for one of another type.
    package var ed25519: [UInt8]? {
        get throws(CryptographyError) {
            // They end its SubjectPublicKeyInfo (RFC 8410 §4).
            type == .ed25519 ? Array(try key.der(isPrivate: false).suffix(32)) : nil
        }
    }

    convenience init(publicDER octets: [UInt8]) throws(CryptographyError) {
        self.init(try KeyHandle(publicDER: octets))
    }

    /// Whether a signature in JOSE's form (RFC 7518 §3.3 to §3.5, RFC 8037 §3.1) is this key's of the message.
    ///
    /// - Throws: ``CryptographyError/wrongAlgorithm`` if a key of this type has no such signatures. A signature that does
    ///   not hold is `false`, whatever is wrong with it.
    package func isValid(
        _ signature: Span<UInt8>, of message: Span<UInt8>, _ algorithm: SignatureAlgorithm
    ) throws(CryptographyError) -> Bool {
        guard SignatureAlgorithm.algorithms(for: type).contains(algorithm) else { throw .wrongAlgorithm }
        var encoded = unsafe signature.withUnsafeBufferPointer { unsafe Array($0) }
        if let byteCount = type.coordinateByteCount {
            // libcrypto reads the two numbers as DER (RFC 3279 §2.2.3).
            guard encoded.count == 2 * byteCount else { return false }
            encoded = DER.sequence(
                DER.integer(Array(encoded[..<byteCount])), DER.integer(Array(encoded[byteCount...])))
        }
        let context = try SignatureContext()
        defer { ERR_clear_error() }
        unsafe try key.withKey { key throws(CryptographyError) in
            try unsafe context.beginVerifying(key, algorithm)
        }
        return context.isValid(encoded.span, of: message)
    }
}
