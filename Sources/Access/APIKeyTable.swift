package import Encodings
package import StateTokens

/// The API keys in force, found by their hashes.
package struct APIKeyTable: Sendable {
    private let byHash: [APIKeyHash: APIKey]
    private let byID: [String: APIKey]

    package init(_ keys: [APIKey]) {
        byHash = Dictionary(keys.map { ($0.hash, $0) }) { first, _ in first }
        byID = Dictionary(keys.map { ($0.id, $0) }) { first, _ in first }
    }

    /// The holder of the key with this text.
    ///
    /// - Throws: ``AccessError/invalidCredential``, whatever is wrong with it; ``AccessError/addressDenied`` for a good
    ///   key from elsewhere.
    package func principal(
        for text: String, from address: IPAddress? = nil, at now: Timestamp
    ) throws(AccessError) -> Principal {
        guard let key = byHash[APIKeyHash(of: text)], key.isValid(at: now) else { throw .invalidCredential }
        guard key.mayComeFrom(address) else { throw .addressDenied(credentialID: key.id) }
        return Principal(
            credentialID: key.id, workspaceIDs: key.workspaceIDs, permissions: key.permissions,
            expiresAt: key.expiresAt)
    }

    /// The holder of a connect session that a key of this table made. Its address is its user's, and not asked for.
    ///
    /// - Throws: ``AccessError/sessionEnded`` if the key is gone, revoked or expired, or no longer opens the workspace.
    package func principal(
        for session: Session, madeBy id: String, at now: Timestamp
    ) throws(AccessError) -> Principal {
        guard let key = byID[id], key.isValid(at: now),
            key.workspaceIDs.contains(where: { $0.utf8.elementsEqual(session.workspaceID.utf8) })
        else { throw .sessionEnded }
        return Principal(session, makerMay: key.permissions)
    }
}
