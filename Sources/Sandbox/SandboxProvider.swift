internal import Cryptography
internal import Encodings
internal import StateTokens
internal import Synchronization

/// An authorization server for trials: one client, one account, everything in memory and bounded.
///
/// It is as strict as the RFCs let it be, so that what works with it works elsewhere.
final class SandboxProvider: Sendable {
    /// How long a page waits for the user.
    static let consentLifetime: Duration = .seconds(600)
    static let codeLifetime: Duration = .seconds(60)
    static let accessTokenLifetime: Duration = .seconds(300)
    static let refreshTokenLifetime: Duration = .seconds(30 * 86_400)

    let issuer: String
    let client: SandboxClient
    let ledger: Mutex<Ledger>
    let now: @Sendable () -> Timestamp

    init(
        issuer: String, client: SandboxClient, capacity: Int = 10_000,
        now: @escaping @Sendable () -> Timestamp = Timestamp.now
    ) {
        self.issuer = issuer
        self.client = client
        self.now = now
        ledger = Mutex(Ledger(capacity: capacity))
    }

    /// All that the provider remembers.
    struct Ledger {
        /// Requests that wait for the user, by the page's one-time value.
        var consents: ExpiringTable<SandboxAuthorizationRequest>
        var codes: ExpiringTable<Code>
        var accessTokens: ExpiringTable<AccessToken>
        /// The grants' ids, by refresh token, used ones included.
        var refreshTokens: ExpiringTable<String>
        /// A token whose grant is not here is revoked.
        var grants: ExpiringTable<Grant>

        init(capacity: Int) {
            consents = ExpiringTable(capacity: capacity, lifetime: consentLifetime)
            codes = ExpiringTable(capacity: capacity, lifetime: codeLifetime)
            accessTokens = ExpiringTable(capacity: capacity, lifetime: accessTokenLifetime)
            refreshTokens = ExpiringTable(capacity: capacity, lifetime: refreshTokenLifetime)
            grants = ExpiringTable(capacity: capacity, lifetime: refreshTokenLifetime)
        }
    }

    /// What an authorization code stands for.
    struct Code {
        let request: SandboxAuthorizationRequest
        /// Set at the first use: a second one ends what the first one gave (RFC 6749 §4.1.2).
        var grantID: String?
        var isUsed = false
    }

    struct AccessToken {
        let grantID: String
        let scopes: [SandboxScope]
    }

    /// What the user allowed.
    struct Grant {
        let scopes: [SandboxScope]
        /// The only one that is still good.
        var refreshToken: String
    }

    /// 256 random bits.
    static func randomText() throws(CryptographyError) -> String {
        let octets = try RandomBytes.make(count: 32)
        return Base64URL.encode(octets.span)
    }
}
