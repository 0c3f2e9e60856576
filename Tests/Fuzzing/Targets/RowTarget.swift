import StateTokens

@testable import Connections

/// Rows as both stores read them, with any value in any column: what was read is written again, and reads the same.
struct RowTarget: FuzzTarget {
    init() {}

    mutating func read(_ input: [UInt8]) throws -> Count {
        var values = RowInput(input)
        var row = ColumnReader(SealedRecord.columns, SealedRecord.columns.map { _ in values.next() })
        guard let record = try? SealedRecord(&row) else { return .refused }
        // What came of a database may have a NUL in it, and is not written with one.
        guard let connection = try? record.connection.values() else { return .accepted }
        var again = ColumnReader(SealedRecord.columns, connection + record.credentials.values)
        let reread = try SealedRecord(&again)
        expect(reread == record, "a row that reads differently when it is written again")
        // What callers compute of a row must not trap either.
        _ = record.connection.status(at: .init(secondsSinceEpoch: .max))
        _ = record.credentials.leaseRemaining(at: .init(millisecondsSinceEpoch: .min))
        _ = record.credentials.leaseRemaining(at: .init(millisecondsSinceEpoch: .max))
        return .accepted
    }
}

/// Makes values of an input: an octet for the type, then the value.
private struct RowInput {
    private var rest: ArraySlice<UInt8>

    init(_ input: [UInt8]) { rest = input[...] }

    mutating func next() -> StoredValue {
        switch rest.popFirst() {
        case UInt8(ascii: "i"): return .integer(Int64(bitPattern: take(8).reduce(0) { $0 << 8 | UInt64($1) }))
        case UInt8(ascii: "n"): return .integer(Int64(rest.popFirst() ?? 0))
        case UInt8(ascii: "t"): return .text(String(decoding: counted(), as: UTF8.self))
        case UInt8(ascii: "o"): return .octets(counted())
        case UInt8(ascii: "x"): return .other
        default: return .null
        }
    }

    private mutating func counted() -> [UInt8] { take(Int(rest.popFirst() ?? 0)) }

    private mutating func take(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}
