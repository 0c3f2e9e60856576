#if PostgreSQL
/// A value for a statement, in PostgreSQL's binary format; the server knows its type from the column.
enum Parameter: Sendable {
    case null
    case text(String)
    case integer(Int64)
    case octets([UInt8])

    static func optional(_ text: String?) -> Parameter { text.map { .text($0) } ?? .null }
    static func optional(_ integer: Int64?) -> Parameter { integer.map { .integer($0) } ?? .null }

    var binary: [UInt8]? {
        switch self {
        case .null: nil
        case .text(let text): Array(text.utf8)
        case .integer(let integer):
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: integer >> Int64($0)) }
        case .octets(let octets): octets
        }
    }
}
#endif
