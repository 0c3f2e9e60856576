/// The little of the protocol buffers' encoding that two small messages need: numbers and octets.
struct ProtobufWriter {
    private(set) var octets: [UInt8] = []

    mutating func append(number field: UInt64, _ value: UInt64) {
        append(varint: field << 3 | ProtobufFields.varint)
        append(varint: value)
    }

    mutating func append(octets field: UInt64, _ value: Span<UInt8>) {
        append(varint: field << 3 | ProtobufFields.lengthDelimited)
        append(varint: UInt64(value.count))
        for index in value.indices { octets.append(value[index]) }
    }

    mutating func append(message field: UInt64, _ message: ProtobufWriter) {
        let value = message.octets
        append(octets: field, value.span)
    }

    private mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            octets.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        octets.append(UInt8(rest))
    }
}

/// A message's fields, each of them once. What is absent has its default: 0, or no octets.
struct ProtobufFields {
    static let varint: UInt64 = 0
    static let lengthDelimited: UInt64 = 2

    private var numbers: [UInt64: UInt64] = [:]
    private var octets: [UInt64: [UInt8]] = [:]

    /// - Returns: `nil` for octets that are no message, or have fields that are doubled or of other kinds.
    init?(_ message: [UInt8]) {
        var rest = message[...]
        while !rest.isEmpty {
            guard let tag = Self.varint(&rest) else { return nil }
            let field = tag >> 3
            guard field > 0, numbers[field] == nil, octets[field] == nil else { return nil }
            switch tag & 7 {
            case Self.varint:
                guard let value = Self.varint(&rest) else { return nil }
                numbers[field] = value
            case Self.lengthDelimited:
                guard let count = Self.varint(&rest), count <= UInt64(rest.count) else { return nil }
                octets[field] = Array(rest.prefix(Int(count)))
                rest = rest.dropFirst(Int(count))
            default: return nil
            }
        }
    }

    func number(_ field: UInt64) -> UInt64 { numbers[field] ?? 0 }

    func octets(_ field: UInt64) -> [UInt8] { octets[field] ?? [] }

    private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let octet = rest.popFirst() else { return nil }
            // The tenth octet has room for one bit.
            guard shift < 63 || octet <= 1 else { return nil }
            value |= UInt64(octet & 0x7f) << shift
            if octet < 0x80 { return value }
        }
        return nil
    }
}
