/// An unsigned integer in groups of seven bits, little end first (unsigned LEB128), in at most 3 octets.
enum Varint {
    static let maximum = 1 << 21 - 1

    /// Reads the integer at `index` and moves it on.
    static func read(_ record: Span<UInt8>, at index: inout Int) throws(StateRecordError) -> Int {
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
