/// A text that is used in place in its array. It is `~Copyable`, so that no reference is counted: that takes longer than to
/// read or write the text.
struct LentText: ~Copyable {
    let text: String

    // Not inlined, because the compiler would count a reference after all.
    @inline(never)
    fileprivate func withOctets<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(text.utf8.span)
    }
}

extension [String] {
    /// Lends the texts to `body`.
    @inline(__always)
    func withLentTexts<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<LentText>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe withUnsafeBufferPointer { texts throws(Failure) in
            // Safe: a structure of one property has that property's layout, and nothing is written.
            try unsafe texts.withMemoryRebound(to: LentText.self, body)
        }
    }

    /// Lends the UTF-8 of the text at `index` to `body`.
    func withOctets<Result, Failure: Error>(
        at index: Int, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(indices.contains(index))
        return try unsafe withLentTexts { texts throws(Failure) in try unsafe texts[index].withOctets(body) }
    }
}
