import Connections
import FoundationEssentials
import GRDB

extension [StoredColumn] {
    /// For `SELECT`. A text is read as octets: SQLite does not check that it is UTF-8, and would end it at a NUL.
    func selected(from table: String) -> String {
        map { column in
            switch column.kind {
            case .text: "CAST(\(table).\(column.name) AS BLOB)"
            case .integer, .octets: "\(table).\(column.name)"
            }
        }.joined(separator: ", ")
    }

    /// For `INSERT INTO`.
    var names: String { map(\.name).joined(separator: ", ") }

    var placeholders: String { map { _ in "?" }.joined(separator: ", ") }

    /// For `UPDATE`: all but the first, which is the key. Its value comes first, and is `?1`.
    var assignments: String {
        enumerated().dropFirst().map { "\($1.name) = ?\($0 + 1)" }.joined(separator: ", ")
    }
}

extension StoredValue {
    /// What a query gave.
    init(_ value: DatabaseValue) {
        self =
            switch value.storage {
            case .null: .null
            case .int64(let integer): .integer(integer)
            case .string(let text): .text(text)
            case .blob(let data): .octets(Array(data))
            case .double: .other
            }
    }

    /// Whether a column holds the value, as ``Swift/Array/selected(from:)`` reads it.
    func isSame(as value: StoredValue) -> Bool {
        switch (self, value) {
        case (.octets(let octets), .text(let text)): octets.elementsEqual(text.utf8)
        default: self == value
        }
    }

    var databaseValue: DatabaseValue {
        switch self {
        case .null, .other: .null
        case .integer(let integer): integer.databaseValue
        case .text(let text): text.databaseValue
        case .octets(let octets): Data(octets).databaseValue
        }
    }
}

extension Database {
    /// Each row's values, in the order of the statement's columns.
    func values(_ sql: String, _ arguments: [DatabaseValue] = []) throws -> [[StoredValue]] {
        let statement = try cachedStatement(sql: sql)
        return try Row.fetchAll(statement, arguments: StatementArguments(arguments)).map { row in
            row.map { StoredValue($0.1) }
        }
    }

    func write(_ sql: String, _ values: [StoredValue]) throws {
        try cachedStatement(sql: sql).execute(arguments: StatementArguments(values.map(\.databaseValue)))
    }
}
