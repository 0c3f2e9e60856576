internal import Encodings

/// A row of a list: what it holds, or why it cannot be read, and where it stands.
package struct ListedRow<Record: Sendable>: Sendable {
    package let record: Result<Record, UnreadableConnection>
    /// `nil` if the columns that order the list cannot be read.
    package let position: RowPosition?

    /// - Parameters:
    ///   - columns: those of `values`, with `id` the first.
    ///   - read: makes the record.
    package init(
        _ columns: [StoredColumn], _ values: [StoredValue],
        _ read: (inout ColumnReader) throws(RowFault) -> Record
    ) {
        var id: String?
        if case .octets(let octets)? = values.first { id = String(utf8: octets.span) }
        if case .text(let text)? = values.first { id = text }
        position = id.map { RowPosition(createdAt: Self.creation(columns, values), id: $0) }
        var reader = ColumnReader(columns, values)
        do throws(RowFault) {
            record = .success(try read(&reader))
        } catch {
            record = .failure(UnreadableConnection(id: id.flatMap { ConnectionID($0) }, fault: error))
        }
    }

    private static func creation(_ columns: [StoredColumn], _ values: [StoredValue]) -> Int64? {
        guard let index = columns.firstIndex(where: { $0.name == "created_at_ms" }), index < values.count,
            case .integer(let milliseconds) = values[index]
        else { return nil }
        return milliseconds
    }
}

/// Where a row stands in a list, readable or not.
package struct RowPosition: Sendable, Hashable {
    package let createdAt: Int64?
    package let id: String

    package init(createdAt: Int64?, id: String) {
        self.createdAt = createdAt
        self.id = id
    }
}
