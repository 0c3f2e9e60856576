package import Cryptography
package import StateTokens

/// What a token must be to be accepted (RFC 8725).
package struct JSONWebTokenRules: Sendable, Equatable {
    package let issuer: String
    package let audience: String
    package let algorithms: Set<SignatureAlgorithm>
    /// The greatest difference between the issuer's clock and ours.
    package let skew: Duration

    package init(
        issuer: String, audience: String, algorithms: Set<SignatureAlgorithm>, skew: Duration = .seconds(60)
    ) {
        self.issuer = issuer
        self.audience = audience
        self.algorithms = algorithms
        self.skew = skew
    }

    /// The claims of a token that holds in every respect: signature first, so that nothing unsigned is judged.
    package func verify(
        _ token: JSONWebToken, _ keys: JSONWebKeySet, at now: Timestamp
    ) throws(JSONWebTokenError) -> JSONWebTokenClaims {
        let algorithm = try allowed(token)
        try token.check(keys, algorithm)
        try check(token.claims, at: now)
        return token.claims
    }

    /// The token's algorithm, if the rules allow it. One with a shared key never is.
    @discardableResult
    package func allowed(_ token: JSONWebToken) throws(JSONWebTokenError) -> SignatureAlgorithm {
        guard case .signature(let algorithm) = token.algorithm, algorithms.contains(algorithm) else {
            throw .algorithmNotAllowed
        }
        return algorithm
    }

    package func check(_ claims: JSONWebTokenClaims, at now: Timestamp) throws(JSONWebTokenError) {
        guard let issuer = claims.text("iss") else { throw .claimMissing("iss") }
        // By octets: strings that Unicode calls equivalent are different issuers.
        guard issuer.utf8.elementsEqual(self.issuer.utf8) else { throw .wrongIssuer }
        guard let audiences = claims.texts("aud"), !audiences.isEmpty else { throw .claimMissing("aud") }
        guard audiences.contains(where: { $0.utf8.elementsEqual(audience.utf8) }) else {
            throw .wrongAudience
        }
        guard let expiry = try claims.date("exp") else { throw .claimMissing("exp") }
        guard now < expiry + skew else { throw .expired }
        for name in ["nbf", "iat"] {
            if let start = try claims.date(name), now + skew < start { throw .notYetValid }
        }
    }
}
