internal import Cryptography
internal import Encodings
internal import FoundationEssentials
public import StateTokens

/// A keyring as the JSON that a file or an environment variable holds.
public enum KeyringDocument {
    /// The version that is written, and the only one that is read.
    public static let version = 1

    /// The names in a file, so that releases can be compared; those of a key begin with `keys[].`.
    package static var fields: [String] {
        Content.CodingKeys.allCases.map(\.rawValue)
            + Content.Entry.CodingKeys.allCases.map { "keys[].\($0.rawValue)" }
    }

    /// Reads a keyring, and checks all of it: versions, shapes, ids, material.
    ///
    /// - Parameter purpose: what the keyring is asked for; a ring of another purpose is refused.
    /// - Throws: ``KeyringFileError``.
    public static func parse(
        _ json: [UInt8], purpose: Keyring.Purpose
    ) throws(KeyringFileError) -> Keyring {
        let content: Content
        do {
            content = try JSONDecoder().decode(Content.self, from: Data(json))
        } catch let error as DecodingError {
            throw KeyringFileError(error)
        } catch {
            throw .invalid(field: "text", reason: "is not JSON")
        }
        guard content.version == version else { throw .unsupportedVersion(content.version) }
        guard let found = Keyring.Purpose(rawValue: content.purpose) else {
            throw .invalid(field: "purpose", reason: "must be state or connections")
        }
        guard found == purpose else { throw .wrongPurpose(expected: purpose, found: found) }
        guard isDeploymentID(content.deployment) else {
            throw .invalid(field: "deployment", reason: "must be visible ASCII text")
        }
        var keys: [Key] = []
        for (index, entry) in content.keys.enumerated() { keys.append(try key(entry, at: index)) }
        do {
            return try Keyring(
                purpose: found, deploymentID: content.deployment,
                maximumLifetime: .seconds(content.max_lifetime),
                sessionLifetime: content.session_lifetime.map { .seconds($0) }
                    ?? Keyring.defaultSessionLifetime,
                propagation: .seconds(content.propagation),
                skew: .seconds(content.skew), keys: keys)
        } catch {
            throw .keyring(error)
        }
    }

    /// The JSON of a keyring, for a file that only its owner may read.
    public static func json(_ keyring: Keyring) throws(KeyringFileError) -> [UInt8] {
        let entries = keyring.keys.map { key in
            Content.Entry(
                id: key.id.description, material: key.material.withOctets { Base64URL.encode($0) },
                created: key.created.rfc3339, activates: key.activates?.rfc3339, status: key.status.rawValue)
        }
        let content = Content(
            version: version, purpose: keyring.purpose.rawValue, deployment: keyring.deploymentID,
            max_lifetime: keyring.maximumLifetime.components.seconds,
            session_lifetime: keyring.purpose == .state ? keyring.sessionLifetime.components.seconds : nil,
            propagation: keyring.propagation.components.seconds, skew: keyring.skew.components.seconds,
            keys: entries)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        do {
            return Array(try encoder.encode(content)) + [UInt8(ascii: "\n")]
        } catch {
            throw .invalid(field: "text", reason: "could not be written as JSON")
        }
    }

    static func isDeploymentID(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }

    private static func key(_ entry: Content.Entry, at index: Int) throws(KeyringFileError) -> Key {
        guard let id = KeyID(entry.id) else {
            throw .invalid(field: "keys[\(index)].id", reason: "must be 8 lower-case hexadecimal digits")
        }
        let place = "keys[\(index)] (\(id))"
        guard var octets = Base64URL.decode(entry.material) else {
            throw .invalid(field: "\(place).material", reason: "must be base64url without padding")
        }
        defer {
            var span = octets.mutableSpan
            wipe(&span)
        }
        guard let created = Timestamp(rfc3339: entry.created) else {
            throw .invalid(field: "\(place).created", reason: "must be a time such as 2026-01-01T00:00:00Z")
        }
        let activates = entry.activates.map { Timestamp(rfc3339: $0) }
        if case .some(.none) = activates {
            throw .invalid(field: "\(place).activates", reason: "must be a time such as 2026-01-01T00:00:00Z")
        }
        guard let status = Key.Status(rawValue: entry.status) else {
            throw .invalid(field: "\(place).status", reason: "must be enabled, retired or disabled")
        }
        do {
            let material = try KeyMaterial(octets: octets.span)
            guard !material.isWeak else { throw KeyringFileError.weakMaterial(id) }
            return Key(
                id: id, material: material, created: created, activates: activates ?? nil, status: status)
        } catch let error as KeyringError {
            throw .keyring(error)
        } catch let error as KeyringFileError {
            throw error
        } catch {
            throw .invalid(field: place, reason: "could not be read")
        }
    }
}

/// The shape of the JSON; its names are the file's.
private struct Content: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case version, purpose, deployment, max_lifetime, session_lifetime, propagation, skew, keys
    }

    struct Entry: Codable {
        enum CodingKeys: String, CodingKey, CaseIterable { case id, material, created, activates, status }

        let id: String
        let material: String
        let created: String
        let activates: String?
        let status: String
    }

    let version: Int
    let purpose: String
    let deployment: String
    let max_lifetime: Int64
    let session_lifetime: Int64?
    let propagation: Int64
    let skew: Int64
    let keys: [Entry]
}

extension KeyringFileError {
    /// Where the JSON went wrong, without what stood there.
    init(_ error: DecodingError) {
        func path(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
            let keys = context.codingPath + (key.map { [$0] } ?? [])
            let text = keys.reduce(into: "") { text, key in
                text +=
                    key.intValue.map { "[\($0)]" } ?? (text.isEmpty ? key.stringValue : ".\(key.stringValue)")
            }
            return text.isEmpty ? "text" : text
        }
        self =
            switch error {
            case .keyNotFound(let key, let context): .invalid(field: path(context, key), reason: "is missing")
            case .typeMismatch(_, let context): .invalid(field: path(context), reason: "has the wrong type")
            case .valueNotFound(_, let context): .invalid(field: path(context), reason: "must not be null")
            case .dataCorrupted(let context): .invalid(field: path(context), reason: "is not valid JSON")
            @unknown default: .invalid(field: "text", reason: "could not be read")
            }
    }
}
