internal import Encodings
internal import StateTokens

/// What an access token says of itself, where it is a JWT (RFC 9068). It is not checked: only its bearer is deceived.
enum TokenClaims {
    static func expiry(of token: String) -> Timestamp? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let octets = Base64URL.decode(String(parts[1])) else { return nil }
        do {
            guard case .object(let claims) = try JSONValue.parse(octets),
                case .number(let text)? = claims["exp"],
                let seconds = Int64(text) ?? Double(text).flatMap({ Int64(exactly: $0.rounded(.down)) }),
                (0...253_402_300_799).contains(seconds)
            else { return nil }
            return Timestamp(secondsSinceEpoch: seconds)
        } catch {
            // Three parts that are no JWT.
            return nil
        }
    }
}
