internal import Encodings

/// Appends the parts of a record, up to a limit.
struct RecordWriter {
    /// The greatest length of the output.
    let limit: Int

    @inline(__always)
    func octet(_ value: UInt8, to output: inout OutputSpan<UInt8>) throws(StateEncodingError) {
        guard output.count < limit else { throw .tooLong }
        output.append(value)
    }

    func integer(_ value: UInt32, to output: inout OutputSpan<UInt8>) throws(StateEncodingError) {
        guard output.count + 4 <= limit else { throw .tooLong }
        output.append(UInt8(truncatingIfNeeded: value >> 24))
        output.append(UInt8(truncatingIfNeeded: value >> 16))
        output.append(UInt8(truncatingIfNeeded: value >> 8))
        output.append(UInt8(truncatingIfNeeded: value))
    }

    // Inlined, because nearly all are of one octet.
    @inline(__always)
    func varint(_ value: Int, to output: inout OutputSpan<UInt8>) throws(StateEncodingError) {
        guard value < 0x80 else { return try longVarint(value, to: &output) }
        try octet(UInt8(truncatingIfNeeded: value), to: &output)
    }

    @inline(never)
    private func longVarint(
        _ value: Int, to output: inout OutputSpan<UInt8>
    ) throws(StateEncodingError) {
        guard value <= Varint.maximum else { throw .tooLong }
        var rest = value
        while rest >= 0x80 {
            try octet(UInt8(truncatingIfNeeded: rest) | 0x80, to: &output)
            rest >>= 7
        }
        try octet(UInt8(rest), to: &output)
    }

    func octets<let byteCount: Int>(
        _ octets: Octets<byteCount>, to output: inout OutputSpan<UInt8>
    ) throws(StateEncodingError) {
        guard output.count + byteCount <= limit else { throw .tooLong }
        octets.append(to: &output)
    }

    /// A text that must not be empty.
    func text(
        _ text: String, _ field: FlowStateField, to output: inout OutputSpan<UInt8>
    ) throws(StateEncodingError) {
        let octets = text.utf8.span
        guard !octets.isEmpty else { throw .invalidField(field) }
        try self.text(octets, to: &output)
    }

    /// The shortest form of a text: its prefix code, and 16 octets for a UUID.
    func text(_ text: Span<UInt8>, to output: inout OutputSpan<UInt8>) throws(StateEncodingError) {
        let prefix = TextPrefix.longest(of: text)
        let tail = text.extracting(droppingFirst: prefix?.byteCount ?? 0)
        let isUUID = UUIDText.isUUID(tail)
        let byteCount = (prefix == nil ? 0 : 1) + (isUUID ? UUIDText.codedByteCount : tail.count)
        try varint(byteCount, to: &output)
        guard byteCount <= limit - output.count else { throw .tooLong }
        if let prefix { output.append(prefix.code) }
        if isUUID {
            UUIDText.append(tail, to: &output)
        } else {
            output.append(octets: tail)
        }
    }

    func scopes(_ scopes: [String], to output: inout OutputSpan<UInt8>) throws(StateEncodingError) {
        try varint(scopes.count, to: &output)
        try unsafe scopes.withLentTexts { scopes throws(StateEncodingError) in
            guard let first = scopes.baseAddress else { return }
            try unsafe first.pointee.append(to: &output, by: self)
            for index in 1..<scopes.count {
                try unsafe scopes[index].append(after: scopes[index - 1], to: &output, by: self)
            }
        }
    }

    /// What a scope does not share with the one before it, which is good already.
    fileprivate func scope(
        _ octets: Span<UInt8>, after before: Span<UInt8>, to output: inout OutputSpan<UInt8>
    ) throws(StateEncodingError) {
        let shared = Self.shared(octets, before)
        let tail = octets.extracting(droppingFirst: shared)
        guard !octets.isEmpty, StateRecord.isScopeText(tail) else { throw .invalidField(.scopes) }
        try varint(shared, to: &output)
        try text(tail, to: &output)
    }

    func parameters(
        _ parameters: [String: String], to output: inout OutputSpan<UInt8>
    ) throws(StateEncodingError) {
        try varint(parameters.count, to: &output)
        // Names are ASCII, so that this order is that of their octets.
        for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
            guard StateRecord.isParameterName(name.utf8.span) else { throw .invalidField(.parameters) }
            try text(name.utf8.span, to: &output)
            try text(value.utf8.span, to: &output)
        }
    }

    /// In the order of the names' octets, which is not that of strings.
    func tags(_ tags: [String: String], to output: inout OutputSpan<UInt8>) throws(StateEncodingError) {
        try varint(tags.count, to: &output)
        for (name, value) in tags.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            try text(name, .tags, to: &output)
            try text(value.utf8.span, to: &output)
        }
    }

    private static func shared(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Int {
        unsafe left.withUnsafeBytes { left in
            unsafe right.withUnsafeBytes { right in
                let most = min(left.count, right.count)
                var count = 0
                while count &+ 8 <= most {
                    let one = unsafe left.loadUnaligned(fromByteOffset: count, as: UInt64.self)
                    let other = unsafe right.loadUnaligned(fromByteOffset: count, as: UInt64.self)
                    let difference = UInt64(littleEndian: one ^ other)
                    if difference != 0 { return count &+ difference.trailingZeroBitCount / 8 }
                    count &+= 8
                }
                while count < most, unsafe left[count] == right[count] { count &+= 1 }
                return count
            }
        }
    }
}

extension LentText {
    // Not inlined, because the compiler would count a reference after all.

    @inline(never)
    fileprivate func append(
        to output: inout OutputSpan<UInt8>, by writer: RecordWriter
    ) throws(StateEncodingError) {
        try writer.scope(text.utf8.span, after: Span(), to: &output)
    }

    @inline(never)
    fileprivate func append(
        after before: borrowing LentText, to output: inout OutputSpan<UInt8>, by writer: RecordWriter
    ) throws(StateEncodingError) {
        try writer.scope(text.utf8.span, after: before.text.utf8.span, to: &output)
    }
}
