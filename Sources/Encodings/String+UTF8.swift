extension String {
    /// The text whose UTF-8 these octets are, or `nil` if they are no UTF-8.
    ///
    /// Like the standard library's `String(validating:as:)`, which is generic and takes some 1,000 instructions for a word.
    package init?(utf8 octets: Span<UInt8>) {
        if octets.isASCII {
            // Safe: each octet was looked at.
            unsafe self.init(copying: UTF8Span(unchecked: octets, isKnownASCII: true))
            return
        }
        do {
            self.init(copying: try UTF8Span(validating: octets))
        } catch {
            return nil
        }
    }
}
