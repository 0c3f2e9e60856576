import Connections
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
    /// Whether a column holds the value, as ``Swift/Array/selected(from:)`` reads it.
    func isSame(as value: StoredValue) -> Bool {
        switch (self, value) {
        case (.octets(let octets), .text(let text)): octets.elementsEqual(text.utf8)
        default: self == value
        }
    }
}

extension Database {
    /// Each row's values, in the order of the statement's columns.
    func values(_ sql: String, _ arguments: [StoredValue] = []) throws -> [[StoredValue]] {
        try BoundStatement(sql, in: self).rows(arguments)
    }

    func write(_ sql: String, _ values: [StoredValue]) throws {
        // SQLite undoes a transaction by itself where a write finds the disk full: what comes next would stand alone.
        guard isInsideTransaction else {
            throw DatabaseError(resultCode: .SQLITE_ABORT, message: "the transaction was undone", sql: sql)
        }
        try BoundStatement(sql, in: self).run(values)
    }
}
