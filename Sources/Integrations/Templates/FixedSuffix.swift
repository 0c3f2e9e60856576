/// How every value of a pattern, or every host of a URL template, ends.
///
/// A client secret may go only to hosts under a name that the catalog fixes. A pattern that ends in such a name
/// proves it for every value, so the pattern's text is read here, conservatively: what is not understood
/// proves nothing.
struct FixedSuffix: Hashable {
    /// The characters that are certain, at the end.
    let text: String
    /// Nothing stands before them.
    let isWhole: Bool

    static let empty = FixedSuffix(text: "", isWhole: true)
    static let anything = FixedSuffix(text: "", isWhole: false)

    /// Two labels or more are fixed, and the first of them is whole: `.example.com`, but neither `.com` nor
    /// `example.com` after other letters.
    var namesSite: Bool {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let whole = isWhole ? labels[...] : labels.dropFirst()
        guard whole.count >= 2, whole.allSatisfy({ HostLabel.isValid($0) }), let last = whole.last?.first
        else {
            return false
        }
        // A last label in digits is an address, whose first part alone says where it is.
        return !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(last)
    }

    /// Each suffix with each of those that may stand before it; nil if there are too many.
    static func joined(_ before: Set<FixedSuffix>, _ after: Set<FixedSuffix>) -> Set<FixedSuffix>? {
        var result: Set<FixedSuffix> = []
        for end in after {
            guard end.isWhole else {
                result.insert(end)
                continue
            }
            for start in before {
                result.insert(FixedSuffix(text: start.text + end.text, isWhole: start.isWhole))
            }
        }
        return result.count <= countLimit ? result : nil
    }

    fileprivate static let countLimit = 64
}

extension FixedSuffix {
    /// The suffixes of all that a regular expression matches; nil where its text is not understood.
    static func suffixes(ofPattern pattern: String) -> Set<FixedSuffix>? {
        var reader = PatternReader(octets: Array(pattern.utf8))
        guard let suffixes = reader.alternatives(depth: 0), reader.isAtEnd else { return nil }
        return suffixes
    }
}

/// Reads the part of a regular expression's grammar that host names need.
private struct PatternReader {
    let octets: [UInt8]
    private var index = 0

    init(octets: [UInt8]) { self.octets = octets }

    var isAtEnd: Bool { index == octets.count }
    private var next: UInt8? { isAtEnd ? nil : octets[index] }

    private mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.utf8)
        guard octets[index...].starts(with: wanted) else { return false }
        index += wanted.count
        return true
    }

    mutating func alternatives(depth: Int) -> Set<FixedSuffix>? {
        guard depth <= 16 else { return nil }
        guard var result = sequence(depth: depth) else { return nil }
        while take("|") {
            guard let other = sequence(depth: depth) else { return nil }
            result.formUnion(other)
        }
        return result.count <= FixedSuffix.countLimit ? result : nil
    }

    private mutating func sequence(depth: Int) -> Set<FixedSuffix>? {
        var result: Set<FixedSuffix> = [.empty]
        while let octet = next, octet != UInt8(ascii: "|"), octet != UInt8(ascii: ")") {
            guard let atom = atom(depth: depth), let repeated = quantified(atom),
                let joined = FixedSuffix.joined(result, repeated)
            else { return nil }
            result = joined
        }
        return result
    }

    private mutating func atom(depth: Int) -> Set<FixedSuffix>? {
        guard let octet = next else { return nil }
        switch octet {
        case UInt8(ascii: "("):
            guard take("(?:") || !octets[index...].starts(with: "(?".utf8) && take("(") else { return nil }
            guard let group = alternatives(depth: depth + 1), take(")") else { return nil }
            return group
        case UInt8(ascii: "["): return characterClass()
        case UInt8(ascii: "\\"): return escape()
        case UInt8(ascii: "."):
            index += 1
            return [.anything]
        // The whole value must match, so an anchor can only exclude values.
        case UInt8(ascii: "^"), UInt8(ascii: "$"):
            index += 1
            return [.empty]
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            index += 1
            return [Self.literal(octet)]
        default: return nil
        }
    }

    private mutating func escape() -> Set<FixedSuffix>? {
        index += 1
        guard let octet = next else { return nil }
        index += 1
        switch octet {
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): return [Self.literal(octet)]
        case UInt8(ascii: "d"), UInt8(ascii: "w"), UInt8(ascii: "D"), UInt8(ascii: "W"), UInt8(ascii: "s"),
            UInt8(ascii: "S"):
            return [.anything]
        default: return nil
        }
    }

    /// One plain character in brackets is that character; more of them may be anything.
    private mutating func characterClass() -> Set<FixedSuffix>? {
        guard let end = octets[index...].firstIndex(of: UInt8(ascii: "]")) else { return nil }
        let members = octets[(index + 1)..<end]
        index = end + 1
        guard !members.isEmpty, !members.contains(UInt8(ascii: "[")), !members.contains(UInt8(ascii: "\\")),
            !members.contains(UInt8(ascii: "&")), !members.contains(UInt8(ascii: "~"))
        else { return nil }
        if members.count == 1, members.first != UInt8(ascii: "^") {
            return members.first.map { [Self.literal($0)] }
        }
        return [.anything]
    }

    private mutating func quantified(_ atom: Set<FixedSuffix>) -> Set<FixedSuffix>? {
        let result: Set<FixedSuffix>
        if take("?") {
            result = atom.union([.empty])
        } else if take("*") || takeCount() {
            result = [.anything]
        } else if take("+") {
            result = Set(atom.map { FixedSuffix(text: $0.text, isWhole: false) })
        } else {
            return atom
        }
        // Lazy or possessive changes the order of the tries, not what matches at the end.
        _ = take("?") || take("+")
        return result
    }

    /// `{2}`, `{1,20}`.
    private mutating func takeCount() -> Bool {
        guard next == UInt8(ascii: "{"), let end = octets[index...].firstIndex(of: UInt8(ascii: "}")) else {
            return false
        }
        let digits = octets[(index + 1)..<end]
        guard digits.allSatisfy({ 0x30...0x39 ~= $0 || $0 == UInt8(ascii: ",") }) else { return false }
        index = end + 1
        return true
    }

    private static func literal(_ octet: UInt8) -> FixedSuffix {
        FixedSuffix(text: String(decoding: [octet], as: UTF8.self), isWhole: true)
    }
}
