import StateTokens

/// A fixed ring, and what was sealed with it.
enum FuzzKeys {
    static let start = Timestamp(secondsSinceEpoch: 1_767_225_600)

    static func key(_ id: UInt32, _ status: Key.Status = .enabled) throws -> Key {
        let octets = (0..<64).map { UInt8(truncatingIfNeeded: $0 * 7 + Int(id) * 31 + 5) }
        return Key(
            id: KeyID(rawValue: id), material: try KeyMaterial(octets: octets.span), created: start,
            activates: start, status: status)
    }

    static func sealer(_ keys: [Key]) throws -> Sealer {
        Sealer(KeyringReference(try Keyring(purpose: .state, deploymentID: "d_fuzz", keys: keys)))
    }

    static func audience(_ text: String = "https://connect.example.com") throws -> Audience {
        guard let audience = Audience(publicURL: text) else { throw KeyringError.noKeys }
        return audience
    }

    /// States of different lengths and contents.
    static let states: [FlowState] = [
        FlowState(issuedAt: start, integrationID: "a", fingerprint: 0, workspaceID: "w"),
        FlowState(
            issuedAt: start, integrationID: "gmail", fingerprint: 0xa1b2_c3d4,
            workspaceID: "wsp_123456789",
            scopes: [
                "https://www.googleapis.com/auth/gmail.readonly",
                "https://www.googleapis.com/auth/gmail.send",
            ], redirectURI: "https://dash.example.com/integrations/callback",
            codeVerifier: CodeVerifier(octets: Array(0..<32))),
        FlowState(
            issuedAt: start, lifetime: .seconds(60), integrationID: "shop", fingerprint: .max,
            authMethodID: "other", workspaceID: "0190f3a2-7c1e-7b3a-9f4e-0123456789ab", userID: "user_1",
            redirectURI: "http://127.0.0.1:8080/", parameters: ["shop": "a-shop", "tenant": ""],
            binding: Binding(octets: Array(32..<64)), traceID: TraceID(octets: Array(0..<16)),
            connectionID: "conn_1", appState: String(repeating: "é", count: 120),
            label: "Ada's shop", tags: ["plan": "", "région": "eu"]),
        FlowState(
            issuedAt: start, integrationID: "gmail", fingerprint: 7, workspaceID: "wsp_1", screen: true,
            userLabel: "Ada Lovelace"),
    ]

    /// Sessions of different lengths and contents.
    static let sessions: [Session] = [
        Session(issuedAt: start, maker: .apiKey(id: "k"), workspaceID: "w", userID: "u"),
        Session(
            issuedAt: start, maker: .apiKey(id: "key_9Rk3mVbTq2xL"), workspaceID: "wsp_123456789",
            userID: "user_42", userLabel: "Ada Lovelace", integrationIDs: ["gmail", "slack"],
            redirectURI: "https://app.example.com/integrations/connected", tags: ["plan": "team"],
            origins: ["https://app.example.com"], mayRead: true),
        Session(
            issuedAt: start, lifetime: .seconds(60), maker: .token(id: "jwt:user-1"), workspaceID: "wsp_1",
            userID: "0190f3a2-7c1e-7b3a-9f4e-0123456789ab", scopes: ["openid", "read:user"],
            parameters: ["shop": "a-shop", "tenant": ""], tags: ["plan": "", "région": "eu"],
            label: String(repeating: "é", count: 120), connectionID: "conn_1", mayRead: true,
            mayDisconnect: true),
    ]
}
