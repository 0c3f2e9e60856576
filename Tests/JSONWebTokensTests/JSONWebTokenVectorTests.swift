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

    @Test func `S27 what holds is accepted under every algorithm`() async throws {
        let keys = try await JSONWebKeySet(keyOctets)
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

    @Test func `S27 what does not hold is refused, for the reason that it has`() async throws {
        let keys = try await JSONWebKeySet(keyOctets)
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
    ) async throws {
        let keys = try await JSONWebKeySet(keyOctets)
        let text = try #require(vectors.accepted[algorithm.rawValue])
        var algorithms = Set(SignatureAlgorithm.allCases)
        algorithms.remove(algorithm)
        let narrow = JSONWebTokenRules(
            issuer: vectors.issuer, audience: vectors.audience, algorithms: algorithms)
        #expect(throws: JSONWebTokenError.algorithmNotAllowed) {
            try narrow.verify(try JSONWebToken(text), keys, at: now)
        }
    }

    @Test func `S27 no bit of a token can be another`() async throws {
        let keys = try await JSONWebKeySet(keyOctets)
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

    @Test func `keys that nothing is to be verified with are left out`() async throws {
        let keys = try await JSONWebKeySet(keyOctets)
        #expect(Set(keys.keyIDs) == ["rsa", "pinned", "p256", "p384", "p521", "ed"])
        #expect(keys.has(keyID: "rsa") && !keys.has(keyID: "shared") && keys.has(keyID: nil))
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"keys": {}}"#, #"{"keys": "x"}"#, "x",
        #"{"keys": [{"kty": "EC", "kid": "a", "crv": "P-256", "x": "AA", "y": "AA"}]}"#,
        #"{"keys": [{"kty": "oct", "kid": "a", "k": "AAAA"}]}"#,
    ])
    func `a set without a key is none`(_ text: String) async {
        await #expect(throws: JSONWebKeySetError.self) { try await JSONWebKeySet(Array(text.utf8)) }
    }

    @Test func `two keys of one id are none`() async throws {
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(keyOctets)) as? [String: [[String: Any]]])
        let key = try #require(object["keys"]?.first { $0["kid"] as? String == "p256" })
        let octets = Array(try JSONSerialization.data(withJSONObject: ["keys": [key, key]]))
        await #expect(throws: JSONWebKeySetError.malformed) { try await JSONWebKeySet(octets) }
    }

    @Test func `S28 a set beyond its bounds is not read`() async {
        let large = Array(repeating: UInt8(ascii: " "), count: JSONWebKeySet.byteCountLimit + 1)
        await #expect(throws: JSONWebKeySetError.tooLarge) { try await JSONWebKeySet(large) }
        let many = #"{"keys": ["# + Array(repeating: "{}", count: 65).joined(separator: ",") + "]}"
        await #expect(throws: JSONWebKeySetError.tooLarge) { try await JSONWebKeySet(Array(many.utf8)) }
    }
}
