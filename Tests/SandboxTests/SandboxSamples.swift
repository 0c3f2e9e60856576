import Foundation
import StateTokens
import Synchronization
import Testing

@testable import ConnectPages
@testable import Sandbox

let sandboxRedirectURI = "http://127.0.0.1:8080/api/v1/oauth/callback/sandbox"
let sandboxVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
/// RFC 7636 appendix B.
let sandboxChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

/// Names and values in order, so that a test can leave one out, change one or double one.
typealias Fields = [(name: String, value: String)]

extension Fields {
    func setting(_ name: String, _ value: String?) -> Fields {
        var fields = self
        fields.removeAll { $0.name == name }
        return fields + (value.map { [(name, $0)] } ?? [])
    }

    func doubling(_ name: String) -> Fields { self + filter { $0.name == name } }

    var form: String {
        func encoded(_ text: String) -> String {
            text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        }
        return map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
    }

    var parameters: SandboxParameters {
        get throws { try #require(SandboxParameters([UInt8](form.utf8))) }
    }
}

/// A provider whose clock the test turns, with the steps of a flow.
struct SandboxBench {
    static let clientID = "symbolon-development"
    /// With what a Basic header must encode.
    static let secret = "s3cret:%+ü"

    let provider: SandboxProvider
    private let clock: SandboxClock

    init(capacity: Int = 10_000) {
        let clock = SandboxClock()
        self.clock = clock
        provider = SandboxProvider(
            issuer: "http://127.0.0.1:8080/sandbox",
            client: SandboxClient(id: Self.clientID, secret: Self.secret, redirectURI: sandboxRedirectURI),
            capacity: capacity, now: { clock.time.withLock { $0 } })
    }

    func pass(seconds: Int64) { clock.time.withLock { $0 = $0 + .seconds(seconds) } }

    static let authorizationRequest: Fields = [
        ("client_id", clientID), ("redirect_uri", sandboxRedirectURI), ("response_type", "code"),
        ("scope", "profile email"), ("state", "a-state_1"), ("code_challenge", sandboxChallenge),
        ("code_challenge_method", "S256"),
    ]

    /// The form of the consent page, not answered yet.
    func consentForm(_ request: Fields = authorizationRequest) throws -> Fields {
        let consent = try provider.consent(to: request.parameters)
        return ConsentPage(consent, clientID: Self.clientID).fields.map { ($0.name, $0.value) }
    }

    func code(scope: String = "profile email") throws -> String {
        let form = try consentForm(Self.authorizationRequest.setting("scope", scope))
        let location = try provider.conclude(form.setting("answer", "allow").parameters)
        return try #require(Self.query(location)["code"])
    }

    static func query(_ location: String) throws -> [String: String] {
        let items = try #require(URLComponents(string: location)?.percentEncodedQueryItems)
        return Dictionary(
            uniqueKeysWithValues: items.map { item in
                let value = item.value?.replacing("+", with: " ").removingPercentEncoding
                return (item.name, value ?? "")
            })
    }

    static func exchange(_ code: String) -> Fields {
        [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", sandboxRedirectURI),
            ("code_verifier", sandboxVerifier), ("client_id", clientID), ("client_secret", secret),
        ]
    }

    static func refresh(_ token: String) -> Fields {
        [
            ("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", clientID),
            ("client_secret", secret),
        ]
    }

    func tokens(_ fields: Fields, authorization: String? = nil) throws -> SandboxTokens {
        try provider.tokens(fields.parameters, authorization: authorization)
    }

    func tokens() throws -> SandboxTokens { try tokens(Self.exchange(code())) }
}

private final class SandboxClock: Sendable {
    let time = Mutex(Timestamp(secondsSinceEpoch: 1_767_225_600))
}
