import Cryptography
import Encodings
import Foundation
import Testing

@testable import JSONWebTokens

@Suite("Keys that sign and verify") struct SignatureKeyTests {
    private let vectors: SignatureVectors

    init() throws { vectors = try SignatureVectors() }

    private func octets(_ name: String, _ member: String) throws -> [UInt8] {
        let text = try #require(try vectors.key(name).jwk[member])
        return try #require(Base64URL.decode(text))
    }

    @Test func `S27 an RSA key is long enough and odd, and its exponent signs something`() throws {
        let (modulus, exponent) = (try octets("rsa", "n"), try octets("rsa", "e"))
        #expect(try VerificationKey(modulus: modulus, exponent: exponent).type == .rsa)
        // Some libraries write a zero before the modulus, which is the same number.
        #expect(try VerificationKey(modulus: [0] + modulus, exponent: exponent).type == .rsa)
        let weak = try octets("weak", "n")
        #expect(throws: CryptographyError.weakKey(bitCount: 1024)) {
            try VerificationKey(modulus: weak, exponent: exponent)
        }
        // Zeros before the number make it no longer.
        #expect(throws: CryptographyError.weakKey(bitCount: 1024)) {
            try VerificationKey(modulus: [UInt8](repeating: 0, count: 128) + weak, exponent: exponent)
        }
        #expect(throws: CryptographyError.weakKey(bitCount: 1024)) {
            try VerificationKey(pem: vectors.key("weak").publicPEM)
        }
        #expect(throws: CryptographyError.weakKey(bitCount: 1024)) {
            try SigningKey(pem: vectors.key("weak").privatePEM)
        }
        for exponent in [[], [0], [1], [2], [1, 0, 0], [UInt8](repeating: 0xff, count: 9)] as [[UInt8]] {
            #expect(throws: CryptographyError.self) {
                try VerificationKey(modulus: modulus, exponent: exponent)
            }
        }
        var even = modulus
        even[even.count - 1] &= 0xfe
        #expect(throws: CryptographyError.wrongKey) { try VerificationKey(modulus: even, exponent: exponent) }
        let huge = [UInt8](repeating: 0xff, count: 1025)
        #expect(throws: CryptographyError.wrongKey) { try VerificationKey(modulus: huge, exponent: exponent) }
    }

    @Test(arguments: [("p256", KeyType.p256), ("p384", .p384), ("p521", .p521)])
    func `S27 a point is on its curve, in coordinates of full length`(
        _ name: String, _ type: KeyType
    ) throws {
        let (x, y) = (try octets(name, "x"), try octets(name, "y"))
        #expect(try VerificationKey(curve: type, x: x, y: y).type == type)
        var off = y
        off[off.count - 1] ^= 1
        let zero = [UInt8](repeating: 0, count: x.count)
        let bad: [([UInt8], [UInt8])] = [
            (x, off), (y, x), (zero, zero), ([0] + x, y), (x, [0] + y), ([0] + x, [0] + y),
            (Array(x.dropFirst()), y), (x, Array(y.dropLast())), ([], []),
            ([UInt8](repeating: 0xff, count: x.count), y),
        ]
        for (x, y) in bad {
            #expect(throws: CryptographyError.wrongKey) { try VerificationKey(curve: type, x: x, y: y) }
        }
        for other in [KeyType.p256, .p384, .p521, .rsa, .ed25519] where other != type {
            #expect(throws: CryptographyError.wrongKey) { try VerificationKey(curve: other, x: x, y: y) }
        }
    }

    @Test(arguments: [0, 31, 33, 64])
    func `an Ed25519 key has 32 octets`(_ count: Int) throws {
        let octets = [UInt8](repeating: 7, count: count)
        #expect(throws: CryptographyError.wrongKey) { try VerificationKey(ed25519: octets) }
        #expect(throws: CryptographyError.wrongKey) { try SigningKey(ed25519: octets) }
    }

    @Test(arguments: ["secp256k1", "ed448", "x25519"])
    func `a key of a type that tokens are not signed with is refused`(_ name: String) throws {
        let key = try vectors.key(name)
        #expect(throws: CryptographyError.wrongKey) { try VerificationKey(pem: key.publicPEM) }
        #expect(throws: CryptographyError.wrongKey) { try SigningKey(pem: key.privatePEM) }
        #expect(throws: CryptographyError.wrongKey) { try SigningKey(jsonWebKey: key.privateJWK) }
    }

    @Test func `a private key is no public one, nor the other way about`() throws {
        let key = try vectors.key("p256")
        #expect(throws: CryptographyError.wrongKey) { try VerificationKey(pem: key.privatePEM) }
        #expect(throws: CryptographyError.wrongKey) { try SigningKey(pem: key.publicPEM) }
        for text in ["", "secret", String(key.privatePEM.dropFirst(40)), String(key.privatePEM.prefix(90))] {
            #expect(throws: CryptographyError.wrongKey) { try SigningKey(pem: text) }
            #expect(throws: CryptographyError.wrongKey) { try VerificationKey(pem: text) }
        }
    }

    @Test(arguments: ["rsa", "p256", "p384", "p521", "ed25519"])
    func `a private key in JSON has all its parts, and they belong together`(_ name: String) throws {
        let jwk = try vectors.key(name).jwk
        let other = try vectors.key(name == "rsa" ? "rsa3072" : name == "p256" ? "p384" : "p256").jwk
        func refuses(_ members: [String: String]) throws {
            let octets = Array(try JSONEncoder().encode(members))
            #expect(throws: CryptographyError.self) { try SigningKey(jsonWebKey: octets) }
        }
        _ = try SigningKey(jsonWebKey: Array(try JSONEncoder().encode(jwk)))
        // An Ed25519 key's public part may be left out: the private one says it.
        for member in jwk.keys where !["kid", "use", "alg"].contains(member) {
            if name == "ed25519", member == "x" { continue }
            try refuses(jwk.filter { $0.key != member })
        }
        try refuses(jwk.merging(["d": other["d"] ?? ""]) { _, new in new })
        try refuses(jwk.merging(["d": "!"]) { _, new in new })
        if name == "ed25519" {
            try refuses(jwk.merging(["x": Base64URL.encode([UInt8](repeating: 9, count: 32).span)]) { $1 })
        }
        for text in ["", "{}", "[]", "x", #"{"kty": "oct", "k": "AAAA"}"#] {
            #expect(throws: CryptographyError.wrongKey) { try SigningKey(jsonWebKey: Array(text.utf8)) }
        }
    }

    @Test func `S23 a signing key shows nowhere`() throws {
        var dumped = ""
        let key = try vectors.key("p256")
        dump(try SigningKey(pem: key.privatePEM), to: &dumped)
        let secret = try #require(key.jwk["d"])
        #expect(dumped.contains("secret") && !dumped.contains(secret))
    }
}
