internal import Encodings
internal import FoundationEssentials
internal import StateTokens

/// Why a file of API keys was not read.
package enum APIKeyFileError: Error, Equatable, CustomStringConvertible {
    /// The system call failed; `reason` is its message.
    case inaccessible(path: String, reason: String)
    /// Anybody may write it, and so give themselves a key.
    case tooOpen(path: String)
    /// Not JSON of the right shape; `field` is where.
    case invalid(path: String, field: String, reason: String)

    package var description: String {
        switch self {
        case .inaccessible(let path, let reason): "\(path): \(reason)"
        case .tooOpen(let path):
            "\(path) can be written by everybody; run `chmod o-w \(path)` and look at its keys"
        case .invalid(let path, let field, let reason): "\(path): \(field) \(reason)"
        }
    }
}

/// `api-keys.json`: hashes of API keys, and what each opens.
package enum APIKeyFile {
    /// The names in a key's entry.
    package static var fields: [String] { Content.Entry.CodingKeys.allCases.map(\.rawValue) }

    /// Some hundred thousand keys.
    private static let byteCountLimit = 64 << 20

    package static func load(_ path: String) throws(APIKeyFileError) -> [APIKey] {
        let file: BoundedFile
        do throws(BoundedFile.Failure) {
            file = try BoundedFile(path, upTo: byteCountLimit)
        } catch {
            if case .inaccessible = error {
                throw .inaccessible(
                    path: path, reason: "cannot be read; make it with `symbolon api-keys create`")
            }
            throw .inaccessible(path: path, reason: error.description)
        }
        guard !file.isOpenToAll else { throw .tooOpen(path: path) }
        return try parse(Data(file.octets), path: path)
    }

    static func parse(_ data: Data, path: String) throws(APIKeyFileError) -> [APIKey] {
        let content: Content
        let outline: APIKeyFileOutline
        do {
            outline = try JSONDecoder().decode(APIKeyFileOutline.self, from: data)
            content = try JSONDecoder().decode(Content.self, from: data)
        } catch {
            throw .invalid(
                path: path, field: "the text", reason: "is not the JSON that `symbolon api-keys` writes")
        }
        try outline.check(path)
        var keys: [APIKey] = []
        var ids: Set<String> = []
        var hashes: Set<APIKeyHash> = []
        for (index, entry) in content.keys.enumerated() {
            func invalid(_ field: String, _ reason: String) -> APIKeyFileError {
                .invalid(path: path, field: "keys[\(index)]\(name(entry.id)).\(field)", reason: reason)
            }
            guard let hash = APIKeyHash(entry.hash) else {
                throw invalid("hash", "must be sha256: and 64 hexadecimal digits")
            }
            guard ids.insert(entry.id).inserted else { throw invalid("id", "comes twice") }
            // One of them may be revoked.
            guard hashes.insert(hash).inserted else { throw invalid("hash", "comes twice") }
            guard let createdAt = Timestamp(rfc3339: entry.created_at) else {
                throw invalid("created_at", "must be a time such as 2026-01-01T00:00:00Z")
            }
            let expiresAt = entry.expires_at.map { Timestamp(rfc3339: $0) }
            if case .some(.none) = expiresAt {
                throw invalid("expires_at", "must be a time such as 2026-01-01T00:00:00Z")
            }
            let permissions = entry.permissions.map { Permission(rawValue: $0) }
            guard !permissions.contains(nil) else {
                let known = Permission.allCases.map(\.rawValue).joined(separator: ", ")
                throw invalid("permissions", "must be among \(known)")
            }
            let addresses = (entry.addresses ?? []).map { AddressRange($0) }
            guard !addresses.contains(nil) else {
                throw invalid("addresses", "must be blocks of addresses such as 10.0.0.0/8 or 2001:db8::/32")
            }
            guard [nil, Content.required].contains(entry.audit_context) else {
                throw invalid("audit_context", "must be required, or left out")
            }
            let limits = AccessLimits(entry)
            for limit in AccessLimits.Limit.allCases {
                if let problem = entry.problem(of: limit) { throw invalid(limit.rawValue, problem) }
            }
            guard limits.isEmpty || !permissions.contains(.operate) else {
                throw invalid(
                    "permissions",
                    "cannot have operate, which is for the whole deployment, in a key that is limited")
            }
            guard let status = APIKey.Status(rawValue: entry.status) else {
                throw invalid("status", "must be active or revoked")
            }
            keys.append(
                APIKey(
                    id: entry.id, hash: hash, label: entry.label, workspaceIDs: entry.workspaces,
                    permissions: Set(permissions.compactMap { $0 }),
                    addresses: addresses.compactMap { $0 },
                    requiresAuditContext: entry.audit_context != nil, limits: limits,
                    createdAt: createdAt, expiresAt: expiresAt ?? nil, status: status))
        }
        return keys
    }

    /// ` (key_…)` for an id such as we make; anything else may be a secret in the wrong place.
    private static func name(_ id: String) -> String {
        let isOurs =
            id.hasPrefix("key_") && id.utf8.count <= 16
            && id.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        return isOurs ? " (\(id))" : ""
    }

    /// The file's text, without any key's.
    package static func json(_ keys: [APIKey]) throws -> [UInt8] {
        let entries = keys.map { key in
            let limits = key.reach.limits ?? AccessLimits()
            return Content.Entry(
                id: key.id, hash: key.hash.description, label: key.label, workspaces: key.workspaceIDs,
                permissions: Permission.allCases.filter(key.permissions.contains).map(\.rawValue),
                addresses: key.addresses.isEmpty ? nil : key.addresses.map(\.description),
                audit_context: key.requiresAuditContext ? Content.required : nil,
                integrations: limits[.integrations].nonempty, connections: limits[.connections].nonempty,
                users: limits[.users].nonempty, scopes: limits[.scopes].nonempty,
                expires_at: key.expiresAt?.rfc3339, created_at: key.createdAt.rfc3339,
                status: key.status.rawValue)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(Content(keys: entries))) + [UInt8(ascii: "\n")]
    }
}

