/// The text is not JSON, or is nested too deep.
///
/// What was expected there is not kept: FastAPI says "JSON decode error" whatever it was.
package struct JSONSyntaxError: Error, Equatable {
    /// Where, in octets.
    package let offset: Int

    package init(at offset: Int) { self.offset = offset }

    /// Where, in characters, which is how Python counts.
    package func characterIndex(in text: Span<UInt8>) -> Int {
        var count = 0
        for index in 0..<min(offset, text.count) where text[index] & 0b1100_0000 != 0b1000_0000 { count += 1 }
        return count
    }
}
