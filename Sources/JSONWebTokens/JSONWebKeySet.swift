internal import Encodings
internal import FoundationEssentials
internal import Integrations
internal import JWTKit

/// Why a key set cannot be used.
package enum JSONWebKeySetError: Error, Equatable {
    /// Not JSON, or no key set (RFC 7517 §5).
    case malformed
    case tooLarge
    /// No key in it that tokens may be signed with.
    case noUsableKey
}

/// An issuer's public keys (RFC 7517), each made ready for the algorithms that it may be used with.
package struct JSONWebKeySet: Sendable {
    package static let byteCountLimit = 256 * 1024
    private static let keyCountLimit = 64
    /// How many keys are tried for one token.
    private static let triedKeyLimit = 16

    struct Entry: Sendable {
        let keyID: String?
        /// What it verifies with. An algorithm that the set does not state for the key is not here.
        let verifiers: [SignatureAlgorithm: any JWTAlgorithm]
    }

    let entries: [Entry]

    /// The ids of its keys.
    package var keyIDs: [String] { entries.compactMap(\.keyID) }

    /// Reads a key set. Keys that are for something else, shared, private, short or unknown are left out.
    package init(_ octets: [UInt8]) async throws(JSONWebKeySetError) {
        guard octets.count <= Self.byteCountLimit else { throw .tooLarge }
        let members: [JSONValue]
        do {
            guard case .object(let object) = try JSONValue.parse(octets),
                case .array(let keys)? = object["keys"]
            else { throw JSONWebKeySetError.malformed }
            members = keys
        } catch {
            throw .malformed
        }
        guard members.count <= Self.keyCountLimit else { throw .tooLarge }
        var entries: [Entry] = []
        for member in members {
            if let entry = await Self.entry(member) { entries.append(entry) }
        }
        guard !entries.isEmpty else { throw .noUsableKey }
        self.entries = entries
    }

    private static func entry(_ key: JSONValue) async -> Entry? {
        guard case .object(let members) = key, case .string(let type)? = members["kty"] else { return nil }
        // A private or shared key that is published proves nothing.
        guard members["d"] == nil, members["k"] == nil else { return nil }
        if let use = members["use"], use != .string("sig") { return nil }
        if case .array(let operations)? = members["key_ops"], !operations.contains(.string("verify")) {
            return nil
        }
        var algorithms = SignatureAlgorithm.candidates(keyType: type, curve: members["crv"]?.text)
        if let stated = members["alg"]?.text { algorithms = algorithms.filter { $0.rawValue == stated } }
        var verifiers: [SignatureAlgorithm: any JWTAlgorithm] = [:]
        for algorithm in algorithms {
            if let verifier = await verifier(members, type, algorithm) { verifiers[algorithm] = verifier }
        }
        guard !verifiers.isEmpty else { return nil }
        return Entry(keyID: members["kid"]?.text, verifiers: verifiers)
    }

    /// One algorithm of one key. It goes through a collection of its own, since a collection remembers the first algorithm
    /// that a key was asked for and gives it for every other.
    private static func verifier(
        _ members: [String: JSONValue], _ type: String, _ algorithm: SignatureAlgorithm
    ) async -> (any JWTAlgorithm)? {
        let names = ["kty", "n", "e", "crv", "x", "y"]
        var kept: [String: JSONValue] = [:]
        for name in names { kept[name] = members[name] }
        kept["alg"] = .string(algorithm.rawValue)
        kept["kid"] = .string("key")
        do {
            let key = try JSONDecoder().decode(JWK.self, from: Data(JSONValue.object(kept).bytes))
            let collection = try await JWTKeyCollection().add(jwk: key)
            let verifier = try await collection.getKey(for: "key", alg: algorithm.rawValue)
            return verifier.name == algorithm.rawValue ? verifier : nil
        } catch {
            // Too short, off its curve, or without a number that it needs.
            return nil
        }
    }
}

extension JSONWebKeySet {
    /// The keys that a token's signature may be from: those of its key id and algorithm.
    ///
    /// One id may name several keys (RFC 7517 §4.5), and an issuer may use no ids at all: a token without an id, or a key
    /// without one, leaves it to the signature to say which key it is.
    func verifiers(keyID: String?, _ algorithm: SignatureAlgorithm) -> [any JWTAlgorithm] {
        let fitting = entries.filter { $0.verifiers[algorithm] != nil }
        var chosen = fitting
        if let keyID {
            chosen = fitting.filter { $0.keyID == keyID }
            if chosen.isEmpty { chosen = fitting.filter { $0.keyID == nil } }
        }
        return chosen.prefix(Self.triedKeyLimit).compactMap { $0.verifiers[algorithm] }
    }
}
