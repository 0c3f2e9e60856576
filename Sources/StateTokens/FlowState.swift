internal import Cryptography
internal import Encodings

/// Everything that a flow has to remember between initiate and callback: what the state token carries.
///
/// The wire format is on the page <doc:Format>.
public struct FlowState: Sendable, Equatable {
    /// The lifetime of a state unless it says otherwise.
    public static let defaultLifetime: Duration = .seconds(defaultLifetimeSeconds)
    static let defaultLifetimeSeconds: Int64 = 600
    /// The longest label of a user, in octets of UTF-8.
    public static let maximumUserLabelByteCount = 256

    public var issuedAt: Timestamp
    /// Whole seconds, from 1 to 2,097,151.
    public var lifetime: Duration
    /// The integration's id; not empty.
    public var integrationID: String
    /// Identifies the integration's endpoints and client id, so that a change while the flow is out is noticed.
    public var fingerprint: UInt32
    /// Not empty.
    public var authMethodID: String
    /// The tenant; not empty.
    public var workspaceID: String
    // Written `Optional` and not `?`, because the compiler sets a `?` to `nil` first and then copies the whole value.

    /// The user, when the credential named one; not empty.
    public var userID: Optional<String>
    /// Scope values (RFC 6749 §3.3), in the order in which they are asked for.
    public var scopes: [String]
    /// Where the app's user is sent at the end; `nil` if the flow ends on our own page.
    public var redirectURI: Optional<String>
    /// The verifier of RFC 7636; `nil` for a provider that does not take PKCE.
    public var codeVerifier: Optional<CodeVerifier>
    /// The user answers on a page of ours before anything is exchanged.
    public var screen: Bool
    // Next to the other flag: between texts it would make each value eight bytes larger.
    /// The flow makes a connection of its own, even where the same user has one of the same account; `false` unless it is set
    /// after the initializer, whose parameters are those that were released.
    public var newConnection: Bool
    /// `nil` if the flow has none of ``Extras``.
    private var extrasBox: ExtrasBox?

    public init(
        issuedAt: Timestamp, lifetime: Duration = defaultLifetime, integrationID: String, fingerprint: UInt32,
        authMethodID: String = "oauth2", workspaceID: String, userID: String? = nil, scopes: [String] = [],
        redirectURI: String? = nil, codeVerifier: CodeVerifier? = nil, parameters: [String: String] = [:],
        binding: Binding? = nil, traceID: TraceID? = nil, connectionID: String? = nil,
        appState: String? = nil,
        label: String? = nil, tags: [String: String] = [:], screen: Bool = false, userLabel: String? = nil
    ) {
        self.issuedAt = issuedAt
        self.lifetime = lifetime
        self.integrationID = integrationID
        self.fingerprint = fingerprint
        self.authMethodID = authMethodID
        self.workspaceID = workspaceID
        self.userID = userID
        self.scopes = scopes
        self.redirectURI = redirectURI
        self.codeVerifier = codeVerifier
        self.screen = screen
        newConnection = false
        extras = Extras(
            parameters: parameters, binding: binding, traceID: traceID, connectionID: connectionID,
            appState: appState, label: label, tags: tags, userLabel: userLabel)
    }

    /// The first moment at which it is no longer valid.
    public var expiresAt: Timestamp { issuedAt + lifetime }

    /// What every record has; the rest is set afterwards.
    init(issuedAt: Timestamp, integrationID: String, fingerprint: UInt32, workspaceID: String) {
        self.issuedAt = issuedAt
        lifetime = Self.defaultLifetime
        self.integrationID = integrationID
        self.fingerprint = fingerprint
        authMethodID = StateRecord.defaultAuthMethodID
        self.workspaceID = workspaceID
        userID = nil
        scopes = []
        redirectURI = nil
        codeVerifier = nil
        screen = false
        newConnection = false
    }
}

