/// Reads the parts of a record one after another.
struct RecordReader {
    private(set) var index: Int

    init(index: Int) { self.index = index }

    /// A big-endian integer of at most 4 octets.
    @inline(__always)
    mutating func integer(_ record: Span<UInt8>, byteCount: Int) throws(StateRecordError) -> UInt32 {
        guard record.count - index >= byteCount else { throw .invalid }
        var value: UInt32 = 0
        for offset in 0..<byteCount { value = value << 8 | UInt32(record[index + offset]) }
        index += byteCount
        return value
    }

    mutating func octets<let byteCount: Int>(
        _ record: Span<UInt8>
    ) throws(StateRecordError) -> Octets<byteCount> {
        guard record.count - index >= byteCount else { throw .invalid }
        defer { index += byteCount }
        return Octets(record, from: index)
    }

    /// A text, possibly empty, that is decoded later.
    mutating func unreadText(_ record: Span<UInt8>) throws(StateRecordError) -> RecordText {
        try RecordText(record, at: &index)
    }

    mutating func varint(_ record: Span<UInt8>) throws(StateRecordError) -> Int {
        try Varint.read(record, at: &index)
    }

    /// Where the octets are that follow their own length.
    mutating func lengthPrefixed(_ record: Span<UInt8>) throws(StateRecordError) -> Range<Int> {
        let byteCount = try varint(record)
        guard byteCount <= record.count - index else { throw .invalid }
        defer { index += byteCount }
        return index..<index + byteCount
    }

    /// A text that must not be empty.
    mutating func text(_ record: Span<UInt8>) throws(StateRecordError) -> String {
        let text = try RecordText(record, at: &index)
        guard !text.isEmpty else { throw .invalid }
        return text.text(in: record)
    }

    /// Names with values, at least one.
    mutating func parameters(_ record: Span<UInt8>) throws(StateRecordError) -> [String: String] {
        let count = try count(record)
        var parameters: [String: String] = [:]
        var before = ""
        for _ in 0..<count {
            let name = try text(record)
            // Names are ASCII, so that this order is that of their octets.
            guard StateRecord.isParameterName(name.utf8.span), before < name else { throw .invalid }
            parameters[name] = try RecordText(record, at: &index).text(in: record)
            before = name
        }
        return parameters
    }

    /// Tags, at least one. Their names are of any characters, so two that Unicode calls equivalent are refused.
    mutating func tags(_ record: Span<UInt8>) throws(StateRecordError) -> [String: String] {
        let count = try count(record)
        var tags: [String: String] = [:]
        var before = ""
        for _ in 0..<count {
            let name = try text(record)
            guard before.utf8.lexicographicallyPrecedes(name.utf8), tags[name] == nil else { throw .invalid }
            tags[name] = try RecordText(record, at: &index).text(in: record)
            before = name
        }
        return tags
    }

    /// How many parts follow: at least one, and no more than there are octets left.
    mutating func count(_ record: Span<UInt8>) throws(StateRecordError) -> Int {
        let count = try varint(record)
        guard count >= 1, count <= record.count - index else { throw .invalid }
        return count
    }
}

/// An unsigned integer in groups of seven bits, little end first (unsigned LEB128), in at most 3 octets.
enum Varint {
    static let maximum = 1 << 21 - 1

    /// Reads the integer at `index` and moves it on.
    // Inlined, because nearly all are of one octet.
    @inline(__always)
    static func read(_ record: Span<UInt8>, at index: inout Int) throws(StateRecordError) -> Int {
        guard index < record.count, record[index] < 0x80 else { return try readLong(record, at: &index) }
        defer { index += 1 }
        return Int(record[index])
    }

    @inline(never)
    private static func readLong(
        _ record: Span<UInt8>, at index: inout Int
    ) throws(StateRecordError) -> Int {
        var value = 0
        for shift in stride(from: 0, to: 21, by: 7) {
            guard index < record.count else { throw .invalid }
            let octet = record[index]
            index += 1
            value |= Int(octet & 0x7f) << shift
            if octet & 0x80 == 0 {
                guard octet != 0 || shift == 0 else { throw .invalid }
                return value
            }
        }
        throw .invalid
    }
}
