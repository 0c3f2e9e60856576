/// One of our readers, and what must hold of it whatever it is given.
protocol FuzzTarget {
    /// Makes ready what all inputs need.
    init() throws

    /// Reads one input; an `expect` that fails is a finding.
    mutating func read(_ input: [UInt8]) throws -> Count

    /// Another input made of this one; `nil` leaves it to libFuzzer.
    mutating func mutated(_ input: [UInt8], with random: inout FuzzRandom) -> [UInt8]?
}

extension FuzzTarget {
    mutating func mutated(_ input: [UInt8], with random: inout FuzzRandom) -> [UInt8]? { nil }
}

/// What came of inputs.
struct Count {
    /// Texts that were read: one an input, unless a target makes more of it.
    var tried = 0
    /// Those that the reader took.
    var accepted = 0
    /// Those that only a tag could refuse.
    var forged = 0

    static let refused = Count(tried: 1)
    static let accepted = Count(tried: 1, accepted: 1)

    static func += (total: inout Count, other: Count) {
        total.tried += other.tried
        total.accepted += other.accepted
        total.forged += other.forged
    }
}

/// Ends the run with a finding, and says which: an optimised `precondition` would not.
func expect(
    _ holds: Bool, _ finding: @autoclosure () -> String = "what must hold does not", line: Int = #line
) {
    if !holds { fatalError("line \(line): \(finding())") }
}
