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
        func unindexed(_ column: String) -> String {
            switch self {
            case .sqlite: "+\(column)"
            case .postgreSQL: column
            }
        }
    }

    /// From `FROM` to the end.
    package private(set) var sql: String
    package let values: [StoredValue]

    package init(
        _ query: ConnectionQuery, after position: RowPosition?, skip: Int, limit: Int, in dialect: Dialect
    ) {
        var conditions = ListConditions(query, after: position, in: dialect)
        switch conditions.lead {
        case .tag:
            sql = "FROM connection_tags AS tag CROSS JOIN connections \(conditions.selection)"
        case .status where query.status == .expired:
            // Each half ends where the page would, if it were alone.
            let (end, isEndless) = limit.addingReportingOverflow(skip)
            let bound = conditions.parameter(.integer(isEndless ? .max : Int64(end)))
            let (stored, ended) = conditions.expired
            sql = """
                FROM connections WHERE id IN (
                SELECT id FROM (SELECT id FROM connections \(stored) LIMIT \(bound)) AS stored UNION ALL
                SELECT id FROM (SELECT id FROM connections \(ended) LIMIT \(bound)) AS ended)
                ORDER BY created_at_ms DESC, id DESC
                """
        case .connections, .user, .label, .status, .integration, .end, .creation:
            sql = "FROM connections \(conditions.selection)"
        }
        sql += " LIMIT \(conditions.parameter(.integer(Int64(limit))))"
        if skip > 0 { sql += " OFFSET \(conditions.parameter(.integer(Int64(skip))))" }
        values = conditions.values
    }
}
