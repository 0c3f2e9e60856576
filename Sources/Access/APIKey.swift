package import Cryptography
package import Encodings
package import StateTokens

/// An API key as it is kept: its hash, and what it opens.
package struct APIKey: Sendable, Equatable {
    package enum Status: String, Sendable {
        case active
        case revoked
    }

    package let id: String
    package let hash: APIKeyHash
    package let label: String
    package let workspaceIDs: [String]
    package let permissions: Set<Permission>
    /// Where it may be used from; none: from anywhere.
    package let addresses: [AddressRange]
    /// Whether each of its requests must say what it is for, in `X-Audit-Context`.
    package let requiresAuditContext: Bool
    package let reach: CredentialReach
    package let createdAt: Timestamp
    package let expiresAt: Timestamp?
    package private(set) var status: Status

    package init(
        id: String, hash: APIKeyHash, label: String, workspaceIDs: [String], permissions: Set<Permission>,
        addresses: [AddressRange] = [], requiresAuditContext: Bool = false,
        limits: AccessLimits = AccessLimits(), createdAt: Timestamp, expiresAt: Timestamp?,
        status: Status = .active
    ) {
        self.id = id
        self.hash = hash
        self.label = label
        self.workspaceIDs = workspaceIDs
        self.permissions = permissions
        self.addresses = addresses
        self.requiresAuditContext = requiresAuditContext
        reach = CredentialReach(limits)
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.status = status
    }

    /// Makes a key. Its text is shown once and kept nowhere.
    package static func make(
        label: String, workspaceIDs: [String], permissions: Set<Permission>,
        addresses: [AddressRange] = [], requiresAuditContext: Bool = false,
        limits: AccessLimits = AccessLimits(), expiresAt: Timestamp?, at now: Timestamp
    ) throws(CryptographyError) -> (key: APIKey, text: String) {
        let secret = try RandomBytes.make(count: 32)
        let name = try RandomBytes.make(count: 9)
        let text = "\(APIKeyHash.prefix)\(Base64URL.encode(secret.span))"
        let id = "key_\(Base64URL.encode(name.span))"
        let key = APIKey(
            id: id, hash: APIKeyHash(of: text), label: label, workspaceIDs: workspaceIDs,
            permissions: permissions, addresses: addresses, requiresAuditContext: requiresAuditContext,
            limits: limits, createdAt: now, expiresAt: expiresAt)
        return (key, text)
    }

    package func revoked() -> APIKey {
        var key = self
        key.status = .revoked
        return key
    }

    /// An unknown address is not one of the listed ones.
    package func mayComeFrom(_ address: IPAddress?) -> Bool {
        addresses.isEmpty || address.map { address in addresses.contains { $0.contains(address) } } ?? false
    }

    package func isValid(at now: Timestamp) -> Bool {
        status == .active && expiresAt.map { now < $0 } ?? true
    }
}

/// The SHA-256 of an API key's text. The text has 256 random bits, so that a slow hash would add nothing.
package struct APIKeyHash: Sendable, Hashable {
    /// What every key's text begins with.
    package static let prefix = "sym_"

    private let digest: [UInt8]

    package init(of text: String) { digest = SHA256.digest(text.utf8.span) }

    /// Reads `sha256:` and 64 lower-case hexadecimal digits.
    package init?(_ text: String) {
        guard text.utf8.starts(with: Self.scheme.utf8),
            let digest = Hexadecimal.decode(String(text.utf8.dropFirst(Self.scheme.utf8.count)) ?? "")
        else { return nil }
        self.digest = digest
        // Upper case would be a second spelling.
        guard digest.count == 32, description == text else { return nil }
    }

    package static func == (left: APIKeyHash, right: APIKeyHash) -> Bool {
        constantTimeEqual(left.digest.span, right.digest.span)
    }

    private static let scheme = "sha256:"
}

extension APIKeyHash: CustomStringConvertible {
    package var description: String {
        Self.scheme + Hexadecimal.encode(digest.span)
    }
}
