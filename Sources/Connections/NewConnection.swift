/// A connection about to be inserted; its revision and times are the store's to set.
package struct NewConnection: Sendable, Hashable {
    package let id: ConnectionID
    package let workspaceID: String
    package let userID: String?
    package let integrationID: String
    package let label: String
    package let tags: [String: String]
    package let status: ConnectionStatus
    /// What is to be known about a connection that is active all the same.
    package let statusReason: String?
    package let terms: GrantTerms
    /// As in ``RefreshedGrant``.
    package let movesEnd: Bool
    /// Not inserted where there is a connection of the same user, client and account, which is to be renewed instead: where
    /// accounts are known; `nil` inserts it whatever there is.
    package var renewsWithin: AccountScope?

    package init(
        id: ConnectionID, workspaceID: String, userID: String?, integrationID: String, label: String,
        tags: [String: String] = [:], status: ConnectionStatus = .active, statusReason: String? = nil,
        terms: GrantTerms, movesEnd: Bool = false, renewsWithin: AccountScope? = nil
    ) {
        self.id = id
        self.workspaceID = workspaceID
        self.userID = userID
        self.integrationID = integrationID
        self.label = label
        self.tags = tags
        self.status = status
        self.statusReason = statusReason
        self.terms = terms
        self.movesEnd = movesEnd
        self.renewsWithin = renewsWithin
    }
}

/// A connection about to be inserted, with its credentials.
package struct SealedNewConnection: Sendable, Hashable {
    package let connection: NewConnection
    package let credentials: SealedCredentials

    package init(connection: NewConnection, credentials: SealedCredentials) {
        self.connection = connection
        self.credentials = credentials
    }
}

/// What a flow that renews a connection puts in place of the old grant.
///
/// The connection keeps its id and user, and is active again.
package struct ConnectionRenewal: Sendable, Hashable {
    package let id: ConnectionID
    package let workspaceID: String
    /// The revision that was read when the account was compared: a renewal must not overwrite what it never
    /// saw.
    package var ifRevision: Int64
    /// What the connection has to match still, in place of having that revision.
    package let ifMatching: ConnectionMatch?
    /// As in ``NewConnection``.
    package let statusReason: String?
    /// `nil`: as it was; and so with the tags.
    package let label: String?
    package let tags: [String: String]?
    package let terms: GrantTerms
    /// As in ``RefreshedGrant``.
    package let movesEnd: Bool

    package init(
        id: ConnectionID, workspaceID: String, ifRevision: Int64, ifMatching: ConnectionMatch? = nil,
        statusReason: String? = nil, label: String? = nil, tags: [String: String]? = nil, terms: GrantTerms,
        movesEnd: Bool = false
    ) {
        self.id = id
        self.workspaceID = workspaceID
        self.ifRevision = ifRevision
        self.ifMatching = ifMatching
        self.statusReason = statusReason
        self.label = label
        self.tags = tags
        self.terms = terms
        self.movesEnd = movesEnd
    }
}
