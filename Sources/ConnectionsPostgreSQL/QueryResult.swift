#if PostgreSQL
import CPostgreSQL

/// What a statement gave. Its values are read out of libpq's memory when they are asked for.
struct QueryResult: Sendable {
    private let result: OwnedResult
    /// How many rows it wrote.
    let changedCount: Int
    /// What it did, as the server calls it: `COMMIT`, `INSERT 0 1`.
    let tag: String

    /// - Parameter result: of a statement that succeeded.
    init(_ result: OwnedResult) {
        self.result = result
        changedCount = Int(result.changedCount) ?? 0
        tag = result.tag
    }

    var rowCount: Int { Int(result.rowCount) }

    /// Each row's columns, in the format that was asked for; `nil` is null.
    var rows: [[[UInt8]?]] {
        (0..<result.rowCount).map { row in
            (0..<result.columnCount).map { column in
                unsafe result.withValue(row, column) { value in unsafe value.map { unsafe [UInt8]($0) } }
            }
        }
    }

    /// What a column has, by the type that the server says it has.
    ///
    /// - Parameter value: its octets in the binary format; `nil` is null.
    func read<Value>(
        _ row: Int, _ column: Int, _ body: (_ type: UInt32, _ value: UnsafeRawBufferPointer?) -> Value
    ) -> Value {
        unsafe result.withValue(Int32(row), Int32(column)) { unsafe body(result.type(Int32(column)), $0) }
    }

    var columnCount: Int { Int(result.columnCount) }
}

/// A result of libpq, which is cleared when its last reference is released.
// Sendable without a check, and safe: libpq does not change a result once it is complete, so threads only read it. It is cleared
// in `deinit`, which runs after the last read.
@safe final class OwnedResult: @unchecked Sendable {
    private let result: OpaquePointer

    /// - Parameter result: nothing else clears it.
    @unsafe init(_ result: OpaquePointer) { unsafe self.result = result }

    deinit { unsafe PQclear(result) }

    var status: ExecStatusType { unsafe PQresultStatus(result) }
    var rowCount: Int32 { unsafe PQntuples(result) }
    var columnCount: Int32 { unsafe PQnfields(result) }
    var changedCount: String { unsafe String(cString: PQcmdTuples(result)) }
    var tag: String { unsafe String(cString: PQcmdStatus(result)) }

    var sqlState: String {
        guard let field = unsafe PQresultErrorField(result, Int32(UInt8(ascii: "C"))) else {
            return "XX000"
        }
        return unsafe String(cString: field)
    }

    /// The type's OID in pg_type.
    func type(_ column: Int32) -> UInt32 { unsafe PQftype(result, column) }

    /// - Parameter body: gets the value's octets, which are valid until it returns; `nil` is null.
    func withValue<Value>(
        _ row: Int32, _ column: Int32, _ body: (UnsafeRawBufferPointer?) -> Value
    ) -> Value {
        guard unsafe PQgetisnull(result, row, column) == 0,
            let value = unsafe PQgetvalue(result, row, column)
        else { return body(nil) }
        let count = Int(unsafe PQgetlength(result, row, column))
        return unsafe body(UnsafeRawBufferPointer(start: value, count: count))
    }
}
#endif
