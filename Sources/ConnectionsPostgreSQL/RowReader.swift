#if PostgreSQL
import Connections
internal import Encodings

/// Reads a row's columns, from the first to the last. A column that does not hold what it should is an error.
struct RowReader {
    private let columns: [[UInt8]?]
    private var next = 0

    init(_ columns: [[UInt8]?]) { self.columns = columns }

    mutating func optionalOctets() throws(StoreError) -> [UInt8]? {
        guard next < columns.count else { throw .corrupt(reason: "a row has too few columns") }
        defer { next += 1 }
        return columns[next]
    }

    mutating func optionalText() throws(StoreError) -> String? {
        guard let octets = try optionalOctets() else { return nil }
        guard let text = String(utf8: octets.span) else {
            throw .corrupt(reason: "a column is no text")
        }
        return text
    }

    mutating func optionalInteger() throws(StoreError) -> Int64? {
        guard let octets = try optionalOctets() else { return nil }
        guard octets.count == 8 else { throw .corrupt(reason: "a column is no integer") }
        return Int64(bitPattern: octets.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    mutating func octets() throws(StoreError) -> [UInt8] { try present(try optionalOctets()) }
    mutating func text() throws(StoreError) -> String { try present(try optionalText()) }
    mutating func integer() throws(StoreError) -> Int64 { try present(try optionalInteger()) }

    private func present<Value>(_ value: Value?) throws(StoreError) -> Value {
        guard let value else { throw .corrupt(reason: "a column is empty") }
        return value
    }
}
#endif
