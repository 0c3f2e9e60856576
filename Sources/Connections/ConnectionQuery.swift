package import StateTokens

/// Which connections of one workspace to list: the newest first.
package struct ConnectionQuery: Sendable, Hashable {
    package let workspaceID: String
    package let integrationID: String?
    package let status: ConnectionStatus?
    package let userID: String?
    package let limit: Int
    /// The `nextCursor` of the page before.
    package let cursor: String?
    /// The moment that a status is asked for: an active connection that is over by then has expired.
    package let now: Timestamp

    package init(
        workspaceID: String, integrationID: String? = nil, status: ConnectionStatus? = nil,
        userID: String? = nil, limit: Int = 100, cursor: String? = nil, now: Timestamp = .now()
    ) {
        precondition(limit > 0, "a page holds at least one connection")
        self.workspaceID = workspaceID
        self.integrationID = integrationID
        self.status = status
        self.userID = userID
        self.limit = limit
        self.cursor = cursor
        self.now = now
    }
}

extension ConnectionQuery {
    /// Whether a row can match it at all.
    package var isStorable: Bool {
        workspaceID.isStorable && integrationID?.isStorable ?? true && userID?.isStorable ?? true
    }
}
