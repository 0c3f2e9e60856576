/// What a counter has come to.
package struct CounterReading: Sendable {
    package let name: String
    /// In the order of their names.
    package let labels: [(name: String, value: String)]
    package let value: Int64
}
