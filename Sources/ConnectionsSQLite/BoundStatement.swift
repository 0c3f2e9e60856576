import Connections
import GRDB
import GRDBSQLite

/// A prepared statement that takes its values from us, and gives its rows to us.
///
/// GRDB keeps the statement. Its arguments and rows are not used: each value would pass through two more forms, which takes
/// longer than most of these statements do. It belongs to the thread that has the database.
@safe struct BoundStatement {
    // It owns the handle below, which is good as long as this is; each run holds it.
    private let owner: Statement
    private let statement: OpaquePointer
    private let database: Database
    private let sql: String

    init(_ sql: String, in database: Database) throws {
        owner = try database.cachedStatement(sql: sql)
        unsafe statement = owner.sqliteStatement
        self.database = database
        self.sql = sql
    }

    /// - Parameter values: one for each parameter, in the order of their numbers.
    /// - Returns: each row's values, in the order of the statement's columns.
    func rows(_ values: [StoredValue]) throws -> [[StoredValue]] {
        try withExtendedLifetime(owner) {
            defer { reset() }
            try bind(values)
            var rows: [[StoredValue]] = []
            let columns = unsafe 0..<sqlite3_column_count(statement)
            while try step() { rows.append(columns.map { value($0) }) }
            return rows
        }
    }

    func run(_ values: [StoredValue]) throws {
        try withExtendedLifetime(owner) {
            defer { reset() }
            try bind(values)
            while try step() {}
        }
    }

    private func bind(_ values: [StoredValue]) throws {
        guard unsafe Int(sqlite3_bind_parameter_count(statement)) == values.count else {
            throw DatabaseError(
                resultCode: .SQLITE_MISUSE, message: "a statement has another number of values", sql: sql)
        }
        var index: Int32 = 0
        for value in values {
            index += 1
            let code = bind(value, at: index)
            guard code == SQLITE_OK else { throw failure(code) }
        }
    }

    /// Ends the run. Sealed credentials are not kept until the next one.
    private func reset() {
        unsafe sqlite3_reset(statement)
        unsafe sqlite3_clear_bindings(statement)
    }

    /// - Returns: Whether there is another row.
    private func step() throws -> Bool {
        switch unsafe sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        // GRDB interrupts what a cancelled task reads.
        case SQLITE_INTERRUPT where Task.isCancelled: throw CancellationError()
        case let code: throw failure(code)
        }
    }

    private func failure(_ code: Int32) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code),
            message: unsafe sqlite3_errmsg(database.sqliteConnection).map { unsafe String(cString: $0) },
            sql: sql)
    }

    // MARK: Values

    private func bind(_ value: StoredValue, at index: Int32) -> Int32 {
        // SQLITE_TRANSIENT, which Swift cannot import: SQLite keeps a copy.
        let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .null, .other: return unsafe sqlite3_bind_null(statement, index)
        case .integer(let integer): return unsafe sqlite3_bind_int64(statement, index, integer)
        case .text(var text):
            return text.withUTF8 { octets in
                unsafe octets.withMemoryRebound(to: CChar.self) { characters in
                    unsafe sqlite3_bind_text(
                        statement, index, characters.baseAddress, Int32(clamping: characters.count), copied)
                }
            }
        case .octets(let octets):
            // No address would be NULL.
            guard !octets.isEmpty else { return unsafe sqlite3_bind_zeroblob(statement, index, 0) }
            return unsafe octets.withUnsafeBytes { bytes in
                unsafe sqlite3_bind_blob(
                    statement, index, bytes.baseAddress, Int32(clamping: bytes.count), copied)
            }
        }
    }

    private func value(_ column: Int32) -> StoredValue {
        switch unsafe sqlite3_column_type(statement, column) {
        case SQLITE_NULL: return .null
        case SQLITE_INTEGER: return .integer(unsafe sqlite3_column_int64(statement, column))
        case SQLITE_TEXT:
            // The text first: the count is that of what the call before gave.
            let text = unsafe sqlite3_column_text(statement, column)
            let count = Int(unsafe sqlite3_column_bytes(statement, column))
            return .text(
                unsafe String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            let octets = unsafe sqlite3_column_blob(statement, column)
            let count = Int(unsafe sqlite3_column_bytes(statement, column))
            return .octets(unsafe [UInt8](UnsafeRawBufferPointer(start: octets, count: count)))
        default: return .other
        }
    }
}
