package import StateTokens

/// Which connections of one workspace to list: the newest first.
package struct ConnectionQuery: Sendable, Hashable {
    package struct Tag: Sendable, Hashable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package let workspaceID: String
    package let integrationID: String?
    package let integrationType: String?
    /// Only of these; `nil`: of any. So are the next two.
    package let integrationIDs: [String]?
    package let connectionIDs: [String]?
    package let userIDs: [String]?
    package let status: ConnectionStatus?
    package let userID: String?
    package let label: String?
    package let tag: Tag?
    /// Only those whose access token expires earlier.
    package let expiresBefore: Timestamp?
    /// Only those that the user has to grant again earlier.
    package let reauthorizeBefore: Timestamp?
    /// How many to leave out at the beginning, after the cursor.
    package let skip: Int
    package let limit: Int
    /// The `nextCursor` of the page before.
    package let cursor: String?
    /// The moment that a status is asked for: an active connection that is over by then has expired.
    package let now: Timestamp

    package init(
        workspaceID: String, integrationID: String? = nil, integrationType: String? = nil,
        integrationIDs: [String]? = nil, connectionIDs: [String]? = nil, userIDs: [String]? = nil,
        status: ConnectionStatus? = nil, userID: String? = nil, label: String? = nil, tag: Tag? = nil,
        expiresBefore: Timestamp? = nil, reauthorizeBefore: Timestamp? = nil, skip: Int = 0,
        limit: Int = 100, cursor: String? = nil, now: Timestamp = .now()
    ) {
        precondition(limit > 0, "a page holds at least one connection")
        precondition(skip >= 0, "a page begins with its first connection or later")
        self.workspaceID = workspaceID
        self.integrationID = integrationID
        self.integrationType = integrationType
        self.integrationIDs = integrationIDs
        self.connectionIDs = connectionIDs
        self.userIDs = userIDs
        self.status = status
        self.userID = userID
        self.label = label
        self.tag = tag
        self.expiresBefore = expiresBefore
        self.reauthorizeBefore = reauthorizeBefore
        self.skip = skip
        self.limit = limit
        self.cursor = cursor
        self.now = now
    }
}

extension ConnectionQuery {
    /// Whether a row can match it at all.
    package var isStorable: Bool {
        [workspaceID, integrationID, integrationType, userID, label, tag?.name, tag?.value]
            .allSatisfy { $0?.isStorable ?? true }
            && [integrationIDs, connectionIDs, userIDs].allSatisfy { names in
                names.map { names in names.allSatisfy { $0.isStorable } } ?? true
            }
    }
}
