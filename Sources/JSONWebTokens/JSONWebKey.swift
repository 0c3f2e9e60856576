package import Cryptography
internal import Encodings

/// A key of RFC 7517 by its members, made ready to verify or to sign.
struct JSONWebKey {
    let keyID: String?
    let key: VerificationKey
    /// What it verifies. An algorithm that its `alg` does not name is not here.
    let algorithms: Set<SignatureAlgorithm>

    /// - Returns: `nil` for a key that is for something else, shared, private, too weak or unknown.
    init?(_ value: JSONValue) {
        guard case .object(let members) = value else { return nil }
        // A private or shared key that is published proves nothing.
        guard members["d"] == nil, members["k"] == nil else { return nil }
        if let use = members["use"], use != .string("sig") { return nil }
        // A member of another type is a limit that we cannot read, and not one that was left out; null is.
        let limits = members.filter { $0.value != .null }
        if let operations = limits["key_ops"] {
            guard case .array(let operations) = operations, operations.contains(.string("verify")) else {
                return nil
            }
        }
        guard let key = Self.key(Members(members)) else { return nil }
        var algorithms = Set(SignatureAlgorithm.algorithms(for: key.type))
        if let stated = limits["alg"] {
            algorithms = algorithms.filter { stated == .string($0.rawValue) }
        }
        guard !algorithms.isEmpty else { return nil }
        keyID = members["kid"]?.text
        self.key = key
        self.algorithms = algorithms
    }

    private static func key(_ members: Members) -> VerificationKey? {
        do throws(CryptographyError) {
            switch members.type {
            case .rsa?:
                guard let modulus = members.octets("n"), let exponent = members.octets("e") else {
                    return nil
                }
                return try VerificationKey(modulus: modulus, exponent: exponent)
            case .ed25519?:
                guard let x = members.octets("x") else { return nil }
                return try VerificationKey(ed25519: x)
            case .p256?, .p384?, .p521?:
                guard let type = members.type, let x = members.octets("x"), let y = members.octets("y") else {
                    return nil
                }
                return try VerificationKey(curve: type, x: x, y: y)
            case nil: return nil
            }
        } catch {
            // Too weak, off its curve, or of another length.
            return nil
        }
    }
}

extension SigningKey {
    /// A private key by the octets of its JWK (RFC 7517 §9.3, RFC 7518 §6, RFC 8037 §2).
    ///
    /// - Throws: ``CryptographyError/wrongKey`` if it is not one, or its parts do not belong together.
    package init(jsonWebKey octets: [UInt8]) throws(CryptographyError) {
        let value: JSONValue
        do {
            value = try JSONValue.parse(octets)
        } catch {
            throw .wrongKey
        }
        guard case .object(let object) = value else { throw .wrongKey }
        let members = Members(object)
        switch members.type {
        case .rsa?:
            guard let modulus = members.octets("n"), let exponent = members.octets("e"),
                let privateExponent = members.octets("d"), let p = members.octets("p"),
                let q = members.octets("q"), let dp = members.octets("dp"), let dq = members.octets("dq"),
                let coefficient = members.octets("qi")
            else { throw .wrongKey }
            try self.init(
                modulus: modulus, exponent: exponent, privateExponent: privateExponent, primes: (p, q),
                exponents: (dp, dq), coefficient: coefficient)
        case .ed25519?:
            guard let d = members.octets("d") else { throw .wrongKey }
            try self.init(ed25519: d)
            // The public part may be left out, since the private one says it.
            let stated = members.octets("x")
            let known = try publicKey().ed25519
            guard stated == nil || stated == known else { throw .wrongKey }
        case .p256?, .p384?, .p521?:
            guard let type = members.type, let d = members.octets("d"), let x = members.octets("x"),
                let y = members.octets("y")
            else { throw .wrongKey }
            try self.init(curve: type, d: d, x: x, y: y)
        case nil: throw .wrongKey
        }
    }
}

/// The members of a JWK.
private struct Members {
    private let members: [String: JSONValue]

    init(_ members: [String: JSONValue]) { self.members = members }

    /// By `kty` and `crv`; `nil` for a type that is not supported.
    var type: KeyType? {
        switch (members["kty"]?.text, members["crv"]?.text) {
        case ("RSA", _): .rsa
        case ("EC", "P-256"): .p256
        case ("EC", "P-384"): .p384
        case ("EC", "P-521"): .p521
        case ("OKP", "Ed25519"): .ed25519
        default: nil
        }
    }

    func octets(_ name: String) -> [UInt8]? {
        guard case .string(let text)? = members[name] else { return nil }
        return Base64URL.decode(text)
    }
}
