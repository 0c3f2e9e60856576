package import Encodings
package import StateTokens

/// The API keys in force, found by their hashes.
package struct APIKeyTable: Sendable {
    /// A key, and when it was last used.
    private struct Entry {
        let key: APIKey
        let use: APIKeyUses.Entry?
    }

    private let byHash: [APIKeyHash: Entry]
    private let byID: [String: APIKey]

    /// - Parameter uses: where it is noted that keys were used; `nil`: nowhere.
    package init(_ keys: [APIKey], uses: APIKeyUses? = nil) {
        byHash = Dictionary(keys.map { ($0.hash, Entry(key: $0, use: uses?.entry(of: $0.id))) }) { first, _ in
            first
        }
        byID = Dictionary(keys.map { ($0.id, $0) }) { first, _ in first }
    }

    /// The holder of the key with this text.
    ///
    /// - Parameter auditContext: what the request says that it is for.
    /// - Throws: ``AccessError/invalidCredential``, whatever is wrong with it; ``AccessError/addressDenied`` for a good
    ///   key from elsewhere; ``AccessError/auditContextRequired`` for one that has to be used with a context.
    package func principal(
        for text: String, from address: IPAddress? = nil, auditContext: String? = nil, at now: Timestamp
    ) throws(AccessError) -> Principal {
        guard let entry = byHash[APIKeyHash(of: text)], entry.key.isValid(at: now) else {
            throw .invalidCredential
        }
        let key = entry.key
        guard key.mayComeFrom(address) else { throw .addressDenied(credentialID: key.id) }
        guard !key.requiresAuditContext || auditContext != nil else {
            throw .auditContextRequired(credentialID: key.id)
        }
        entry.use?.note(now)
        return Principal(
            credentialID: key.id, workspaceIDs: key.workspaceIDs, permissions: key.permissions,
            userID: key.reach.onlyUserID, reach: key.reach, expiresAt: key.expiresAt,
            requiresAuditContext: key.requiresAuditContext)
    }

    /// The holder of a connect session that a key of this table made. Its address is its user's, and not asked for.
    ///
    /// - Throws: ``AccessError/sessionEnded`` if the key is gone, revoked or expired, or no longer opens the workspace
    ///   or may no longer act for the user.
    package func principal(
        for session: Session, madeBy id: String, at now: Timestamp
    ) throws(AccessError) -> Principal {
        guard let key = byID[id], key.isValid(at: now),
            key.workspaceIDs.contains(where: { $0.utf8.elementsEqual(session.workspaceID.utf8) }),
            !(key.reach.limits?.excludes(session.userID, by: .users) ?? false)
        else { throw .sessionEnded }
        return Principal(session, makerMay: key.permissions, reach: key.reach)
    }
}

extension CredentialReach {
    /// A credential for one user acts for that user.
    fileprivate var onlyUserID: String? {
        guard let users = limits?.userIDs, users.count == 1 else { return nil }
        return users[0]
    }
}
