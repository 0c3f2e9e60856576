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

    static let withSecond = Credentials(
        accessToken: "canary-access", refreshToken: nil, tokenType: "bot", expiresAt: nil, scope: nil,
        idToken: nil, raw: "{}",
        second: SecondCredentials(
            accessToken: "canary-second", refreshToken: "canary-second-refresh", tokenType: "user",
            issuedAt: Timestamp(secondsSinceEpoch: 1_800_000_000),
            expiresAt: Timestamp(secondsSinceEpoch: 1_800_003_600), isExpiryStated: true, scope: "é",
            hasEnded: true))

    /// With nothing in its second grant that may be left out.
    static let withBareSecond = Credentials(
        accessToken: "", refreshToken: "", tokenType: "", expiresAt: nil, scope: nil, idToken: nil, raw: "",
        second: SecondCredentials(
            accessToken: "", refreshToken: nil, tokenType: "", issuedAt: Timestamp(secondsSinceEpoch: -1),
            expiresAt: nil, isExpiryStated: false, scope: nil))

    static let credentials = [full, bare, empty, withSecond, withBareSecond]

    static func code(_ number: UInt8) throws -> CodeHash {
        try #require(CodeHash(octets: [UInt8](repeating: number, count: CodeHash.octetCount)))
    }
}
