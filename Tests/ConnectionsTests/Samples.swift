import Connections
import StateTokens
import Testing

enum Sample {
    static let full = Credentials(
        accessToken: "canary-access", refreshToken: "canary-refresh", tokenType: "Bearer",
        expiresAt: Timestamp(secondsSinceEpoch: 1_800_003_600), scope: "a b", idToken: "canary-id",
        raw: #"{"access_token":"canary-access","é":1}"#)

    static let bare = Credentials(
        accessToken: "", refreshToken: nil, tokenType: "", expiresAt: nil, scope: nil, idToken: nil, raw: "")

    /// `nil` and the empty text are two things.
    static let empty = Credentials(
        accessToken: "canary", refreshToken: "", tokenType: "mac",
        expiresAt: Timestamp(secondsSinceEpoch: -1), scope: "", idToken: "", raw: "{}")

    static let credentials = [full, bare, empty]

    static func code(_ number: UInt8) throws -> CodeHash {
        try #require(CodeHash(octets: [UInt8](repeating: number, count: CodeHash.octetCount)))
    }
}
