import Connections
import GRDBSQLite

/// Looks rows up by their ids, on the thread that asks: a statement that stays prepared, on a handle of its own that
/// only reads.
///
/// Each look-up is a snapshot of its own, and sees what any process committed before. It waits for no lock. It belongs to
/// one thread at a time.
@safe final class RowLookup {
    private let handle: OpaquePointer
    private let statement: OpaquePointer

    /// - Parameter sql: has the id as `?1`, and the workspace's as `?2` where there is one.
    /// - Returns: `nil` if the file or its tables are not as they should be; the store's other handles say what it is.
    init?(path: String, sql: String) {
        var handle: OpaquePointer?
        var statement: OpaquePointer?
        // Without a busy handler: a lock that is held is an answer.
        let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX
        guard unsafe sqlite3_open_v2(path, &handle, flags, nil) == SQLITE_OK,
            unsafe sqlite3_prepare_v3(
                handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil) == SQLITE_OK,
            let opened = unsafe handle, let prepared = unsafe statement
        else {
            unsafe sqlite3_close_v2(handle)
            return nil
        }
        unsafe self.handle = opened
        unsafe self.statement = prepared
    }

    deinit {
        unsafe sqlite3_finalize(statement)
        unsafe sqlite3_close_v2(handle)
    }

    /// The row's values, in the order of the statement's columns; `nil` if there is none, or it cannot be read at once.
    func values(id: String, workspaceID: String) -> [StoredValue]? {
        defer {
            // Ends the snapshot, which would keep the WAL from being written back.
            unsafe sqlite3_reset(statement)
            unsafe sqlite3_clear_bindings(statement)
        }
        guard bind(id, at: 1), bind(workspaceID, at: 2), unsafe sqlite3_step(statement) == SQLITE_ROW else {
            return nil
        }
        return (0..<(unsafe sqlite3_column_count(statement))).map { value($0) }
    }

    /// Whether there is a row; `nil` if that cannot be read at once.
    func hasRow(id: [UInt8]) -> Bool? {
        defer {
            unsafe sqlite3_reset(statement)
            unsafe sqlite3_clear_bindings(statement)
        }
        let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let isBound = unsafe id.withUnsafeBytes { octets in
            unsafe sqlite3_bind_blob(
                statement, 1, octets.baseAddress, Int32(clamping: octets.count), copied) == SQLITE_OK
        }
        guard isBound else { return nil }
        switch unsafe sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: return nil
        }
    }

    private func bind(_ text: String, at index: Int32) -> Bool {
        // SQLITE_TRANSIENT, which Swift cannot import: SQLite keeps a copy.
        let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        return unsafe sqlite3_bind_text(statement, index, text, Int32(clamping: text.utf8.count), copied)
            == SQLITE_OK
    }

    /// A text is taken as octets: SQLite does not check that it is UTF-8.
    private func value(_ column: Int32) -> StoredValue {
        switch unsafe sqlite3_column_type(statement, column) {
        case SQLITE_NULL: return .null
        case SQLITE_INTEGER: return .integer(unsafe sqlite3_column_int64(statement, column))
        case SQLITE_TEXT, SQLITE_BLOB:
            // In this order: the count is that of what the first call gave.
            let octets = unsafe sqlite3_column_blob(statement, column)
            let count = Int(unsafe sqlite3_column_bytes(statement, column))
            return .octets(unsafe [UInt8](UnsafeRawBufferPointer(start: octets, count: count)))
        default: return .other
        }
    }
}
