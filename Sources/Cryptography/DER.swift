/// The Distinguished Encoding Rules (X.690 §10) of the few structures that keys and signatures consist of.
///
/// libcrypto reads keys as DER and nothing else that is as simple, while JOSE writes them as bare numbers.
enum DER {
    static func sequence(_ elements: [UInt8]...) -> [UInt8] { element(0x30, elements.flatMap { $0 }) }

    /// A non-negative integer by its octets, big endian.
    static func integer(_ magnitude: [UInt8]) -> [UInt8] {
        var octets = Array(magnitude.drop { $0 == 0 })
        // A leading bit would make it negative; zero has one octet.
        if octets.first.map({ $0 >= 0x80 }) ?? true { octets.insert(0, at: 0) }
        return element(0x02, octets)
    }

    static func octetString(_ octets: [UInt8]) -> [UInt8] { element(0x04, octets) }

    static func bitString(_ octets: [UInt8]) -> [UInt8] { element(0x03, [0] + octets) }

    static func explicit(_ number: UInt8, _ contents: [UInt8]) -> [UInt8] { element(0xa0 | number, contents) }

    static let null: [UInt8] = [0x05, 0x00]

    /// rsaEncryption, 1.2.840.113549.1.1.1 (RFC 8017 appendix A.1).
    static let rsaEncryption = element(0x06, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01])
    /// id-ecPublicKey, 1.2.840.10045.2.1 (RFC 5480 §2.1.1).
    static let ecPublicKey = element(0x06, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01])
    /// id-Ed25519, 1.3.101.112 (RFC 8410 §3).
    static let ed25519 = element(0x06, [0x2b, 0x65, 0x70])

    /// The curve (RFC 5480 §2.1.1.1); `nil` where the key type has none of these.
    static func curve(_ type: KeyType) -> [UInt8]? {
        switch type {
        case .rsa, .ed25519: nil
        case .p256: element(0x06, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07])
        case .p384: element(0x06, [0x2b, 0x81, 0x04, 0x00, 0x22])
        case .p521: element(0x06, [0x2b, 0x81, 0x04, 0x00, 0x23])
        }
    }

    private static func element(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] {
        var header = [tag]
        if contents.count < 0x80 {
            header.append(UInt8(contents.count))
        } else {
            var length: [UInt8] = []
            var rest = contents.count
            while rest > 0 {
                length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
                rest >>= 8
            }
            header.append(0x80 | UInt8(length.count))
            header += length
        }
        return header + contents
    }
}
