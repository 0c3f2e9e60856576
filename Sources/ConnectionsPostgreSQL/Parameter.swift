#if PostgreSQL
/// A value for a statement, in PostgreSQL's binary format; the server knows its type from the column.
enum Parameter: Sendable {
    case null
    case text(String)
    case integer(Int64)
    case octets([UInt8])

    static func optional(_ text: String?) -> Parameter { text.map { .text($0) } ?? .null }
    static func optional(_ integer: Int64?) -> Parameter { integer.map { .integer($0) } ?? .null }

    /// - Returns: `false` for null, which has no octets.
    func append(to octets: inout [UInt8]) -> Bool {
        switch self {
        case .null: return false
        case .text(let text): octets.append(contentsOf: text.utf8)
        case .integer(let integer):
            var shift = Int64(64)
            while shift > 0 {
                shift -= 8
                octets.append(UInt8(truncatingIfNeeded: integer >> shift))
            }
        case .octets(let value): octets.append(contentsOf: value)
        }
        return true
    }
}
#endif