/// Fields that few flows set.
///
/// Where no limit is given, that of a record holds: 1,024 octets in all, and more are rejected when it is encoded
/// (``StateEncodingError/tooLong``).
extension FlowState {
    /// Template parameters of the integration by name.
    public var parameters: [String: String] {
        get { extrasBox?.extras.parameters ?? [:] }
        set { extras.parameters = newValue }
    }
    /// SHA-256 of the secret that confirm mode asks for, 32 octets.
    public var binding: Binding? {
        get { extrasBox?.extras.binding }
        set { extras.binding = newValue }
    }
    /// The trace that the flow began in (W3C Trace Context), 16 octets.
    public var traceID: TraceID? {
        get { extrasBox?.extras.traceID }
        set { extras.traceID = newValue }
    }
    /// The connection to renew; `nil` for a new one.
    public var connectionID: String? {
        get { extrasBox?.extras.connectionID }
        set { extras.connectionID = newValue }
    }
    /// The app's own text, handed back as it is.
    public var appState: String? {
        get { extrasBox?.extras.appState }
        set { extras.appState = newValue }
    }
    /// What the connection is to be called; not empty.
    public var label: String? {
        get { extrasBox?.extras.label }
        set { extras.label = newValue }
    }
    /// The app's own names for the connection, with their values; no name is empty.
    public var tags: [String: String] {
        get { extrasBox?.extras.tags ?? [:] }
        set { extras.tags = newValue }
    }
    /// The app's name for its user, shown on the page of ``screen``; not empty, at most ``maximumUserLabelByteCount`` octets of
    /// UTF-8.
    public var userLabel: String? {
        get { extrasBox?.extras.userLabel }
        set { extras.userLabel = newValue }
    }

    /// Whether it has any of them.
    var hasExtras: Bool { extrasBox != nil }

    var extras: Extras {
        get { extrasBox?.extras ?? Extras() }
        set { extrasBox = newValue.isEmpty ? nil : ExtrasBox(newValue) }
    }

    struct Extras: Equatable, Sendable {
        var parameters: [String: String] = [:]
        var binding: Binding?
        var traceID: TraceID?
        var connectionID: String?
        var appState: String?
        var label: String?
        var tags: [String: String] = [:]
        var userLabel: String?

        var isEmpty: Bool {
            parameters.isEmpty && binding == nil && traceID == nil && connectionID == nil && appState == nil
                && label == nil && tags.isEmpty && userLabel == nil
        }
    }

    /// Holds them behind one reference, so that a state without them is small: each is copied several times, and each
    /// reference in it is released in the end.
    private final class ExtrasBox: Equatable, Sendable {
        let extras: Extras

        init(_ extras: Extras) { self.extras = extras }

        static func == (left: ExtrasBox, right: ExtrasBox) -> Bool { left.extras == right.extras }
    }
}

extension FlowState {
    /// Whether a text is a scope value (RFC 6749 §3.3).
    package static func isScope(_ text: String) -> Bool {
        !text.isEmpty && StateRecord.isScopeText(text.utf8.span)
    }
}

/// What ties a flow to the app's own session in confirm mode: the SHA-256 of a secret that only the app's server has.
public struct Binding: Sendable, Hashable {
    let storage: Octets<32>

    /// Reads 43 characters of base64url, which is how an initiate request gives it; anything else is `nil`.
    public init?(_ text: String) {
        guard let octets = Base64URL.decode(text), let storage = Octets<32>(octets.span) else { return nil }
        self.storage = storage
    }

    /// - Returns: `nil` unless there are 32 octets.
    public init?(octets: [UInt8]) {
        guard let storage = Octets<32>(octets.span) else { return nil }
        self.storage = storage
    }

    /// The binding of a secret: what the app sends when it initiates a flow, while it keeps the secret in its user's
    /// session.
    ///
    /// - Parameter secret: a text with at least 128 random bits.
    public init(secret: String) {
        let digest = SHA256.digest(secret.utf8.span)
        storage = Octets(digest.span, from: 0)
    }

    init(storage: Octets<32>) { self.storage = storage }

    /// The 32 octets.
    public var octets: [UInt8] { storage.array }

    /// 43 characters of base64url, as an initiate request has it.
    public var text: String { storage.base64URL }
}

/// The trace that a flow belongs to: the 16 octets of W3C Trace Context's trace-id.
public struct TraceID: Sendable, Hashable {
    let storage: Octets<16>

    /// - Returns: `nil` unless there are 16 octets.
    public init?(octets: [UInt8]) {
        guard let storage = Octets<16>(octets.span) else { return nil }
        self.storage = storage
    }

    init(storage: Octets<16>) { self.storage = storage }

    /// The 16 octets.
    public var octets: [UInt8] { storage.array }
}
