import Foundation
import Keyrings
import StateTokens
import Testing

@Suite("TinkKeyset") struct TinkKeysetTests {
    private static let now = Rings.now
    /// A key of the template: iv_size 16, AES key 00…1f, SHA256, tag_size 32, HMAC key derived from it.
    private static let cipherKey: [UInt8] = (0..<32).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
    private static let macKey: [UInt8] = (0..<32).map { UInt8(255 - $0 * 5) }

    private static func cipher(
        iv: [UInt8] = [0x08, 16], key: [UInt8] = cipherKey, version: [UInt8] = []
    ) -> [UInt8] {
        version + field(2, iv) + field(3, key)
    }

    private static func mac(
        parameters: [UInt8] = [0x08, 3, 0x10, 32], key: [UInt8] = macKey
    ) -> [UInt8] {
        field(2, parameters) + field(3, key)
    }

    private static func message(_ cipher: [UInt8] = cipher(), _ mac: [UInt8] = mac()) -> [UInt8] {
        field(2, cipher) + field(3, mac)
    }

    private static func field(_ number: UInt8, _ octets: [UInt8]) -> [UInt8] {
        [number << 3 | 2, UInt8(octets.count)] + octets
    }

    private static func entry(
        _ value: [UInt8] = message(), id: UInt32 = 7, status: String = "ENABLED", prefix: String = "TINK",
        type: String = "AesCtrHmacAeadKey", material: String = "SYMMETRIC"
    ) -> String {
        """
        {"keyData": {"typeUrl": "type.googleapis.com/google.crypto.tink.\(type)",
         "value": "\(Data(value).base64EncodedString())", "keyMaterialType": "\(material)"},
         "status": "\(status)", "keyId": \(id), "outputPrefixType": "\(prefix)"}
        """
    }

    private static func keyset(_ entries: String..., primary: UInt32 = 7) -> String {
        #"{"primaryKeyId": \#(primary), "key": [\#(entries.joined(separator: ","))]}"#
    }

    private func keyring(_ text: String, deploymentID: String? = nil) throws(TinkKeysetError) -> Keyring {
        try TinkKeyset.keyring(Array(text.utf8), purpose: .state, deploymentID: deploymentID, at: Self.now)
    }

    @Test func `a keyset of the template becomes a ring whose primary key seals`() throws {
        var other = Self.message()
        other[10] ^= 1
        let disabled = Self.message(Self.cipher(key: Self.macKey), Self.mac(key: Self.cipherKey))
        let ring = try keyring(
            Self.keyset(
                Self.entry(), Self.entry(other, id: 9), Self.entry(disabled, id: 1, status: "DISABLED")))
        #expect(ring.keys.map(\.id) == [1, 7, 9].map { Rings.id($0) })
        #expect(ring.sealingKey(at: Self.now)?.id == Rings.id(7))
        #expect(ring.keys.map(\.status) == [.disabled, .enabled, .enabled])
        let material = ring[Rings.id(7)]?.material.withOctets { octets in octets.indices.map { octets[$0] } }
        #expect(material == Self.cipherKey + Self.macKey)
        #expect(ring.keysThatFail().isEmpty)
        #expect(try ring.rotated(at: Self.now).isNew)
    }

