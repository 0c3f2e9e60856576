/// Which connections of one workspace to list: the newest first.
package struct ConnectionQuery: Sendable, Hashable {
    package let workspaceID: String
    package let integrationID: String?
    package let status: ConnectionStatus?
    package let userID: String?
    package let limit: Int
    /// The `nextCursor` of the page before.
    package let cursor: String?

    package init(
        workspaceID: String, integrationID: String? = nil, status: ConnectionStatus? = nil,
        userID: String? = nil, limit: Int = 100, cursor: String? = nil
    ) {
        precondition(limit > 0, "a page holds at least one connection")
        self.workspaceID = workspaceID
        self.integrationID = integrationID
        self.status = status
        self.userID = userID
        self.limit = limit
        self.cursor = cursor
    }
}
