internal import Encodings

/// A text as it stands in a record: an optional prefix code, then UTF-8 or the octets of a UUID.
struct RecordText {
    private let prefix: TextPrefix?
    private let tail: Range<Int>
    private let isUUID: Bool
    private let isASCII: Bool

    /// Reads the text at `index` and moves it on.
    init(_ record: Span<UInt8>, at index: inout Int) throws(StateRecordError) {
        let byteCount = try Varint.read(record, at: &index)
        guard byteCount <= record.count - index else { throw .invalid }
        let end = index + byteCount
        var prefix: TextPrefix?
        if index < end, (0x80..<UUIDText.code).contains(record[index]) {
            guard let known = TextPrefix.coded(by: record[index]) else { throw .invalid }
            prefix = known
            index += 1
        }
        isUUID = index < end && record[index] == UUIDText.code
        if isUUID {
            guard end - index == UUIDText.codedByteCount else { throw .invalid }
            index += 1
        }
        self.prefix = prefix
        tail = index..<end
        index = end
        let octets = record.extracting(tail)
        // Nearly all texts are.
        isASCII = isUUID || octets.isASCII
        guard isASCII || Self.isUTF8(octets) else { throw .invalid }
    }

    /// Whether it can be a scope value, or part of one. Every prefix and every UUID can.
    func isScopeText(in record: Span<UInt8>) -> Bool {
        isUUID || StateRecord.isScopeText(record.extracting(tail))
    }

    var isEmpty: Bool { prefix == nil && tail.isEmpty }

    /// The whole text.
    func text(in record: Span<UInt8>) -> String { text(in: record, after: Span()) }

    /// The whole text, behind octets that it shares with another.
    ///
    /// - Parameter shared: ASCII.
    func text(in record: Span<UInt8>, after shared: Span<UInt8>) -> String {
        let octets = record.extracting(tail)
        if shared.isEmpty, prefix == nil, !isUUID { return Self.string(octets, isASCII: isASCII) }
        let start = shared.count + (prefix?.byteCount ?? 0)
        let end = start + (isUUID ? UUIDText.characterCount : octets.count)
        // Built on the stack: the standard library validates a string that is written in place once more.
        return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: end) { buffer in
            unsafe buffer.copy(shared, at: 0)
            if let prefix { unsafe prefix.write(to: .init(rebasing: buffer[shared.count...])) }
            if isUUID {
                unsafe UUIDText.write(octets, to: .init(rebasing: buffer[start...]))
            } else {
                unsafe buffer.copy(octets, at: start)
            }
            return Self.string(unsafe Span(_unsafeElements: UnsafeBufferPointer(buffer)), isASCII: isASCII)
        }
    }

    private static func string(_ octets: Span<UInt8>, isASCII: Bool) -> String {
        // Safe, because `init` has validated the tail, and what can stand before it is ASCII.
        unsafe String(copying: UTF8Span(unchecked: octets, isKnownASCII: isASCII))
    }

    private static func isUTF8(_ octets: Span<UInt8>) -> Bool {
        do {
            _ = try UTF8Span(validating: octets)
            return true
        } catch {
            return false
        }
    }
}

extension UnsafeMutableBufferPointer<UInt8> {
    /// Writes octets at `offset`, where there is room for them.
    fileprivate func copy(_ octets: Span<UInt8>, at offset: Int) {
        unsafe octets.withUnsafeBufferPointer { source in
            guard let base = baseAddress, let start = source.baseAddress else { return }
            unsafe (base + offset).initialize(from: start, count: source.count)
        }
    }
}

/// The lower-case text of a UUID (RFC 9562 §4), 36 characters, which a record holds as one code and 16 octets.
enum UUIDText {
    static let code: UInt8 = 0xbf
    static let characterCount = 36
    /// The code and the octets.
    static let codedByteCount = 17

    static func isUUID(_ text: Span<UInt8>) -> Bool {
        guard text.count == characterCount else { return false }
        for index in text.indices {
            if isHyphen(index) {
                guard text[index] == UInt8(ascii: "-") else { return false }
            } else {
                guard digit(text[index]) != nil else { return false }
            }
        }
        return true
    }

    /// Appends the code and the octets of a text that is a UUID.
    static func append(_ text: Span<UInt8>, to output: inout OutputSpan<UInt8>) {
        output.append(code)
        var high: UInt8?
        for index in text.indices {
            guard let value = digit(text[index]) else { continue }
            if let first = high {
                output.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
    }

    /// Writes the 36 characters of 16 octets at the start of `buffer`.
    static func write(_ octets: Span<UInt8>, to buffer: UnsafeMutableBufferPointer<UInt8>) {
        var nibble = 0
        for index in 0..<characterCount {
            if isHyphen(index) {
                unsafe buffer[index] = UInt8(ascii: "-")
            } else {
                let value = octets[nibble / 2] >> (nibble % 2 == 0 ? 4 : 0) & 15
                unsafe buffer[index] = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
                nibble += 1
            }
        }
    }

    private static func isHyphen(_ index: Int) -> Bool {
        index == 8 || index == 13 || index == 18 || index == 23
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
