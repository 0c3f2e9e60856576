internal import Encodings

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
        let count = Integer.bitWidth / 8
        guard count <= octets.count - position else { return nil }
        var value: Integer = 0
        for index in position..<position + count {
            value = value << 8 | Integer(truncatingIfNeeded: octets[index])
        }
        position += count
        return value
    }

    mutating func text() -> String? {
        guard let count = integer(UInt32.self), Int(count) <= octets.count - position else { return nil }
        defer { position += Int(count) }
        return String(utf8: octets.span.extracting(position..<position + Int(count)))
    }
}
