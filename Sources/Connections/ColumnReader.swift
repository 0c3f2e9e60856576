internal import Encodings

/// A column of a table, as the statements of every store name it.
package struct StoredColumn: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case text
        case integer
        case octets
    }

    package let name: String
    package let kind: Kind

    init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

/// One column's value, as a database takes it or gives it back.
package enum StoredValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case text(String)
    /// A blob, or the octets of a text that is still to be checked.
    case octets([UInt8])
    /// A type that no column of ours has.
    case other

    package static func optional(_ text: String?) -> StoredValue { text.map { .text($0) } ?? .null }

    package static func optional(_ integer: Int64?) -> StoredValue { integer.map { .integer($0) } ?? .null }

    package static func optional(_ octets: [UInt8]?) -> StoredValue { octets.map { .octets($0) } ?? .null }
}

extension String {
    /// Whether a store can hold the text as it is: SQLite's interface ends a text at a NUL, and PostgreSQL has none.
    /// What it cannot hold matches no row.
    package var isStorable: Bool { !utf8.contains(0) }
}

/// Reads a row's columns, from the first to the last.
///
/// A row may hold anything: another program, a restored backup or a broken disk may have written it. Nothing in it
/// traps; what does not fit throws and names the column.
package struct ColumnReader {
    /// More than any value of ours has, and little enough that one row exhausts nothing.
    private static let byteCountLimit = 4 << 20

    private let columns: [StoredColumn]
    private let values: [StoredValue]
    private var next = 0

    package init(_ columns: [StoredColumn], _ values: [StoredValue]) {
        self.columns = columns
        self.values = values
    }

    private mutating func take() throws(RowFault) -> StoredValue {
        guard next < columns.count else { throw RowFault("\(next + 1)", .missing) }
        guard next < values.count else { throw RowFault(columns[next].name, .missing) }
        defer { next += 1 }
        return values[next]
    }

    package mutating func optionalOctets() throws(RowFault) -> [UInt8]? {
        let octets: [UInt8]
        switch try take() {
        case .null: return nil
        case .octets(let found): octets = found
        case .text(let text): octets = Array(text.utf8)
        case .integer, .other: throw fault(.wrongType)
        }
        guard octets.count <= Self.byteCountLimit else { throw fault(.tooLarge) }
        return octets
    }

    package mutating func optionalText() throws(RowFault) -> String? {
        guard let octets = try optionalOctets() else { return nil }
        // As nearly every text is, and as is found out in one pass.
        if octets.isPlainASCII { return String(decoding: octets, as: UTF8.self) }
        guard let text = String(utf8: octets.span) else { throw fault(.notText) }
        // No change of the row could be written back, so a refresh must not begin.
        guard text.isStorable else { throw fault(.malformed) }
        return text
    }

    package mutating func optionalInteger(
        in range: ClosedRange<Int64> = .min ... .max
    ) throws(RowFault) -> Int64? {
        switch try take() {
        case .null: return nil
        case .integer(let integer):
            guard range.contains(integer) else { throw fault(.outOfRange) }
            return integer
        case .text, .octets, .other: throw fault(.wrongType)
        }
    }

    package mutating func octets() throws(RowFault) -> [UInt8] {
        guard let octets = try optionalOctets() else { throw fault(.missing) }
        return octets
    }

    package mutating func text() throws(RowFault) -> String {
        guard let text = try optionalText() else { throw fault(.missing) }
        return text
    }

    package mutating func integer(in range: ClosedRange<Int64> = .min ... .max) throws(RowFault) -> Int64 {
        guard let integer = try optionalInteger(in: range) else { throw fault(.missing) }
        return integer
    }

    /// A value that a text names.
    package mutating func value<Value>(_ make: (String) -> Value?) throws(RowFault) -> Value {
        guard let value = make(try text()) else { throw fault(.unknownValue) }
        return value
    }

    /// A value of a fixed number of octets.
    package mutating func value<Value>(octets make: ([UInt8]) -> Value?) throws(RowFault) -> Value {
        guard let value = make(try octets()) else { throw fault(.malformed) }
        return value
    }

    /// What is wrong with the column that was read last.
    package func fault(_ problem: RowFault.Problem) -> RowFault {
        RowFault(next > 0 && next <= columns.count ? columns[next - 1].name : "\(next)", problem)
    }
}

extension [UInt8] {
    /// No NUL, and nothing beyond ASCII.
    fileprivate var isPlainASCII: Bool {
        var isPlain = true
        for octet in self where octet &- 1 > 0x7E { isPlain = false }
        return isPlain
    }
}

/// What is read of a row that may hold anything, to find out who else lives by a grant.
struct SharerRow {
    let sharer: GrantSharer
    /// Its place in the order of ids; `nil` if the id is no text.
    let position: [UInt8]?
    /// `nil` if it is no text, and so below.
    let integrationID: String?
    let config: [String: String]?

    /// - Parameter values: the columns `id`, `workspace_id`, `integration_id` and `config`.
    init(_ values: [StoredValue]) {
        let texts = values.map(\.string)
        sharer = GrantSharer(
            id: texts.first?.flatMap { ConnectionID($0) }, workspaceID: texts.count > 1 ? texts[1] : nil)
        position = values.first?.textOctets
        integrationID = texts.count > 2 ? texts[2] : nil
        config = (texts.count > 3 ? texts[3] : nil).flatMap { StoredJSON.readableDictionary(Array($0.utf8)) }
    }
}

extension StoredValue {
    fileprivate var textOctets: [UInt8]? {
        switch self {
        case .text(let text): Array(text.utf8)
        case .octets(let octets): octets
        case .null, .integer, .other: nil
        }
    }

    var string: String? {
        switch self {
        case .text(let text): text
        case .octets(let octets): String(utf8: octets.span)
        case .null, .integer, .other: nil
        }
    }
}
