#if PostgreSQL
import Connections

extension [StoredColumn] {
    /// For `INSERT INTO`.
    var names: String { map(\.name).joined(separator: ", ") }

    /// For `SELECT`.
    func qualified(by table: String) -> String { map { "\(table).\($0.name)" }.joined(separator: ", ") }

    var placeholders: String { indices.map { "$\($0 + 1)" }.joined(separator: ", ") }

    /// For `UPDATE`: all but the first, which is the key, `$1`.
    var assignments: String {
        enumerated().dropFirst().map { "\($1.name) = $\($0 + 1)" }.joined(separator: ", ")
    }
}

extension Parameter {
    init(_ value: StoredValue) {
        self =
            switch value {
            case .null, .other: .null
            case .integer(let integer): .integer(integer)
            case .text(let text): .text(text)
            case .octets(let octets): .octets(octets)
            }
    }
}

extension QueryResult {
    /// Each row's values, by the types that the server says they have.
    var values: [[StoredValue]] {
        (0..<rowCount).map { row in
            (0..<columnCount).map { column in unsafe read(row, column) { unsafe Self.value($1, type: $0) } }
        }
    }

    private static func value(_ octets: UnsafeRawBufferPointer?, type: UInt32) -> StoredValue {
        guard let octets = unsafe octets else { return .null }
        switch type {
        case int8, int4, int2:
            guard octets.count == 8 || octets.count == 4 || octets.count == 2 else { return .other }
            var integer: Int64 = unsafe octets[0] & 0x80 == 0 ? 0 : -1
            for index in 0..<octets.count { integer = unsafe integer << 8 | Int64(octets[index]) }
            return .integer(integer)
        case bytea, text, varchar, json: return .octets(unsafe [UInt8](octets))
        default: return .other
        }
    }

    // Fixed numbers of pg_type.
    private static let bytea: UInt32 = 17
    private static let int8: UInt32 = 20
    private static let int2: UInt32 = 21
    private static let int4: UInt32 = 23
    private static let text: UInt32 = 25
    private static let json: UInt32 = 114
    private static let varchar: UInt32 = 1043
}
#endif
