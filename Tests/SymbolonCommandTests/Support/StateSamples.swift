import Encodings
import Keyrings
import StateTokens
import TestSupport
import Testing

/// A service whose states are inspected: a keyring in a folder, and its public URL.
struct StateSamples {
    static let publicURL = "https://connect.example.com"

    let folder: TemporaryFolder
    let ring: Keyring
    let audience: Audience

    init(statuses: [Key.Status] = [.enabled]) throws {
        folder = try TemporaryFolder()
        let now = Timestamp.now()
        let keys = try statuses.enumerated().map { index, status in
            Key(
                id: KeyID(rawValue: 0xab00_0000 + UInt32(index)), material: try .random(),
                created: now - .seconds(7200), activates: now - .seconds(3600), status: status)
        }
        ring = try Keyring(purpose: .state, deploymentID: "d_test", keys: keys)
        audience = try #require(Audience(publicURL: Self.publicURL))
        try KeyringFile.create(ring, at: folder.path(of: "state.keyring"))
    }

    static let codeVerifier = CodeVerifier(octets: (0..<32).map { UInt8($0 &* 7 &+ 3) })
    static let binding = Binding(octets: (0..<32).map { UInt8($0 &* 5 &+ 1) })

    static func full(issuedAt: Timestamp = .now()) -> FlowState {
        FlowState(
            issuedAt: issuedAt, integrationID: "gmail", fingerprint: 0x00c0_ffee,
            workspaceID: "wsp_123456789",
            userID: "usr_7", scopes: ["openid", "https://www.googleapis.com/auth/gmail.readonly"],
            redirectURI: "https://app.example.com/done?x=1", codeVerifier: codeVerifier,
            parameters: ["subdomain": "acme"], binding: binding,
            traceID: TraceID(octets: Array(repeating: 0xa5, count: 16)), connectionID: "conn_9",
            appState: "tab=3", label: "Ada's shop", tags: ["plan": "pro"], userLabel: "Ada")
    }

    static func minimal(issuedAt: Timestamp = .now()) -> FlowState {
        FlowState(issuedAt: issuedAt, integrationID: "slack", fingerprint: 1, workspaceID: "wsp_1")
    }

    /// Seals a state, with the keys as if all of them were enabled.
    func token(
        _ state: FlowState = full(), publicURL: String = publicURL, key: Int? = nil
    ) throws -> StateToken {
        let keys = ring.keys.enumerated().filter { key == nil || $0.offset == key }.map { _, key in
            Key(id: key.id, material: key.material, created: key.created, activates: key.activates)
        }
        let sealer = Sealer(
            KeyringReference(try Keyring(purpose: .state, deploymentID: "d_test", keys: keys)))
        let audience = try #require(Audience(publicURL: publicURL))
        return try StateTokenCodec(sealer: sealer, audience: audience).encode(state)
    }

    /// A connect session's token.
    func session(
        publicURL: String = publicURL, _ change: (inout Session) -> Void
    ) throws -> String {
        var session = Session(
            issuedAt: .now(), maker: .apiKey(id: "key_1"), workspaceID: "wsp_123456789", userID: "usr_7")
        change(&session)
        let audience = try #require(Audience(publicURL: publicURL))
        return try SessionCodec(sealer: Sealer(KeyringReference(ring)), audience: audience).encode(
            session, at: .now())
    }

    /// Seals octets of any kind with the ring in force.
    func sealed(_ octets: [UInt8], as purpose: Purpose) throws -> String {
        let sealer = Sealer(KeyringReference(ring))
        let sealed = try sealer.seal(
            octets.span, as: purpose, context: audience.description.utf8.span, at: .now())
        return Base64URL.encode(sealed.span)
    }

    func inspect(_ token: String, _ more: String..., input: String = "") async throws -> CommandRun {
        try await CommandRun(
            ["state", "inspect", token, "--keyring", "state.keyring", "--public-url", Self.publicURL] + more,
            input: input, in: folder)
    }

    /// The contents that no report shows.
    static var secrets: [String] {
        [codeVerifier?.text, codeVerifier?.codeChallenge, binding.map { Base64URL.encode($0.octets.span) }]
            .compactMap { $0 }
    }
}
