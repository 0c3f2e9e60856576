internal import COpenSSL

/// libcrypto's key, public or private, of a type and size that signatures are made with.
@safe struct KeyHandle: ~Copyable {
    /// RSA keys that are shorter are too weak (RFC 7518 §3.3), longer ones only cost time.
    private static let rsaBitCounts = 2048...8192
    private static let longestExponentBitCount = 64

    let type: KeyType
    private let key: OpaquePointer

    /// A SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
    init(publicDER octets: [UInt8]) throws(CryptographyError) {
        let key = unsafe octets.withUnsafeBufferPointer { octets -> OpaquePointer? in
            var place = octets.baseAddress
            guard let key = unsafe d2i_PUBKEY(nil, &place, octets.count) else { return nil }
            // All of it, and nothing after it.
            guard let start = octets.baseAddress, unsafe place == start + octets.count else {
                unsafe EVP_PKEY_free(key)
                return nil
            }
            return unsafe key
        }
        unsafe try self.init(owning: key)
    }

    /// A private key in whatever DER its type has: PKCS #1, SEC 1 or PKCS #8.
    init(privateDER octets: Span<UInt8>) throws(CryptographyError) {
        let key = unsafe octets.withUnsafeBufferPointer { octets -> OpaquePointer? in
            var place = octets.baseAddress
            return unsafe d2i_AutoPrivateKey(nil, &place, octets.count)
        }
        unsafe try self.init(owning: key)
    }

    /// A public or private key in PEM (RFC 7468 §10, §13), without a passphrase.
    init(pem: Span<UInt8>, isPrivate: Bool) throws(CryptographyError) {
        guard let length = CInt(exactly: pem.count) else { throw .wrongKey }
        guard
            let source = unsafe pem.withUnsafeBufferPointer({
                unsafe BIO_new_mem_buf($0.baseAddress, length)
            })
        else { throw .unavailable }
        defer { unsafe BIO_free(source) }
        // Without a callback libcrypto would ask the terminal for a passphrase.
        let key =
            unsafe isPrivate
            ? PEM_read_bio_PrivateKey(source, nil, { _, _, _, _ in -1 }, nil)
            : PEM_read_bio_PUBKEY(source, nil, { _, _, _, _ in -1 }, nil)
        unsafe try self.init(owning: key)
    }

    /// A fresh key.
    init(generating type: KeyType) throws(CryptographyError) {
        let (name, group): (String, String?) =
            switch type {
            case .rsa: ("RSA", nil)
            case .p256: ("EC", "P-256")
            case .p384: ("EC", "P-384")
            case .p521: ("EC", "P-521")
            case .ed25519: ("ED25519", nil)
            }
        guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, name, nil) else { throw .unavailable }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        guard unsafe EVP_PKEY_keygen_init(context) == 1 else { throw .unavailable }
        if let group {
            guard unsafe EVP_PKEY_CTX_set_group_name(context, group) == 1 else { throw .unavailable }
        }
        var key: OpaquePointer?
        guard unsafe EVP_PKEY_generate(context, &key) == 1 else { throw .unavailable }
        unsafe try self.init(owning: key)
    }

    private init(owning key: OpaquePointer?) throws(CryptographyError) {
        defer { ERR_clear_error() }
        guard let key = unsafe key else { throw .wrongKey }
        do throws(CryptographyError) {
            type = try unsafe Self.type(of: key)
        } catch {
            unsafe EVP_PKEY_free(key)
            throw error
        }
        unsafe self.key = key
    }

    deinit { unsafe EVP_PKEY_free(key) }

    /// Lends the key to a call of libcrypto.
    func withKey<Result, Failure: Error>(
        _ body: (OpaquePointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(key)
    }

    /// The key as DER: a SubjectPublicKeyInfo, or the private key.
    func der(isPrivate: Bool) throws(CryptographyError) -> [UInt8] {
        let count = unsafe isPrivate ? i2d_PrivateKey(key, nil) : i2d_PUBKEY(key, nil)
        guard count > 0 else { throw .unavailable }
        var octets = [UInt8](repeating: 0, count: Int(count))
        let written = unsafe octets.withUnsafeMutableBufferPointer { buffer in
            var place = buffer.baseAddress
            return unsafe isPrivate ? i2d_PrivateKey(key, &place) : i2d_PUBKEY(key, &place)
        }
        guard written == count else { throw .unavailable }
        return octets
    }

    /// The private key in PEM, without a passphrase (RFC 7468 §10).
    func pem() throws(CryptographyError) -> String {
        guard let output = unsafe BIO_new(BIO_s_mem()) else { throw .unavailable }
        defer { unsafe BIO_free(output) }
        guard unsafe PEM_write_bio_PrivateKey(output, key, nil, nil, 0, nil, nil) == 1 else {
            throw .unavailable
        }
        var octets = [UInt8](repeating: 0, count: 8_192)
        let count = unsafe octets.withUnsafeMutableBufferPointer {
            unsafe BIO_read(output, $0.baseAddress, CInt($0.count))
        }
        guard count > 0 else { throw .unavailable }
        return String(decoding: octets.prefix(Int(count)), as: UTF8.self)
    }

    /// Whether a private key and the public key beside it belong together.
    var isPair: Bool {
        guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else { return false }
        defer {
            unsafe EVP_PKEY_CTX_free(context)
            ERR_clear_error()
        }
        return unsafe EVP_PKEY_pairwise_check(context) == 1
    }

    private static func type(of key: OpaquePointer) throws(CryptographyError) -> KeyType {
        switch unsafe EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA:
            try unsafe checkRSA(key)
            return .rsa
        case EVP_PKEY_EC: return try unsafe curve(of: key)
        case EVP_PKEY_ED25519: return .ed25519
        default: throw .wrongKey
        }
    }

    private static func curve(of key: OpaquePointer) throws(CryptographyError) -> KeyType {
        var name = [CChar](repeating: 0, count: 32)
        var count = 0
        let status = unsafe name.withUnsafeMutableBufferPointer {
            unsafe EVP_PKEY_get_group_name(key, $0.baseAddress, $0.count, &count)
        }
        guard status == 1 else { throw .wrongKey }
        switch String(decoding: name.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) {
        case "prime256v1": return .p256
        case "secp384r1": return .p384
        case "secp521r1": return .p521
        default: throw .wrongKey
        }
    }

    /// An exponent of 1 signs anything, and an even number is no RSA key's.
    private static func checkRSA(_ key: OpaquePointer) throws(CryptographyError) {
        let bitCount = Int(unsafe EVP_PKEY_get_bits(key))
        guard bitCount >= rsaBitCounts.lowerBound else { throw .weakKey(bitCount: bitCount) }
        guard rsaBitCounts.contains(bitCount) else { throw .wrongKey }
        for (name, bitCounts) in [("n", rsaBitCounts), ("e", 2...longestExponentBitCount)] {
            var number: OpaquePointer?
            guard unsafe EVP_PKEY_get_bn_param(key, name, &number) == 1 else { throw .wrongKey }
            defer { unsafe BN_free(number) }
            guard unsafe BN_is_odd(number) == 1, bitCounts.contains(Int(unsafe BN_num_bits(number))) else {
                throw .wrongKey
            }
        }
    }
}
