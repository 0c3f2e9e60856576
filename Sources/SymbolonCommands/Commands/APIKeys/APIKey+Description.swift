internal import Access
import ConnectAPI
import ConnectService
import Encodings
import OAuthHTTP
import StateTokens

extension APIKey {
    /// What it permits, in the order in which permissions are always named.
    var permissionNames: [String] { Permission.allCases.filter(permissions.contains).map(\.rawValue) }

    /// What it is limited to.
    var limitedNames: [(AccessLimits.Limit, [String])] {
        guard let limits = reach.limits else { return [] }
        return AccessLimits.Limit.allCases.map { ($0, limits[$0]) }.filter { !$0.1.isEmpty }
    }

    /// Where it stands, for people.
    func standing(at now: Timestamp) -> StyledText {
        switch status {
        case .revoked: StyledText("revoked", .faint)
        case .active: isValid(at: now) ? StyledText("active", .good) : StyledText("expired", .warning)
        }
    }
}

extension JSONOutput.Members {
    /// What is known of a key, under the file's own names; not its hash.
    mutating func description(of key: APIKey) {
        member("id", key.id)
        member("label", key.label)
        array("workspaces") { elements in
            for id in key.workspaceIDs { elements.element(id) }
        }
        array("permissions") { elements in
            for name in key.permissionNames { elements.element(name) }
        }
        if !key.addresses.isEmpty {
            array("addresses") { elements in
                for range in key.addresses { elements.element(range.description) }
            }
        }
        if key.requiresAuditContext { member("audit_context", "required") }
        for (limit, names) in key.limitedNames {
            array(limit.rawValue) { elements in
                for name in names { elements.element(name) }
            }
        }
        member("created_at", key.createdAt.rfc3339)
        member("expires_at", key.expiresAt?.rfc3339)
        member("status", key.status.rawValue)
    }
}
