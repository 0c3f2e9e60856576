import Cryptography
import Encodings
import Foundation
import Testing

@testable import JSONWebTokens

@Suite("Signatures of RFCs and of a second implementation") struct SignatureVectorTests {
    private let vectors: SignatureVectors

    init() throws { vectors = try SignatureVectors() }

    /// The public key of a JWK, by way of a key set.
    private func publicKey(
        _ jwk: [String: String], _ algorithm: SignatureAlgorithm
    ) throws -> VerificationKey {
        let names = ["kty", "crv", "n", "e", "x", "y"]
        let members = jwk.filter { names.contains($0.key) }
        let set = try JSONSerialization.data(withJSONObject: ["keys": [members]])
        let keys = try JSONWebKeySet(Array(set)).keys(keyID: nil, algorithm)
        return try #require(keys.first)
    }

    // MARK: Accepted

    @Test func `the signatures of RFC 7515, 7520 and 8037 hold`() throws {
        var count = 0
        for vector in try PublishedVector.all() {
            let text = try SignedText(vector.token)
            guard let algorithm = SignatureAlgorithm(rawValue: vector.algorithm) else {
                let member = try #require(vector.jwk["k"])
                let secret = try #require(Base64URL.decode(member))
                #expect(vector.algorithm == "HS256")
                let tag = try HashFunction.sha256.hmac(of: text.message.span, key: secret.span)
                #expect(tag == text.signature)
                continue
            }
            let key = try publicKey(vector.jwk, algorithm)
            #expect(
                try key.isValid(text.signature.span, of: text.message.span, algorithm), "\(vector)")
            count += 1
        }
        #expect(count == 7)
    }

    @Test func `signatures without randomness come out as the RFCs print them`() throws {
        for vector in try PublishedVector.all() {
            guard let algorithm = SignatureAlgorithm(rawValue: vector.algorithm) else { continue }
            let text = try SignedText(vector.token)
            let key = try SigningKey(jsonWebKey: Array(try JSONEncoder().encode(vector.jwk)))
            let signature = try key.signature(of: text.message.span, algorithm)
            let isFixed = algorithm == .rs256 || algorithm == .edDSA
            #expect((signature == text.signature) == isFixed, "\(vector)")
            #expect(try key.publicKey().isValid(signature.span, of: text.message.span, algorithm))
        }
    }

    @Test func `what joserfc signs is verified, and what we sign is, too`() throws {
        for vector in vectors.signatures {
            let algorithm = try #require(SignatureAlgorithm(rawValue: vector.algorithm))
            let key = try vectors.key(vector.key)
            let text = try SignedText(vector.token)
            for verifying in [try publicKey(key.jwk, algorithm), try VerificationKey(pem: key.publicPEM)] {
                #expect(
                    try verifying.isValid(text.signature.span, of: text.message.span, algorithm),
                    "\(vector.algorithm)")
                for signing in [
                    try SigningKey(jsonWebKey: key.privateJWK), try SigningKey(pem: key.privatePEM),
                ] {
                    let signature = try signing.signature(of: text.message.span, algorithm)
                    #expect(signature.count == text.signature.count)
                    #expect(try verifying.isValid(signature.span, of: text.message.span, algorithm))
                }
            }
        }
        #expect(vectors.signatures.count >= 30)
    }

    // MARK: Rejected

    /// Every signature of joserfc's with its key.
    private func all() throws -> [(VerificationKey, SignedText, SignatureAlgorithm)] {
        try vectors.signatures.map { vector in
            let algorithm = try #require(SignatureAlgorithm(rawValue: vector.algorithm))
            let key = try VerificationKey(pem: vectors.key(vector.key).publicPEM)
            return (key, try SignedText(vector.token), algorithm)
        }
    }

    @Test func `S27 a signature under one algorithm is none under another`() throws {
        for (key, text, algorithm) in try all() {
            for other in SignatureAlgorithm.allCases where other != algorithm {
                if SignatureAlgorithm.algorithms(for: key.type).contains(other) {
                    #expect(try key.isValid(text.signature.span, of: text.message.span, other) == false)
                } else {
                    #expect(throws: CryptographyError.wrongAlgorithm) {
                        try key.isValid(text.signature.span, of: text.message.span, other)
                    }
                }
            }
        }
    }

    @Test func `S27 a signature of another length does not hold`() throws {
        for (key, text, algorithm) in try all() {
            let good = text.signature
            let bad: [[UInt8]] = [
                [], [0], Array(good.dropLast()), Array(good.dropFirst()), good + [0], [0] + good, good + good,
                [UInt8](repeating: 0, count: good.count), [UInt8](repeating: 0xff, count: good.count),
                [UInt8](repeating: 0, count: good.count - 1) + [1], Array(good.reversed()),
            ]
            for signature in bad {
                #expect(try key.isValid(signature.span, of: text.message.span, algorithm) == false)
            }
        }
    }

    @Test func `S27 no octet of a signature or message can be another`() throws {
        for (key, text, algorithm) in try all() {
            for index in stride(from: 0, to: text.signature.count, by: 7) {
                var signature = text.signature
                signature[index] ^= 0x10
                #expect(try key.isValid(signature.span, of: text.message.span, algorithm) == false)
            }
            var message = text.message
            message[message.count / 2] ^= 1
            #expect(try key.isValid(text.signature.span, of: message.span, algorithm) == false)
            message = text.message + [0]
            #expect(try key.isValid(text.signature.span, of: message.span, algorithm) == false)
        }
    }

    @Test func `S27 the two numbers of a curve's signature have one form`() throws {
        for (key, text, algorithm) in try all() {
            guard let byteCount = key.type.coordinateByteCount else { continue }
            let (r, s) = (Array(text.signature[..<byteCount]), Array(text.signature[byteCount...]))
            let zero = [UInt8](repeating: 0, count: byteCount)
            // As DER, swapped, zero, and with leading zeros.
            let der = Self.der(r, s)
            for signature in [der, s + r, zero + s, r + zero, [0] + r + [0] + s, [0, 0] + r + [0, 0] + s] {
                #expect(try key.isValid(signature.span, of: text.message.span, algorithm) == false)
            }
        }
    }

    @Test func `S27 another key of the same type verifies nothing`() throws {
        let rsa = try VerificationKey(pem: vectors.key("rsa3072").publicPEM)
        for (key, text, algorithm) in try all() where key.type == .rsa {
            #expect(try rsa.isValid(text.signature.span, of: text.message.span, algorithm) == false)
        }
    }

    private static func der(_ r: [UInt8], _ s: [UInt8]) -> [UInt8] {
        func integer(_ octets: [UInt8]) -> [UInt8] {
            var octets = Array(octets.drop { $0 == 0 })
            if octets.first.map({ $0 >= 0x80 }) ?? true { octets.insert(0, at: 0) }
            return [2, UInt8(octets.count)] + octets
        }
        let numbers = integer(r) + integer(s)
        return [0x30] + (numbers.count < 0x80 ? [] : [0x81]) + [UInt8(numbers.count)] + numbers
    }
}
