import StateTokens

/// What must hold for the connections of a list, as conditions of SQL, and which of them an index leads to.
struct ListConditions {
    /// The filter by whose index rows are found. There is an index for each that also has the order of the list, but for
    /// `connections` and `end`, whose rows are sorted.
    enum Lead {
        case connections
        case user
        case tag
        case label
        case status
        case integration
        case end
        case creation

        /// The one that fewest rows match, as a rule. Most connections are active.
        init(_ query: ConnectionQuery) {
            self =
                if query.connectionIDs != nil {
                    .connections
                } else if query.userID != nil || query.userIDs != nil {
                    .user
                } else if query.tag != nil {
                    .tag
                } else if query.label != nil {
                    .label
                } else if let status = query.status, status != .active {
                    .status
                } else if query.integrationID != nil {
                    .integration
                } else if query.expiresBefore != nil || query.reauthorizeBefore != nil {
                    .end
                } else if query.status != nil {
                    .status
                } else {
                    .creation
                }
        }
    }

    let lead: Lead
    private var all: [String] = []
    private(set) var values: [StoredValue] = []
    private let dialect: ListStatement.Dialect
    private var now = ""
    private var position: (created: String, id: String)?

    init(
        _ query: ConnectionQuery, after position: RowPosition?, in dialect: ListStatement.Dialect
    ) {
        lead = Lead(query)
        self.dialect = dialect
        // Every index but that of the ids begins with the workspace.
        let isFoundByID = lead == .connections || lead == .tag
        equal(isFoundByID ? dialect.unindexed(Self.workspace) : Self.workspace, query.workspaceID)
        equal(column("user_id", .user), query.userID)
        equal(column("integration_id", .integration), query.integrationID)
        among(column("user_id", .user), query.userIDs)
        among(column("id", .connections), query.connectionIDs)
        // Of the newest first, which an index by integration is not.
        among(dialect.unindexed("integration_id"), query.integrationIDs)
        equal("integration_type", query.integrationType)
        equal(column("label", .label), query.label)
        if let tag = query.tag { add(tag, in: query.workspaceID) }
        before(column("expires_at_s", .end), query.expiresBefore)
        before(column("reauthorize_by_s", .end), query.reauthorizeBefore)
        if let status = query.status { add(status, at: query.now) }
        if let position, let createdAt = position.createdAt {
            self.position = (parameter(.integer(createdAt)), parameter(.text(position.id)))
        }
    }

    private static let workspace = "connections.workspace_id"

    /// By the columns of the index that leads.
    private var key: (created: String, id: String) {
        switch lead {
        case .tag: ("tag.created_at_ms", "tag.connection_id")
        case .connections, .end: (dialect.unindexed(Self.created), "connections.id")
        case .user, .label, .status, .integration, .creation: (Self.created, "connections.id")
        }
    }

    private static let created = "connections.created_at_ms"

    /// From `WHERE` to the order.
    var selection: String { selection(key) }

    /// The same for connections whose status is `expired`, and for those that are over and still said to be active. The end
    /// of the latter is an expression that is indexed, since the status would lead to all that are active. They are few, and
    /// sorted: by an expression, since the order would lead to all of the workspace.
    var expired: (stored: String, ended: String) {
        (
            selection(key, and: "status = 'expired'"),
            selection(
                ("\(Self.created) + 0", "connections.id"),
                and: "is_expiry_final = 1 AND \(Self.finalExpiry) <= \(now)")
        )
    }

    private static let finalExpiry =
        "CASE WHEN status = 'active' AND is_expiry_final = 1 THEN expires_at_s END"

    private func selection(
        _ key: (created: String, id: String), and condition: String? = nil
    ) -> String {
        var conditions = all
        if let condition { conditions.append(condition) }
        if let position {
            conditions.append("(\(key.created), \(key.id)) < (\(position.created), \(position.id))")
        }
        return "WHERE \(conditions.joined(separator: " AND ")) ORDER BY \(key.created) DESC, \(key.id) DESC"
    }

    mutating func parameter(_ value: StoredValue) -> String {
        values.append(value)
        return dialect.parameter(values.count)
    }

    private func column(_ name: String, _ lead: Lead) -> String {
        lead == self.lead ? name : dialect.unindexed(name)
    }

    private mutating func equal(_ column: String, _ text: String?) {
        if let text { all.append("\(column) = \(parameter(.text(text)))") }
    }

    private mutating func among(_ column: String, _ texts: [String]?) {
        guard let texts else { return }
        let list = texts.map { parameter(.text($0)) }.joined(separator: ", ")
        // Among none is nothing; `IN ()` is no SQL everywhere.
        all.append(texts.isEmpty ? "1 = 0" : "\(column) IN (\(list))")
    }

    private mutating func before(_ column: String, _ end: Timestamp?) {
        if let end { all.append("\(column) < \(parameter(.integer(end.secondsSinceEpoch)))") }
    }

    private mutating func add(_ status: ConnectionStatus, at now: Timestamp) {
        switch (lead, status) {
        case (.status, .inactive), (.status, .testing), (.status, .error):
            equal("status", status.rawValue)
            return
        default: break
        }
        let end = parameter(.integer(now.secondsSinceEpoch))
        let isOver = "is_expiry_final = 1 AND expires_at_s <= \(end)"
        switch (lead, status) {
        case (.status, .expired): self.now = end
        case (.status, .active): all.append("status = 'active' AND CASE WHEN \(isOver) THEN 0 ELSE 1 END = 1")
        default:
            all.append(
                """
                \(parameter(.text(status.rawValue))) = CASE WHEN status = 'active' AND \(isOver) THEN 'expired'
                ELSE status END
                """)
        }
    }

    private mutating func add(_ tag: ConnectionQuery.Tag, in workspaceID: String) {
        let has = "tag.name = \(parameter(.text(tag.name))) AND tag.value = \(parameter(.text(tag.value)))"
        guard lead == .tag else {
            all.append(
                "EXISTS (SELECT 1 FROM connection_tags AS tag WHERE tag.connection_id = connections.id "
                    + "AND \(has))")
            return
        }
        equal("tag.workspace_id", workspaceID)
        all.append("\(has) AND connections.id = tag.connection_id")
    }
}
