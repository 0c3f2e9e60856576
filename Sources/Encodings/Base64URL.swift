/// Base64url without padding (RFC 4648 §5), strict: one text for the same octets, and no other accepted.
package enum Base64URL {
    /// How many characters `byteCount` octets take.
    @inlinable
    package static func characterCount(ofOctets byteCount: Int) -> Int { (byteCount * 4 + 2) / 3 }

    /// How many octets `characterCount` characters hold.
    @inlinable
    package static func byteCount(ofCharacters characterCount: Int) -> Int { characterCount * 3 / 4 }

    /// The text of some octets.
    package static func encode(_ bytes: Span<UInt8>) -> String {
        let count = characterCount(ofOctets: bytes.count)
        // Built on the stack: the standard library validates a string that is written in place.
        return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { buffer in
            if let output = buffer.baseAddress { unsafe encode(bytes, to: output, count: count) }
            let text = unsafe Span(_unsafeElements: UnsafeBufferPointer(buffer))
            return unsafe String(copying: UTF8Span(unchecked: text, isKnownASCII: true))
        }
    }

    /// Appends the text of some octets to `output`, which has room for it.
    package static func encode(_ bytes: Span<UInt8>, into output: inout OutputSpan<UInt8>) {
        let count = characterCount(ofOctets: bytes.count)
        precondition(output.freeCapacity >= count, "no room for the text")
        unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
            guard let base = buffer.baseAddress else { return }
            unsafe encode(bytes, to: base + initialized, count: count)
            initialized += count
        }
    }

    /// The octets of a text, or `nil` if it is not exactly what `encode` would give.
    package static func decode(_ text: String) -> [UInt8]? {
        let characters = text.utf8.span
        var accepted = false
        let octets = [UInt8](capacity: byteCount(ofCharacters: characters.count)) { output in
            accepted = decode(characters, into: &output)
        }
        return accepted ? octets : nil
    }

    /// Appends the octets of a text to `output`, which has room for them.
    ///
    /// - Returns: whether the text is exactly what `encode` would give; if not, ignore what was appended.
    package static func decode(_ text: Span<UInt8>, into output: inout OutputSpan<UInt8>) -> Bool {
        guard text.count % 4 != 1, output.freeCapacity >= byteCount(ofCharacters: text.count) else {
            return false
        }
        return unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
            guard let base = buffer.baseAddress else { return text.isEmpty }
            let isStrict = unsafe decode(text, to: base + initialized)
            initialized += byteCount(ofCharacters: text.count)
            return isStrict
        }
    }

    private static func decode(_ text: Span<UInt8>, to output: UnsafeMutablePointer<UInt8>) -> Bool {
        let values = unsafe values.utf8Start
        // A character outside the alphabet sets a bit here, so that the loop has no branch.
        var (source, seen) = unsafe text.withUnsafeBytes { unsafe decodeBlocks($0, to: output) }
        var target = unsafe output + source / 4 * 3
        while source &+ 3 < text.count {
            let a = unsafe values[Int(text[unchecked: source])]
            let b = unsafe values[Int(text[unchecked: source &+ 1])]
            let c = unsafe values[Int(text[unchecked: source &+ 2])]
            let d = unsafe values[Int(text[unchecked: source &+ 3])]
            seen |= a | b | c | d
            unsafe target[0] = a << 2 | b >> 4
            unsafe target[1] = b << 4 | c >> 2
            unsafe target[2] = c << 6 | d
            unsafe target += 3
            source &+= 4
        }
        var spare: UInt8 = 0
        if source < text.count {
            let a = unsafe values[Int(text[source])]
            let b = unsafe values[Int(text[source + 1])]
            seen |= a | b
            unsafe target[0] = a << 2 | b >> 4
            spare = b & 15
            if source + 2 < text.count {
                let c = unsafe values[Int(text[source + 2])]
                seen |= c
                unsafe target[1] = b << 4 | c >> 2
                spare = c & 3
            }
        }
        return seen < 64 && spare == 0
    }

    static func character(_ value: Int) -> UInt8 { unsafe alphabet.utf8Start[value & 63] }

    // Static strings, because a pointer to them is a constant: nothing to initialise, and no bounds to check for 6 bits.
    private static let alphabet: StaticString =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    /// For each octet the 6 bits that it stands for, or 7F.
    private static let values: StaticString = """
        \u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\
        \u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\
        \u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{3E}\u{7F}\u{7F}\
        \u{34}\u{35}\u{36}\u{37}\u{38}\u{39}\u{3A}\u{3B}\u{3C}\u{3D}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\
        \u{7F}\u{0}\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}\u{9}\u{A}\u{B}\u{C}\u{D}\u{E}\
        \u{F}\u{10}\u{11}\u{12}\u{13}\u{14}\u{15}\u{16}\u{17}\u{18}\u{19}\u{7F}\u{7F}\u{7F}\u{7F}\u{3F}\
        \u{7F}\u{1A}\u{1B}\u{1C}\u{1D}\u{1E}\u{1F}\u{20}\u{21}\u{22}\u{23}\u{24}\u{25}\u{26}\u{27}\u{28}\
        \u{29}\u{2A}\u{2B}\u{2C}\u{2D}\u{2E}\u{2F}\u{30}\u{31}\u{32}\u{33}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\
        \u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\
        \u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\
        \u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\
        \u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\
        \u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\
        \u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\
        \u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\
        \u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}
        """
}
