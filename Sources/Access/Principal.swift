/// Who a request comes from, once its credential was verified.
package struct Principal: Sendable, Equatable {
    /// The credential's own id, fit for logs.
    package let credentialID: String
    /// The workspaces that it opens.
    package let workspaceIDs: [String]
    package let permissions: Set<Permission>
    /// The user, where the credential names one.
    package let userID: String?

    package init(
        credentialID: String, workspaceIDs: [String], permissions: Set<Permission>, userID: String? = nil
    ) {
        self.credentialID = credentialID
        self.workspaceIDs = workspaceIDs
        self.permissions = permissions
        self.userID = userID
    }

    /// The workspace that a request is about: the chosen one, or the only one there is.
    ///
    /// - Parameter chosen: what `X-Workspace-Id` says. It chooses among what the credential opens, and opens nothing.
    package func workspaceID(choosing chosen: String?) throws(AccessError) -> String {
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
        guard permissions.contains(permission) else { throw .permissionDenied(permission) }
    }
}

/// Why a request may not do what it asks for.
package enum AccessError: Error, Equatable {
    /// No credential, an unknown one, or one that is revoked or expired.
    case invalidCredential
    /// A good API key, from an address that it is not for.
    case addressDenied(credentialID: String)
    /// Two credentials that differ.
    case conflictingCredentials
    /// The credential is good, and lacks this permission.
    case permissionDenied(Permission)
    /// The credential does not open this workspace.
    case workspaceDenied
    /// The credential opens several workspaces, and none was chosen.
    case workspaceRequired
}
