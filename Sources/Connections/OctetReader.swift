/// Reads what `OctetWriter` wrote; `nil` means that the octets end early or are not UTF-8.
struct OctetReader {
    private let octets: [UInt8]
    private var position = 0

    init(_ octets: [UInt8]) { self.octets = octets }

    var isAtEnd: Bool { position == octets.count }

    mutating func octet() -> UInt8? {
        guard position < octets.count else { return nil }
        defer { position += 1 }
        return octets[position]
    }

    mutating func octets(count: Int) -> [UInt8]? {
        guard count >= 0, count <= octets.count - position else { return nil }
        defer { position += count }
        return Array(octets[position..<(position + count)])
    }

    /// Big endian.
    mutating func integer<Integer: FixedWidthInteger>(_: Integer.Type) -> Integer? {
        guard let field = octets(count: Integer.bitWidth / 8) else { return nil }
        return field.reduce(0) { $0 << 8 | Integer(truncatingIfNeeded: $1) }
    }

    mutating func text() -> String? {
        guard let count = integer(UInt32.self), let payload = octets(count: Int(count)) else { return nil }
        return String(validating: payload, as: UTF8.self)
    }
}