    @Test func `the deployment is the one that is given, or a new one`() throws {
        #expect(try keyring(Self.keyset(Self.entry()), deploymentID: "d_1").deploymentID == "d_1")
        #expect(try keyring(Self.keyset(Self.entry())).deploymentID.hasPrefix("d_"))
        #expect(
            throws: TinkKeysetError.keyring(
                .invalid(field: "deployment", reason: "must be visible ASCII text"))
        ) {
            try keyring(Self.keyset(Self.entry()), deploymentID: "a b")
        }
    }

    @Test func `what is exported is imported again with the same material`() throws {
        let ring = try Rings.ring(
            Rings.key(1, activates: -20_000), Rings.key(2), Rings.key(3, status: .disabled),
            Rings.key(4, activates: -19_000, status: .retired), Rings.key(5, activates: nil))
        let again = try TinkKeyset.keyring(
            TinkKeyset.json(ring, at: Self.now), purpose: .state, at: Self.now)
        #expect(again.keys.map(\.id) == ring.keys.map(\.id))
        #expect(again.keys.map(\.material) == ring.keys.map(\.material))
        #expect(again.keys.map(\.status) == [.enabled, .enabled, .disabled, .enabled, .enabled])
        #expect(again.sealingKey(at: Self.now)?.id == Rings.id(2))
    }

    @Test func `the export is octet for octet as in the vectors`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../StateTokensTests/Vectors/sealed-token.json")
        let object = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
        let keyset = try #require(object["tinkKeyset"] as? [String: Any])
        let text = try JSONSerialization.data(withJSONObject: keyset)
        let ring = try TinkKeyset.keyring(Array(text), purpose: .state, at: Self.now)
        let exported = try #require(
            JSONSerialization.jsonObject(with: Data(try TinkKeyset.json(ring, at: Self.now)))
                as? [String: Any])
        func keys(_ object: [String: Any]) throws -> [NSDictionary] {
            try #require(object["key"] as? [NSDictionary]).sorted {
                ($0["keyId"] as? Int ?? 0) < ($1["keyId"] as? Int ?? 0)
            }
        }
        #expect(try keys(exported) == keys(keyset))
        #expect(exported["primaryKeyId"] as? Int == keyset["primaryKeyId"] as? Int)
    }

    @Test func `a ring in which nothing seals has no keyset`() throws {
        let ring = try Rings.ring(Rings.key(1, status: .disabled), Rings.key(2, status: .retired))
        #expect(throws: TinkKeysetError.nothingSeals) { try TinkKeyset.json(ring, at: Self.now) }
    }

    private static let refused: [(String, String, String)] = [
        ("the type", "type.googleapis.com/google.crypto.tink.AesGcmKey", entry(type: "AesGcmKey")),
        ("the material type", "ASYMMETRIC_PRIVATE", entry(material: "ASYMMETRIC_PRIVATE")),
        ("the prefix", "RAW", entry(prefix: "RAW")), ("the prefix", "CRUNCHY", entry(prefix: "CRUNCHY")),
        ("the status", "DESTROYED", entry(status: "DESTROYED")),
        ("iv_size", "12", entry(message(cipher(iv: [0x08, 12])))),
        ("iv_size", "0", entry(message(cipher(iv: [])))),
        ("tag_size", "16", entry(message(cipher(), mac(parameters: [0x08, 3, 0x10, 16])))),
        ("hash", "SHA1", entry(message(cipher(), mac(parameters: [0x08, 1, 0x10, 32])))),
        ("hash", "SHA512", entry(message(cipher(), mac(parameters: [0x08, 4, 0x10, 32])))),
        ("hash", "UNKNOWN_HASH", entry(message(cipher(), mac(parameters: [0x10, 32])))),
        ("hash", "9", entry(message(cipher(), mac(parameters: [0x08, 9, 0x10, 32])))),
        ("an AES key of", "128 bits", entry(message(cipher(key: Array(cipherKey.prefix(16)))))),
        ("an HMAC key of", "512 bits", entry(message(cipher(), mac(key: macKey + cipherKey)))),
        ("an HMAC key of", "0 bits", entry(message(cipher(), mac(key: [])))),
        ("the cipher's version", "1", entry(message(cipher(version: [0x08, 1])))),
        ("the key", "that is no protocol buffer", entry([0x12])),
        ("the key", "that is no protocol buffer", entry([0x12, 0x80])),
        ("the key", "that is no protocol buffer", entry(message() + message())),
        ("the key", "that is no protocol buffer", entry([0x0d, 0, 0, 0, 0])),
        ("the key", "that is no protocol buffer", entry([0x00, 0x00])),
        ("the key", "that is no protocol buffer", entry([0x08] + [UInt8](repeating: 0xff, count: 10) + [1])),
        ("iv_size", "0", entry([])),
    ]

    @Test(arguments: refused.indices) func `a key of another kind is refused by name`(_ index: Int) {
        let (property, found, entry) = Self.refused[index]
        #expect(throws: TinkKeysetError.unsupported(keyID: 7, property: property, found: found)) {
            try keyring(Self.keyset(entry))
        }
        // Among good ones, too.
        #expect(throws: TinkKeysetError.unsupported(keyID: 7, property: property, found: found)) {
            try keyring(Self.keyset(Self.entry(id: 8), entry, primary: 8))
        }
    }

    @Test(arguments: [
        ("", "text"), ("[]", "text"), ("{}", "primaryKeyId"), (#"{"primaryKeyId": 7}"#, "key"),
        (#"{"primaryKeyId": -1, "key": []}"#, "primaryKeyId"),
        (#"{"primaryKeyId": 7, "key": [{}]}"#, "key[0].keyData"),
        (keyset(entry().replacing("\"7\"", with: "7").replacing("7,", with: "4294967296,")), "key[0].keyId"),
        (keyset(entry([1]).replacing("AQ==", with: "*")), "keyData.value"),
    ]) func `text of another shape is refused, and the field is named`(_ text: String, _ place: String) {
        let error = #expect(throws: TinkKeysetError.self) { try keyring(text) }
        guard case .invalid(let field, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(field == place)
    }

    @Test func `an encrypted keyset is refused as such`() {
        #expect(throws: TinkKeysetError.encrypted) {
            try keyring(#"{"encryptedKeyset": "AAAA", "keysetInfo": {"primaryKeyId": 7}}"#)
        }
    }

    @Test func `a keyset whose primary key is missing or disabled is refused`() {
        #expect(throws: TinkKeysetError.noPrimaryKey(8)) {
            try keyring(Self.keyset(Self.entry(), primary: 8))
        }
        #expect(throws: TinkKeysetError.noPrimaryKey(7)) {
            try keyring(Self.keyset(Self.entry(status: "DISABLED")))
        }
        #expect(throws: TinkKeysetError.noPrimaryKey(7)) { try keyring(Self.keyset()) }
    }

    @Test func `S25 doubled ids, doubled material and patterns are refused`() {
        #expect(throws: TinkKeysetError.keyring(.keyring(.duplicateID(Rings.id(7))))) {
            try keyring(
                Self.keyset(
                    Self.entry(), Self.entry(Self.message(Self.cipher(key: Self.cipherKey.reversed())))))
        }
        #expect(throws: TinkKeysetError.keyring(.keyring(.duplicateMaterial(Rings.id(7), Rings.id(8))))) {
            try keyring(Self.keyset(Self.entry(), Self.entry(id: 8)))
        }
        let zeros = [UInt8](repeating: 0, count: 32)
        #expect(throws: TinkKeysetError.keyring(.weakMaterial(Rings.id(7)))) {
            try keyring(Self.keyset(Self.entry(Self.message(Self.cipher(key: zeros), Self.mac(key: zeros)))))
        }
    }

    @Test func `S23 no error shows material`() {
        for (_, _, entry) in Self.refused {
            do {
                _ = try keyring(Self.keyset(entry))
            } catch {
                let text = "\(error) \(String(reflecting: error))"
                let key = Data(Self.cipherKey).base64EncodedString().prefix(20)
                #expect(!text.contains(key))
                #expect(!text.contains("11, 48, 85"))
            }
        }
    }
}
