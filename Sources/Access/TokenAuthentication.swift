package import JSONWebTokens
package import StateTokens

/// JSON Web Tokens as credentials: what they must be, and which claims say what they open.
package struct TokenAuthentication: Sendable {
    /// Which claims mean what. A name is taken as it is written, then as a path with dots.
    package struct Claims: Sendable, Equatable {
        /// A workspace's id, or a list of them.
        package var workspace: String
        /// The user; `nil`: tokens name none.
        package var user: String?
        /// A list of permissions, or one text with spaces between them; `nil`: every token has all that are granted.
        package var permissions: String?

        package init(workspace: String = "workspace_id", user: String? = nil, permissions: String? = nil) {
            self.workspace = workspace
            self.user = user
            self.permissions = permissions
        }
    }

    private let rules: JSONWebTokenRules
    private let claims: Claims
    private let granted: Set<Permission>
    private let keys: LiveKeySet

    /// - Parameter granted: what a token may permit at most.
    package init(_ rules: JSONWebTokenRules, claims: Claims, granted: Set<Permission>, keys: LiveKeySet) {
        self.rules = rules
        self.claims = claims
        self.granted = granted
        self.keys = keys
    }

    /// Whether a credential has a token's form: an API key has no dots.
    package static func isToken(_ text: String) -> Bool { text.utf8.contains(UInt8(ascii: ".")) }

    /// The caller that the token stands for.
    ///
    /// - Throws: ``AccessError/invalidCredential``, whatever is wrong with it.
    package func principal(for text: String, at now: Timestamp) async throws(AccessError) -> Principal {
        do {
            let token = try JSONWebToken(text)
            // Before anything is fetched for it, since anybody can make a token that names an unknown key.
            try rules.allowed(token)
            try rules.check(token.claims, at: now)
            return try principal(of: try await keys.claims(of: token, by: rules, at: now))
        } catch {
            throw .invalidCredential
        }
    }

    /// The holder of a connect session that a token made, which has ended with it.
    package func principal(for session: Session) -> Principal { Principal(session, makerMay: granted) }

    private func principal(of content: JSONWebTokenClaims) throws(AccessError) -> Principal {
        guard let workspaces = content.texts(claims.workspace), workspaces.allSatisfy(Self.isName) else {
            throw .invalidCredential
        }
        var user: String?
        if let name = claims.user {
            guard let text = content.text(name), Self.isName(text) else { throw .invalidCredential }
            user = text
        }
        var permissions = granted
        if let name = claims.permissions {
            let texts = (content.texts(name) ?? []).flatMap { $0.split(separator: " ").map(String.init) }
            permissions = Set(texts.compactMap(Permission.init(rawValue:))).intersection(granted)
        }
        let expiresAt: Timestamp?
        do {
            expiresAt = try content.date("exp")
        } catch {
            throw .invalidCredential
        }
        let subject = content.text("sub").flatMap { Self.isName($0) ? $0 : nil }
        return Principal(
            credentialID: "jwt:\(subject ?? "")", workspaceIDs: workspaces, permissions: permissions,
            userID: user, kind: .token, expiresAt: expiresAt)
    }

    /// What fits into a state and a log.
    private static func isName(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}
