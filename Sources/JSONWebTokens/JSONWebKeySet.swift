internal import Cryptography
internal import Encodings

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

    private let keys: [JSONWebKey]

    /// The ids of its keys.
    package var keyIDs: [String] { keys.compactMap(\.keyID) }

    /// Reads a key set. Keys that are for something else, shared, private, weak or unknown are left out.
    package init(_ octets: [UInt8]) throws(JSONWebKeySetError) {
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
        keys = members.compactMap(JSONWebKey.init)
        guard !keys.isEmpty else { throw .noUsableKey }
    }

    /// The keys that a token's signature may be from: those of its key id and algorithm.
    ///
    /// One id may name several keys (RFC 7517 §4.5), and an issuer may use no ids at all: a token without an id, or a key
    /// without one, leaves it to the signature to say which key it is.
    func keys(keyID: String?, _ algorithm: SignatureAlgorithm) -> [VerificationKey] {
        let fitting = keys.filter { $0.algorithms.contains(algorithm) }
        var chosen = fitting
        if let keyID {
            chosen = fitting.filter { $0.keyID == keyID }
            if chosen.isEmpty { chosen = fitting.filter { $0.keyID == nil } }
        }
        return chosen.prefix(Self.triedKeyLimit).map(\.key)
    }
}
