import Cryptography
import JSONWebTokens
import StateTokens

/// Key sets and tokens: bounded, and no key that was read verifies what it did not sign.
struct KeySetTarget: FuzzTarget {
    private let unsigned: [JSONWebToken]
    private let rules = JSONWebTokenRules(
        issuer: "https://issuer.example.com", audience: "fuzz", algorithms: Set(SignatureAlgorithm.allCases))

    /// Tokens whose signatures are nothing but zeros.
    init() throws {
        unsigned = try ["eyJhbGciOiJFUzI1NiJ9", "eyJhbGciOiJSUzI1NiJ9", "eyJhbGciOiJQUzI1NiJ9"].flatMap {
            header in
            try [86, 342].map { try JSONWebToken("\(header).e30.\(String(repeating: "A", count: $0))") }
        }
    }

    mutating func read(_ input: [UInt8]) throws -> Count {
        var count = Count(tried: 2)
        if let keys = try? JSONWebKeySet(input) {
            count.accepted += 1
            expect(input.count <= JSONWebKeySet.byteCountLimit && keys.keyIDs.count <= 64)
            for token in unsigned {
                let claims = try? rules.verify(token, keys, at: FuzzKeys.start)
                expect(claims == nil, "a signature of zeros holds")
            }
        }
        if let token = try? JSONWebToken(String(decoding: input, as: UTF8.self)) {
            count.accepted += 1
            expect(input.count <= 3 * JSONWebToken.byteCountLimit)
            let opened: Void? = try? token.check(secret: "")
            expect(opened == nil, "an empty secret opens a token")
        }
        return count
    }
}
