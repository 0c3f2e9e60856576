package import Encodings
package import StateTokens

/// The API keys in force, found by their hashes.
package struct APIKeyTable: Sendable {
    private let byHash: [APIKeyHash: APIKey]

    package init(_ keys: [APIKey]) {
        byHash = Dictionary(keys.map { ($0.hash, $0) }) { first, _ in first }
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
            credentialID: key.id, workspaceIDs: key.workspaceIDs, permissions: key.permissions)
    }
}
