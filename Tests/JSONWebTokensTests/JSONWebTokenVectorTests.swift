import Cryptography
import Foundation
import StateTokens
import Testing

@testable import JSONWebTokens

/// Tokens that joserfc made: `Vectors/tokens.py`.
@Suite("JSON Web Tokens of a second implementation") struct JSONWebTokenVectorTests {
    private struct Vectors: Decodable {
        let now: Int64
        let issuer: String
        let audience: String
        let accepted: [String: String]
        let refused: [String: [String: String]]
        let sharedKey: SharedKey

        struct SharedKey: Decodable {
            let secret: String
            let accepted: [String: String]
            let refused: [String: String]
            let underEmptySecret: [String: String]
        }
    }

    private let vectors: Vectors
    private let keyOctets: [UInt8]
    private let rules: JSONWebTokenRules
    private let now: Timestamp

    init() throws {
        let data = try Data(
            contentsOf: URL(filePath: #filePath).appending(path: "../Vectors/tokens.json").standardizedFileURL
        )
        vectors = try JSONDecoder().decode(Vectors.self, from: data)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        keyOctets = Array(try JSONSerialization.data(withJSONObject: try #require(object["keys"])))
        rules = JSONWebTokenRules(
            issuer: vectors.issuer, audience: vectors.audience, algorithms: Set(SignatureAlgorithm.allCases))
        now = Timestamp(secondsSinceEpoch: vectors.now)
    }

    @Test func `S27 what holds is accepted under every algorithm`() throws {
        let keys = try JSONWebKeySet(keyOctets)
        for (name, text) in vectors.accepted {
            do {
                let claims = try rules.verify(try JSONWebToken(text), keys, at: now)
                #expect(claims.text("sub") == "user-1" && claims.text("workspace_id") == "wsp_1")
                #expect(claims.texts("realm.permissions") == ["initiate", "read"])
            } catch {
                Issue.record("\(name): \(error)")
            }
        }
        #expect(vectors.accepted.count >= 17)
    }

    @Test func `S27 what does not hold is refused, for the reason that it has`() throws {
        let keys = try JSONWebKeySet(keyOctets)
        var count = 0
        for (reason, tokens) in vectors.refused {
            for (name, text) in tokens {
                count += 1
                do {
                    _ = try rules.verify(try JSONWebToken(text), keys, at: now)
                    Issue.record("\(reason): \(name) is accepted")
                } catch {
                    #expect(error.name == reason, "\(name)")
                }
            }
        }
        #expect(count >= 55)
    }

    @Test(arguments: SignatureAlgorithm.allCases)
    func `S27 an algorithm that is not in the list is refused, though its signature holds`(
        _ algorithm: SignatureAlgorithm
    ) throws {
        let keys = try JSONWebKeySet(keyOctets)
        let text = try #require(vectors.accepted[algorithm.rawValue])
        var algorithms = Set(SignatureAlgorithm.allCases)
        algorithms.remove(algorithm)
        let narrow = JSONWebTokenRules(
            issuer: vectors.issuer, audience: vectors.audience, algorithms: algorithms)
        #expect(throws: JSONWebTokenError.algorithmNotAllowed) {
            try narrow.verify(try JSONWebToken(text), keys, at: now)
        }
    }

    @Test func `S27 no bit of a token can be another`() throws {
        let keys = try JSONWebKeySet(keyOctets)
        let text = try #require(vectors.accepted["ES256"])
        for index in text.utf8.indices {
            for bit in 0..<7 {
                var octets = Array(text.utf8)
                let offset = text.utf8.distance(from: text.utf8.startIndex, to: index)
                octets[offset] ^= 1 << bit
                let forged = String(decoding: octets, as: UTF8.self)
                #expect(throws: JSONWebTokenError.self) {
                    try rules.verify(try JSONWebToken(forged), keys, at: now)
                }
            }
        }
    }

    @Test func `keys that nothing is to be verified with are left out`() throws {
        let keys = try JSONWebKeySet(keyOctets)
        #expect(Set(keys.keyIDs) == ["rsa", "pinned", "p256", "p384", "p521", "ed"])
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"keys": {}}"#, #"{"keys": "x"}"#, "x",
        #"{"keys": [{"kty": "EC", "kid": "a", "crv": "P-256", "x": "AA", "y": "AA"}]}"#,
        #"{"keys": [{"kty": "oct", "kid": "a", "k": "AAAA"}]}"#,
    ])
    func `a set without a key is none`(_ text: String) {
        #expect(throws: JSONWebKeySetError.self) { try JSONWebKeySet(Array(text.utf8)) }
    }

    /// A set of some of the vectors' keys, each with changed members; `NSNull` takes a member out.
    private func keySet(_ changed: [(String, [String: Any])]) throws -> JSONWebKeySet {
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(keyOctets)) as? [String: [[String: Any]]])
        let keys = try changed.map { name, changes in
            var key = try #require(object["keys"]?.first { $0["kid"] as? String == name })
            key.merge(changes) { _, new in new }
            return key.filter { !($0.value is NSNull) }
        }
        return try JSONWebKeySet(Array(try JSONSerialization.data(withJSONObject: ["keys": keys])))
    }

    private func verify(_ name: String, _ keys: JSONWebKeySet) throws {
        _ = try rules.verify(try JSONWebToken(try #require(vectors.accepted[name])), keys, at: now)
    }

    @Test func `one key id may name several keys, and algorithm and type say which`() throws {
        // RFC 7517 §4.5: equivalent keys of different types, one key for two algorithms, one entry twice.
        let types = try keySet([("rsa", [:]), ("p256", ["kid": "rsa"]), ("ed", ["kid": "rsa"])])
        try verify("RS256", types)
        let algorithms = try keySet([("rsa", ["alg": "PS256"]), ("rsa", ["alg": "RS256"])])
        try verify("RS256", algorithms)
        try verify("PS256", algorithms)
        try verify("ES256", try keySet([("p256", [:]), ("p256", [:])]))
    }

    @Test func `of two keys with one id and type the one that made the signature is found`() throws {
        for keys in [[("pinned", ["kid": "rsa", "alg": NSNull()]), ("rsa", [:])]] {
            try verify("RS256", try keySet(keys))
            try verify("RS256", try keySet(keys.reversed()))
        }
    }

    @Test func `keys without ids are tried`() throws {
        let bare: [String: Any] = ["kid": NSNull(), "alg": NSNull()]
        let keys = try keySet([("pinned", bare), ("rsa", bare), ("p256", bare)])
        try verify("RS256", keys)
        try verify("ES256", keys)
        try verify("no kid where one key fits", keys)
    }

    @Test func `S27 a shared key id does not lend a key another algorithm`() throws {
        let keys = try keySet([("rsa", ["alg": "PS256"]), ("p256", ["kid": "rsa"])])
        #expect(throws: JSONWebTokenError.unknownKey("rsa")) { try verify("RS256", keys) }
        let pinned = try keySet([("rsa", ["alg": "PS256", "kid": NSNull()])])
        #expect(throws: JSONWebTokenError.unknownKey("rsa")) { try verify("RS256", pinned) }
    }

    @Test func `S27 a key whose members have another type is not taken`() throws {
        let wrong: [[String: Any]] = [
            ["key_ops": "verify"], ["key_ops": ["sign": "verify"]], ["key_ops": 1], ["key_ops": []],
            ["key_ops": ["sign"]], ["alg": ["RS256"]], ["alg": 256], ["alg": true], ["use": ["sig"]],
        ]
        for members in wrong {
            #expect(throws: JSONWebKeySetError.self, "\(members)") { try keySet([("rsa", members)]) }
        }
        try verify("RS256", try keySet([("rsa", ["key_ops": ["verify", "wrapKey"]])]))
    }

    @Test func `S27 a key without an id is not tried where another has the token's`() throws {
        let keys = try keySet([
            ("pinned", ["kid": "rsa", "alg": NSNull()]), ("rsa", ["kid": NSNull()]),
        ])
        #expect(throws: JSONWebTokenError.badSignature) { try verify("RS256", keys) }
    }

    @Test func `S27 a token under the client's secret is never a credential`() throws {
        let keys = try JSONWebKeySet(keyOctets)
        for name in vectors.sharedKey.accepted.keys {
            let token = try JSONWebToken(try #require(vectors.sharedKey.accepted[name]))
            #expect(throws: JSONWebTokenError.algorithmNotAllowed) { try rules.verify(token, keys, at: now) }
            #expect(throws: JSONWebTokenError.algorithmNotAllowed) { try rules.allowed(token) }
        }
    }

    @Test func `S27 an HMAC holds under the secret that made it, and an empty one opens nothing`() throws {
        for (name, text) in vectors.sharedKey.accepted {
            let token = try JSONWebToken(text)
            #expect(throws: Never.self, "\(name)") { try token.check(secret: vectors.sharedKey.secret) }
            for wrong in ["", "\(vectors.sharedKey.secret) ", String(vectors.sharedKey.secret.dropLast())] {
                #expect(throws: JSONWebTokenError.self, "\(name)") { try token.check(secret: wrong) }
            }
        }
        for (name, text) in vectors.sharedKey.refused {
            #expect(throws: JSONWebTokenError.self, "\(name)") {
                try JSONWebToken(text).check(secret: vectors.sharedKey.secret)
            }
        }
        let signed = try JSONWebToken(try #require(vectors.accepted["RS256"]))
        #expect(throws: JSONWebTokenError.algorithmNotAllowed) { try signed.check(secret: "secret") }
        let empty = try JSONWebToken(try #require(vectors.sharedKey.underEmptySecret["HS256"]))
        #expect(throws: JSONWebTokenError.algorithmNotAllowed) { try empty.check(secret: "") }
    }

    @Test func `S28 a set beyond its bounds is not read`() {
        let large = Array(repeating: UInt8(ascii: " "), count: JSONWebKeySet.byteCountLimit + 1)
        #expect(throws: JSONWebKeySetError.tooLarge) { try JSONWebKeySet(large) }
        let many = #"{"keys": ["# + Array(repeating: "{}", count: 65).joined(separator: ",") + "]}"
        #expect(throws: JSONWebKeySetError.tooLarge) { try JSONWebKeySet(Array(many.utf8)) }
    }
}
