/// The text is not JSON, or is nested too deep.
package struct JSONSyntaxError: Error, Equatable {
    /// Where, in octets.
    package let offset: Int

    package init(at offset: Int) { self.offset = offset }
}
