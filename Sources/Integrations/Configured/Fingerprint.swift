internal import Cryptography

/// Ties a flow to the endpoints and the client that it began with.
enum Fingerprint {
    /// The first four octets of SHA-256 over the three texts, each behind its length, so that none runs into
    /// the next.
    static func make(authorizationEndpoint: String, tokenEndpoint: String, clientID: String) -> UInt32 {
        var input: [UInt8] = []
        for text in [authorizationEndpoint, tokenEndpoint, clientID] {
            let count = UInt32(text.utf8.count)
            for shift: UInt32 in [24, 16, 8, 0] { input.append(UInt8(truncatingIfNeeded: count >> shift)) }
            input.append(contentsOf: Array(text.utf8))
        }
        return SHA256.digest(input.span).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
}
