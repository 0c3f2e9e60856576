/// A text as it stands in a record: an optional prefix code, then UTF-8 or the octets of a UUID.
struct RecordText {
    private let prefix: TextPrefix?
    private let tail: Range<Int>
    private let isUUID: Bool

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
        guard isUUID || Self.isUTF8(record.extracting(tail)) else { throw .invalid }
    }

    /// The text, behind `shared` octets of `before`.
    func text(in record: Span<UInt8>, sharing shared: Int = 0, with before: String = "") -> String {
        let prefixByteCount = prefix?.byteCount ?? 0
        let tailByteCount = isUUID ? UUIDText.characterCount : tail.count
        let octets = record.extracting(tail)
        let head = before.utf8.span
        return unsafe String(
            unsafeUninitializedCapacity: shared + prefixByteCount + tailByteCount
        ) { buffer in
            if shared > 0 { unsafe buffer.copy(head.extracting(first: shared), at: 0) }
            if let prefix { unsafe prefix.write(to: .init(rebasing: buffer[shared...])) }
            let start = shared + prefixByteCount
            if isUUID {
                unsafe UUIDText.write(octets, to: .init(rebasing: buffer[start...]))
            } else {
                unsafe buffer.copy(octets, at: start)
            }
            return start + tailByteCount
        }
    }

    private static func isUTF8(_ octets: Span<UInt8>) -> Bool {
        // Nearly all texts are ASCII.
        var seen: UInt8 = 0
        for index in octets.indices { unsafe seen |= octets[unchecked: index] }
        guard seen >= 0x80 else { return true }
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
