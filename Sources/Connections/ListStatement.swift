import StateTokens

/// A list of connections as SQL, with the filters that are asked for and no others: a condition that may hold for
/// anything would keep a database from its indexes.
package struct ListStatement {
    /// What two kinds of database write differently.
    package enum Dialect: Sendable {
        case sqlite
        case postgreSQL

        func parameter(_ number: Int) -> String {
            switch self {
            case .sqlite: "?\(number)"
            case .postgreSQL: "$\(number)"
            }
        }

        /// A column that is compared, but not looked up in an index. SQLite knows nothing of the rows, and takes
        /// the wrong one of two indexes; a plus sign keeps it away. PostgreSQL goes by statistics.
        fileprivate func unindexed(_ column: String) -> String {
            switch self {
            case .sqlite: "+\(column)"
            case .postgreSQL: column
            }
        }

        /// Whether the JSON of `tags` has a member with a value. A row may hold anything there.
        fileprivate func hasTag(_ name: String, _ value: String) -> String {
            switch self {
            case .sqlite:
                "CASE WHEN json_valid(tags) THEN EXISTS "
                    + "(SELECT 1 FROM json_each(tags) AS tag WHERE tag.key = \(name) AND tag.value = \(value)) END"
            case .postgreSQL:
                "tags ->> \(name)::text = \(value)"
            }
        }
    }

    /// From `WHERE` to the end.
    package private(set) var sql = "WHERE "
    package private(set) var values: [StoredValue] = []

    package init(
        _ query: ConnectionQuery, after position: RowPosition?, skip: Int, limit: Int, in dialect: Dialect
    ) {
        var values: [StoredValue] = []
        func parameter(_ value: StoredValue) -> String {
            values.append(value)
            return dialect.parameter(values.count)
        }
        var conditions = ["workspace_id = \(parameter(.text(query.workspaceID)))"]
        func equal(_ column: String, _ text: String?) {
            if let text { conditions.append("\(column) = \(parameter(.text(text)))") }
        }
        equal("user_id", query.userID)
        // A user has few connections, an integration many.
        equal(
            query.userID == nil ? "integration_id" : dialect.unindexed("integration_id"), query.integrationID)
        func among(_ column: String, _ texts: [String]?) {
            guard let texts else { return }
            let list = texts.map { parameter(.text($0)) }.joined(separator: ", ")
            // Among none is nothing; `IN ()` is no SQL everywhere.
            conditions.append(texts.isEmpty ? "1 = 0" : "\(column) IN (\(list))")
        }
        among("user_id", query.userIDs)
        among("id", query.connectionIDs)
        // Of the newest first, which an index by integration is not.
        among(dialect.unindexed("integration_id"), query.integrationIDs)
        equal("integration_type", query.integrationType)
        equal("label", query.label)
        if let tag = query.tag {
            conditions.append(dialect.hasTag(parameter(.text(tag.name)), parameter(.text(tag.value))))
        }
        if let end = query.expiresBefore {
            conditions.append("expires_at_s < \(parameter(.integer(end.secondsSinceEpoch)))")
        }
        if let end = query.reauthorizeBefore {
            conditions.append("reauthorize_by_s < \(parameter(.integer(end.secondsSinceEpoch)))")
        }
        if let status = query.status {
            conditions.append(
                """
                \(parameter(.text(status.rawValue))) = CASE WHEN status = 'active' AND is_expiry_final = 1
                AND expires_at_s <= \(parameter(.integer(query.now.secondsSinceEpoch))) THEN 'expired' ELSE status END
                """)
        }
        if let position, let createdAt = position.createdAt {
            let hasEnd = query.expiresBefore != nil || query.reauthorizeBefore != nil
            let created = hasEnd ? dialect.unindexed("created_at_ms") : "created_at_ms"
            conditions.append(
                "(\(created), id) < (\(parameter(.integer(createdAt))), \(parameter(.text(position.id))))")
        }
        sql += conditions.joined(separator: " AND ")
        sql += " ORDER BY created_at_ms DESC, id DESC LIMIT \(parameter(.integer(Int64(limit))))"
        if skip > 0 { sql += " OFFSET \(parameter(.integer(Int64(skip))))" }
        self.values = values
    }
}
