internal import Cryptography
internal import Encodings
internal import FoundationEssentials
public import StateTokens

/// A keyring as Google Tink's cleartext JSON keyset, for every language that has Tink.
///
/// The keys are AES256_CTR_HMAC_SHA256 with the TINK prefix, which is octet for octet what we seal. Tink knows no
/// schedule: its primary key is the one that seals now.
public enum TinkKeyset {
    /// The keyset of a ring: what opens is enabled in it, what is disabled is disabled there, too.
    ///
    /// - Throws: ``TinkKeysetError/nothingSeals``.
    public static func json(_ keyring: Keyring, at now: Timestamp) throws(TinkKeysetError) -> [UInt8] {
        guard let primary = keyring.sealingKey(at: now) else { throw .nothingSeals }
        let keys = keyring.keys.map { key in
            let encoded = TinkKey.encode(key.material)
            return Content.Entry(
                keyData: .init(
                    typeUrl: TinkKey.typeURL, value: Base64.encode(encoded.span),
                    keyMaterialType: "SYMMETRIC"),
                status: key.status == .disabled ? "DISABLED" : "ENABLED", keyId: Int64(key.id.rawValue),
                outputPrefixType: "TINK")
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            let data = try encoder.encode(Content(primaryKeyId: Int64(primary.id.rawValue), key: keys))
            return Array(data) + [UInt8(ascii: "\n")]
        } catch {
            throw .invalid(field: "text", reason: "could not be written as JSON")
        }
    }

    /// A new keyring of a keyset's keys: its primary key seals at once, and the others open unless they are disabled.
    ///
    /// - Parameter deploymentID: the deployment whose rows the keys have sealed; `nil` begins a new one.
    /// - Throws: ``TinkKeysetError`` for any key that is not of the template AES256_CTR_HMAC_SHA256.
    public static func keyring(
        _ json: [UInt8], purpose: Keyring.Purpose, deploymentID: String? = nil,
        maximumLifetime: Duration = .seconds(600),
        sessionLifetime: Duration = Keyring.defaultSessionLifetime, propagation: Duration = .seconds(600),
        skew: Duration = .seconds(60), at now: Timestamp
    ) throws(TinkKeysetError) -> Keyring {
        if let deploymentID {
            guard KeyringDocument.isDeploymentID(deploymentID) else {
                throw .keyring(.invalid(field: "deployment", reason: "must be visible ASCII text"))
            }
        }
        let content = try content(json)
        var keys: [Key] = []
        let primary = try number(content.primaryKeyId, "primaryKeyId")
        for (index, entry) in content.key.enumerated() {
            let id = try number(entry.keyId, "key[\(index)].keyId")
            // The primary key has taken over from the others.
            let activates = id == primary ? now : now - .seconds(1)
            keys.append(try key(entry, id: id, created: now, activates: activates))
        }
        guard keys.contains(where: { $0.id.rawValue == primary && $0.status == .enabled }) else {
            throw .noPrimaryKey(primary)
        }
        do throws(KeyringError) {
            let made = try Keyring.makeDeploymentID()
            return try Keyring(
                purpose: purpose, deploymentID: deploymentID ?? made, maximumLifetime: maximumLifetime,
                sessionLifetime: sessionLifetime, propagation: propagation, skew: skew, keys: keys)
        } catch {
            throw .keyring(.keyring(error))
        }
    }

    private static func content(_ json: [UInt8]) throws(TinkKeysetError) -> Content {
        let decoder = JSONDecoder()
        let data = Data(json)
        do {
            guard try decoder.decode(Outline.self, from: data).encryptedKeyset == nil else {
                throw TinkKeysetError.encrypted
            }
            return try decoder.decode(Content.self, from: data)
        } catch let error as TinkKeysetError {
            throw error
        } catch let error as DecodingError {
            guard case .invalid(let field, let reason) = KeyringFileError(error) else {
                throw .invalid(field: "text", reason: "could not be read")
            }
            throw .invalid(field: field, reason: reason)
        } catch {
            throw .invalid(field: "text", reason: "is not JSON")
        }
    }

    private static func number(_ value: Int64, _ field: String) throws(TinkKeysetError) -> UInt32 {
        guard let number = UInt32(exactly: value) else {
            throw .invalid(field: field, reason: "must be an integer of 32 bits")
        }
        return number
    }

    private static func key(
        _ entry: Content.Entry, id: UInt32, created: Timestamp, activates: Timestamp
    ) throws(TinkKeysetError) -> Key {
        func unsupported(_ property: String, _ found: String) -> TinkKeysetError {
            .unsupported(keyID: id, property: property, found: found)
        }
        guard entry.keyData.typeUrl == TinkKey.typeURL else {
            throw unsupported("the type", entry.keyData.typeUrl)
        }
        guard entry.keyData.keyMaterialType == "SYMMETRIC" else {
            throw unsupported("the material type", entry.keyData.keyMaterialType)
        }
        guard entry.outputPrefixType == "TINK" else {
            throw unsupported("the prefix", entry.outputPrefixType)
        }
        guard let status = statuses[entry.status] else { throw unsupported("the status", entry.status) }
        guard var value = Base64.decode(entry.keyData.value) else {
            throw .invalid(field: "keyData.value", reason: "must be base64")
        }
        defer {
            var span = value.mutableSpan
            wipe(&span)
        }
        let material: KeyMaterial
        do throws(TinkKey.Difference) {
            material = try TinkKey.decode(value)
        } catch {
            throw unsupported(error.property, error.found)
        }
        let id = KeyID(rawValue: id)
        guard !material.isWeak else { throw .keyring(.weakMaterial(id)) }
        return Key(id: id, material: material, created: created, activates: activates, status: status)
    }

    private static let statuses: [String: Key.Status] = ["ENABLED": .enabled, "DISABLED": .disabled]
}

/// The shape of the JSON; its names are Tink's.
private struct Content: Codable {
    struct KeyData: Codable {
        let typeUrl: String
        let value: String
        let keyMaterialType: String
    }

    struct Entry: Codable {
        let keyData: KeyData
        let status: String
        let keyId: Int64
        let outputPrefixType: String
    }

    let primaryKeyId: Int64
    let key: [Entry]
}

/// Enough of the JSON to tell an encrypted keyset.
private struct Outline: Decodable {
    let encryptedKeyset: String?
}
