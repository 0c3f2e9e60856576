#if PostgreSQL
import CPostgreSQL

/// What a statement gave, copied out of libpq's memory.
struct QueryResult: Sendable {
    /// Each row's columns, in the binary format; `nil` is null.
    let rows: [[[UInt8]?]]
    /// Each column's type, as pg_type numbers it.
    let types: [UInt32]
    /// How many rows it wrote.
    let changedCount: Int
    /// What it did, as the server calls it: `COMMIT`, `INSERT 0 1`.
    let tag: String

    @unsafe init(_ result: OpaquePointer) {
        let columns = unsafe PQnfields(result)
        var rows: [[[UInt8]?]] = []
        for row in 0..<(unsafe PQntuples(result)) {
            rows.append(
                (0..<columns).map { column in
                    guard unsafe PQgetisnull(result, row, column) == 0,
                        let value = unsafe PQgetvalue(result, row, column)
                    else { return nil }
                    let count = Int(unsafe PQgetlength(result, row, column))
                    return unsafe [UInt8](UnsafeRawBufferPointer(start: value, count: count))
                })
        }
        self.rows = rows
        types = (0..<columns).map { unsafe PQftype(result, $0) }
        changedCount = unsafe Int(String(cString: PQcmdTuples(result))) ?? 0
        tag = unsafe String(cString: PQcmdStatus(result))
    }
}
#endif
