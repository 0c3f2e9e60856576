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
        rows.map { columns in columns.enumerated().map { value($1, type: types[$0]) } }
    }

    private func value(_ octets: [UInt8]?, type: UInt32) -> StoredValue {
        guard let octets else { return .null }
        switch type {
        case Self.int8, Self.int4, Self.int2:
            guard [2, 4, 8].contains(octets.count), let first = octets.first else { return .other }
            let sign: Int64 = first & 0x80 == 0 ? 0 : -1
            return .integer(octets.reduce(sign) { $0 << 8 | Int64($1) })
        case Self.bytea, Self.text, Self.varchar, Self.json: return .octets(octets)
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
