internal import Cryptography
internal import StateTokens

/// A key as Tink's `AesCtrHmacAeadKey`, a message of two messages: aes_ctr_key (2) and hmac_key (3).
///
///     AesCtrKey: version (1), params (2): {iv_size (1)}, key_value (3)
///     HmacKey:   version (1), params (2): {hash (1), tag_size (2)}, key_value (3)
enum TinkKey {
    static let typeURL = "type.googleapis.com/google.crypto.tink.AesCtrHmacAeadKey"

    /// What is not as in the template AES256_CTR_HMAC_SHA256.
    struct Difference: Error, Equatable {
        let property: String
        let found: String
    }

    private static let ivByteCount: UInt64 = 16
    private static let tagByteCount: UInt64 = 32
    private static let keyByteCount = 32
    /// HashType.SHA256.
    private static let sha256: UInt64 = 3
    private static let hashNames: [UInt64: String] = [
        0: "UNKNOWN_HASH", 1: "SHA1", 2: "SHA384", 4: "SHA512", 5: "SHA224",
    ]

    static func encode(_ material: KeyMaterial) -> [UInt8] {
        material.withOctets { octets in
            let cipher = message { cipher in
                cipher.append(message: 2, message { $0.append(number: 1, ivByteCount) })
                cipher.append(octets: 3, octets.extracting(first: keyByteCount))
            }
            let mac = message { mac in
                let parameters = message { parameters in
                    parameters.append(number: 1, sha256)
                    parameters.append(number: 2, tagByteCount)
                }
                mac.append(message: 2, parameters)
                mac.append(octets: 3, octets.extracting(droppingFirst: keyByteCount))
            }
            return message { key in
                key.append(message: 2, cipher)
                key.append(message: 3, mac)
            }.octets
        }
    }

    static func decode(_ octets: [UInt8]) throws(Difference) -> KeyMaterial {
        let key = try fields(octets, "the key")
        try checkVersion(key, "the key's version")
        let cipher = try fields(key.octets(2), "the cipher's key")
        let mac = try fields(key.octets(3), "the MAC's key")
        try checkVersion(cipher, "the cipher's version")
        try checkVersion(mac, "the MAC's version")
        let ivSize = try fields(cipher.octets(2), "the cipher's parameters").number(1)
        guard ivSize == ivByteCount else { throw Difference(property: "iv_size", found: "\(ivSize)") }
        let parameters = try fields(mac.octets(2), "the MAC's parameters")
        guard parameters.number(1) == sha256 else {
            let number = parameters.number(1)
            throw Difference(property: "hash", found: hashNames[number] ?? "\(number)")
        }
        guard parameters.number(2) == tagByteCount else {
            throw Difference(property: "tag_size", found: "\(parameters.number(2))")
        }
        let cipherKey = cipher.octets(3)
        guard cipherKey.count == keyByteCount else {
            throw Difference(property: "an AES key of", found: "\(cipherKey.count * 8) bits")
        }
        let macKey = mac.octets(3)
        guard macKey.count == keyByteCount else {
            throw Difference(property: "an HMAC key of", found: "\(macKey.count * 8) bits")
        }
        var material = cipherKey + macKey
        defer {
            var span = material.mutableSpan
            wipe(&span)
        }
        do {
            return try KeyMaterial(octets: material.span)
        } catch {
            throw Difference(property: "material of", found: "\(material.count) octets")
        }
    }

    private static func message(_ write: (inout ProtobufWriter) -> Void) -> ProtobufWriter {
        var writer = ProtobufWriter()
        write(&writer)
        return writer
    }

    private static func fields(_ octets: [UInt8], _ name: String) throws(Difference) -> ProtobufFields {
        guard let fields = ProtobufFields(octets) else {
            throw Difference(property: name, found: "that is no protocol buffer")
        }
        return fields
    }

    private static func checkVersion(_ fields: ProtobufFields, _ name: String) throws(Difference) {
        guard fields.number(1) == 0 else {
            throw Difference(property: name, found: "\(fields.number(1))")
        }
    }
}
