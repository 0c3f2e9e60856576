import Cryptography
import Foundation
import JSONWebTokens
import StateTokens
import Synchronization
import Testing

@testable import Access
@testable import ConnectService

/// A set of keys that changes at its source.
@Suite("LiveKeySet") struct LiveKeySetTests {
    /// What the source gives, and how often it was asked.
    private final class Source: Sendable {
        private let state: Mutex<(octets: [UInt8]?, lifetime: Duration?, count: Int)>

        init(_ octets: [UInt8]?, lifetime: Duration? = nil) { state = Mutex((octets, lifetime, 0)) }

        var count: Int { state.withLock { $0.count } }

        func change(to octets: [UInt8]?) { state.withLock { $0.octets = octets } }

        func read() throws -> KeySetDocument {
            try state.withLock { state in
                state.count += 1
                guard let octets = state.octets else { throw POSIXError(.ECONNREFUSED) }
                return KeySetDocument(octets: octets, lifetime: state.lifetime)
            }
        }
    }

    private struct Vectors: Decodable {
        let now: Int64
        let issuer: String
        let audience: String
        let accepted: [String: String]
        let refused: [String: [String: String]]
    }

    private let vectors: Vectors
    private let keys: [[String: Any]]
    private let rules: JSONWebTokenRules
    private let now: Timestamp

    init() throws {
        let place = URL(filePath: #filePath).appending(path: "../../JSONWebTokensTests/Vectors/tokens.json")
        let data = try Data(contentsOf: place.standardizedFileURL)
        vectors = try JSONDecoder().decode(Vectors.self, from: data)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        keys = try #require((object["keys"] as? [String: Any])?["keys"] as? [[String: Any]])
        rules = JSONWebTokenRules(
            issuer: vectors.issuer, audience: vectors.audience, algorithms: Set(SignatureAlgorithm.allCases))
        now = Timestamp(secondsSinceEpoch: vectors.now)
    }

    /// A set of one key of the vectors under this id, or under none.
    private func set(_ name: String, as keyID: String?) throws -> [UInt8] {
        var key = try #require(keys.first { $0["kid"] as? String == name })
        key["kid"] = keyID
        key["alg"] = nil
        return Array(try JSONSerialization.data(withJSONObject: ["keys": [key]]))
    }

    private func live(_ source: Source, pause: Duration = .zero) -> LiveKeySet {
        LiveKeySet(pause: pause, logger: LogRecorder().logger) { try source.read() }
    }

    private func verify(_ name: String, _ live: LiveKeySet) async throws {
        let token = try JSONWebToken(try #require(vectors.accepted[name]))
        _ = try await live.claims(of: token, by: rules, at: now)
    }

    @Test func `a new key under the id of the old one is looked for`() async throws {
        let source = Source(try set("pinned", as: "rsa"))
        let live = live(source)
        await #expect(throws: JSONWebTokenError.badSignature) { try await verify("RS256", live) }
        source.change(to: try set("rsa", as: "rsa"))
        try await verify("RS256", live)
    }

    @Test func `a new key of an issuer without ids is looked for`() async throws {
        let source = Source(try set("pinned", as: nil))
        let live = live(source)
        await #expect(throws: JSONWebTokenError.badSignature) { try await verify("RS256", live) }
        source.change(to: try set("rsa", as: nil))
        try await verify("RS256", live)
    }

    @Test func `S28 bad tokens cause one look in a pause`() async throws {
        let source = Source(try set("rsa", as: "rsa"))
        let live = live(source, pause: .seconds(60))
        try await verify("RS256", live)
        for reason in ["bad_signature", "unknown_key"] {
            for token in try #require(vectors.refused[reason]).values {
                let token = try JSONWebToken(token)
                await #expect(throws: JSONWebTokenError.self) {
                    try await live.claims(of: token, by: rules, at: now)
                }
            }
        }
        try await verify("RS256", live)
        #expect(source.count == 1)
    }

    @Test func `a token that fails for another reason causes no look`() async throws {
        let source = Source(try set("p256", as: "p256"), lifetime: .seconds(60))
        let live = live(source)
        try await verify("ES256", live)
        for token in try #require(vectors.refused["expired"]).values {
            let token = try JSONWebToken(token)
            await #expect(throws: JSONWebTokenError.expired) {
                try await live.claims(of: token, by: rules, at: now)
            }
        }
        #expect(source.count == 1)
    }

    @Test func `keys that are no longer fresh are read again before they are used`() async throws {
        let source = Source(try set("rsa", as: "rsa"), lifetime: .zero)
        let live = live(source)
        try await verify("RS256", live)
        source.change(to: try set("pinned", as: "rsa"))
        await #expect(throws: JSONWebTokenError.badSignature) { try await verify("RS256", live) }
        let kept = Source(try set("rsa", as: "rsa"), lifetime: .seconds(60))
        let fresh = self.live(kept)
        try await verify("RS256", fresh)
        try await verify("RS256", fresh)
        #expect(kept.count == 1)
    }

    @Test func `keys that cannot be read again stay in force`() async throws {
        let source = Source(try set("rsa", as: "rsa"), lifetime: .zero)
        let live = live(source)
        try await verify("RS256", live)
        source.change(to: nil)
        try await verify("RS256", live)
        source.change(to: Array("no key set".utf8))
        try await verify("RS256", live)
        #expect(source.count == 3)
    }

    @Test func `without any keys a token is not judged`() async throws {
        let live = live(Source(nil))
        await #expect(throws: JSONWebTokenError.keysUnavailable) { try await verify("RS256", live) }
    }
}
