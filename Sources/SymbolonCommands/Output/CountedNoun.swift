extension DefaultStringInterpolation {
    /// A count with its noun: `1 grant`, `2 grants`.
    mutating func appendInterpolation(counted count: some BinaryInteger, _ noun: String) {
        appendInterpolation("\(count) \(noun)\(count == 1 ? "" : "s")")
    }
}