/// The shape of the JSON; its names are the file's.
private struct Content: Codable {
    struct Entry: Codable {
        enum CodingKeys: String, CodingKey, CaseIterable {
            case id, hash, label, workspaces, permissions, addresses, audit_context, integrations,
                connections, users, scopes, expires_at, created_at, status
        }

        let id: String
        let hash: String
        let label: String
        let workspaces: [String]
        let permissions: [String]
        let addresses: [String]?
        let audit_context: String?
        let integrations: [String]?
        let connections: [String]?
        let users: [String]?
        let scopes: [String]?
        let expires_at: String?
        let created_at: String
        let status: String
    }

    /// The only word that `audit_context` has.
    static let required = "required"

    let keys: [Entry]
}

extension Content.Entry {
    fileprivate subscript(limit: AccessLimits.Limit) -> [String]? {
        switch limit {
        case .integrations: integrations
        case .connections: connections
        case .users: users
        case .scopes: scopes
        }
    }

    /// What is wrong with a limit; an empty list could be meant as none, or as nothing at all.
    fileprivate func problem(of limit: AccessLimits.Limit) -> String? {
        guard let names = self[limit] else { return nil }
        guard (1...AccessLimits.mostNames).contains(names.count) else {
            return "must have 1 to \(AccessLimits.mostNames) elements, or be left out"
        }
        return names.allSatisfy { limit.takes($0) } ? nil : limit.rule
    }
}

extension AccessLimits {
    /// As many as a query of a store takes.
    package static let mostNames = 1000

    fileprivate init(_ entry: Content.Entry) {
        self.init(
            integrationIDs: entry.integrations ?? [], connectionIDs: entry.connections ?? [],
            userIDs: entry.users ?? [], scopes: entry.scopes ?? [])
    }
}

extension AccessLimits.Limit {
    /// Whether a limit may have this element.
    package func takes(_ text: String) -> Bool {
        switch self {
        case .integrations, .connections, .scopes:
            (1...512).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        case .users:
            (1...128).contains(text.unicodeScalars.count)
                && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
        }
    }

    /// What its elements must be, for people.
    package var rule: String {
        switch self {
        case .integrations, .connections, .scopes: "must be 1 to 512 visible ASCII characters each"
        case .users: "must be 1 to 128 characters each, none of them a control character"
        }
    }
}

extension [String] {
    fileprivate var nonempty: [String]? { isEmpty ? nil : self }
}
