package import StateTokens

/// Who a request comes from, once its credential was verified.
package struct Principal: Sendable, Equatable {
    /// What sort of credential it is.
    package enum Kind: Sendable, Equatable {
        case apiKey
        /// A JSON Web Token.
        case token
        /// What lets one user's browser do a few things: routes that do not say that they take it refuse it.
        indirect case session(Session)
    }

    /// The credential's own id, fit for logs.
    package let credentialID: String
    /// The workspaces that it opens.
    package let workspaceIDs: [String]
    package let permissions: Set<Permission>
    /// The user, where the credential names one.
    package let userID: String?
    package let kind: Kind
    private let reach: CredentialReach
    /// When the credential ends; `nil`: not by the clock.
    package let expiresAt: Timestamp?
    /// Every request has to say what it is for.
    package let requiresAuditContext: Bool

    package init(
        credentialID: String, workspaceIDs: [String], permissions: Set<Permission>, userID: String? = nil,
        kind: Kind = .apiKey, reach: CredentialReach = .unlimited, expiresAt: Timestamp? = nil,
        requiresAuditContext: Bool = false
    ) {
        self.credentialID = credentialID
        self.workspaceIDs = workspaceIDs
        self.permissions = permissions
        self.userID = userID
        self.kind = kind
        self.reach = reach
        self.expiresAt = expiresAt
        self.requiresAuditContext = requiresAuditContext
    }

    /// The holder of a connect session. It has the session's permissions, limited to those that its creator still has.
    ///
    /// - Parameters:
    ///   - permissions: of that credential, now.
    ///   - reach: of that credential, now.
    init(
        _ session: Session, makerMay permissions: Set<Permission>, reach: CredentialReach = .unlimited
    ) {
        var own: Set<Permission> = [.initiate]
        if session.mayRead { own.insert(.read) }
        if session.mayDisconnect { own.insert(.admin) }
        self.init(
            credentialID: "session:\(session.maker.id)", workspaceIDs: [session.workspaceID],
            permissions: own.intersection(permissions), userID: session.userID, kind: .session(session),
            reach: reach, expiresAt: session.expiresAt)
    }

    /// What it is limited to within its workspaces; `nil`: nothing.
    package var limits: AccessLimits? { reach.limits }

    package var session: Session? { if case .session(let session) = kind { session } else { nil } }

    /// Whose requests are counted together: one user's browser must not use up what the app's server has.
    package var bucketID: String {
        session.map { "\(credentialID):\($0.workspaceID):\($0.userID)" } ?? credentialID
    }

    /// The workspace that a request is about: the chosen one, or the only one there is.
    ///
    /// - Parameter chosen: what `X-Workspace-Id` says. It chooses among what the credential opens, and opens nothing.
    package func workspaceID(choosing chosen: String?) throws(AccessError) -> String {
        // A session has one, whatever its holder writes.
        if let session { return session.workspaceID }
        if let chosen {
            // By octets: strings that Unicode calls equivalent name different workspaces.
            guard let id = workspaceIDs.first(where: { $0.utf8.elementsEqual(chosen.utf8) }) else {
                throw .workspaceDenied
            }
            return id
        }
        guard let only = workspaceIDs.first else { throw .workspaceDenied }
        guard workspaceIDs.count == 1 else { throw .workspaceRequired }
        return only
    }

    package func require(_ permission: Permission) throws(AccessError) {
        guard permissions.contains(permission) else {
            throw session == nil ? .permissionDenied(permission) : .sessionForbids
        }
    }
}

/// Why a request may not do what it asks for.
package enum AccessError: Error, Equatable {
    /// No credential, an unknown one, or one that is revoked or expired.
    case invalidCredential
    /// A good API key, from an address that it is not for.
    case addressDenied(credentialID: String)
    /// The API key requires `X-Audit-Context`, and the request has none.
    case auditContextRequired(credentialID: String)
    /// What the request says that it is for is no text that the audit log takes.
    case invalidAuditContext
    /// A connect session that was good, and is over: by its lifetime, its workspace's word, or with the credential that
    /// made it.
    case sessionEnded
    /// A connect session, which was not made for this.
    case sessionForbids
    /// A connect session, used by a page of another origin than its own.
    case sessionFromElsewhere
    /// Two credentials that differ.
    case conflictingCredentials
    /// The credential is good, and lacks this permission.
    case permissionDenied(Permission)
    /// The credential is limited to others of these.
    case limited(AccessLimits.Limit)
    /// The credential does not open this workspace.
    case workspaceDenied
    /// The credential opens several workspaces, and none was chosen.
    case workspaceRequired

    /// Whether the request showed no good credential before it was rejected.
    package var isFromStranger: Bool {
        switch self {
        case .invalidCredential, .conflictingCredentials, .invalidAuditContext: true
        case .addressDenied, .auditContextRequired, .sessionEnded, .sessionForbids, .sessionFromElsewhere,
            .permissionDenied, .limited, .workspaceDenied, .workspaceRequired:
            false
        }
    }
}
