/// The connections that a revocation is about, as a condition of SQL over the table `connections`.
package struct RevocationCondition {
    package let sql: String
    /// The values of its parameters, in their order.
    package let values: [StoredValue]

    /// - Parameter first: the number of its first parameter.
    package init(_ filter: RevocationFilter, from first: Int, in dialect: ListStatement.Dialect) {
        var values: [StoredValue] = []
        var conditions: [String] = []
        func parameter(_ value: StoredValue) -> String {
            values.append(value)
            return dialect.parameter(first + values.count - 1)
        }
        if let id = filter.workspaceID { conditions.append("workspace_id = \(parameter(.text(id)))") }
        if let id = filter.integrationID { conditions.append("integration_id = \(parameter(.text(id)))") }
        if let id = filter.userID { conditions.append("user_id = \(parameter(.text(id)))") }
        if let since = filter.since {
            let time = parameter(.integer(DatabaseTime(since).millisecondsSinceEpoch))
            conditions.append("(updated_at_ms >= \(time) OR token_read_at_ms >= \(time))")
        }
        // A filter that says nothing matches nothing: callers reject it before.
        sql = conditions.isEmpty ? "1 = 0" : conditions.joined(separator: " AND ")
        self.values = values
    }
}
