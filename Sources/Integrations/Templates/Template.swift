/// Why a text is not a template.
enum TemplateError: Error, Equatable, CustomStringConvertible {
    /// A brace without its partner, or a name that is not `[A-Za-z][A-Za-z0-9_]*`, or two such with a dot between.
    case malformed

    var description: String {
        "is not a template: write {name} or {name.value} with letters, digits and _, and {{ or }} for a brace itself"
    }
}

/// A text with named places: `https://{shop}.example.com/oauth`, `https://{region.accounts}/token`.
package struct Template: Sendable, Hashable {
    enum Segment: Sendable, Hashable {
        case literal(String)
        case name(String)
    }

    package let text: String
    let segments: [Segment]

    init(_ text: String) throws(TemplateError) {
        var segments: [Segment] = []
        var literal: [UInt8] = []
        let octets = Array(text.utf8)
        var index = 0
        while index < octets.count {
            let octet = octets[index]
            guard octet == UInt8(ascii: "{") || octet == UInt8(ascii: "}") else {
                literal.append(octet)
                index += 1
                continue
            }
            if index + 1 < octets.count, octets[index + 1] == octet {
                literal.append(octet)
                index += 2
                continue
            }
            guard octet == UInt8(ascii: "{"), let end = octets[index...].firstIndex(of: UInt8(ascii: "}")),
                Self.isPlace(octets[(index + 1)..<end])
            else { throw .malformed }
            if !literal.isEmpty { segments.append(.literal(String(decoding: literal, as: UTF8.self))) }
            literal = []
            segments.append(.name(String(decoding: octets[(index + 1)..<end], as: UTF8.self)))
            index = end + 1
        }
        if !literal.isEmpty { segments.append(.literal(String(decoding: literal, as: UTF8.self))) }
        self.text = text
        self.segments = segments
    }

    /// A text that is taken as it stands, braces included.
    init(literal: String) {
        text = literal
        segments = literal.isEmpty ? [] : [.literal(literal)]
    }

    /// A parameter's name, or a name and the key of one of its values: `region.accounts`.
    private static func isPlace(_ octets: ArraySlice<UInt8>) -> Bool {
        let parts = octets.split(separator: UInt8(ascii: "."), maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count <= 2 && parts.allSatisfy { isName($0) }
    }

    static func isName(_ octets: some Collection<UInt8>) -> Bool {
        guard let first = octets.first, isLetter(first), octets.count <= 40 else { return false }
        return octets.allSatisfy {
            isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "_")
        }
    }

    private static func isLetter(_ octet: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(octet | 0x20)
    }

    package var names: [String] {
        segments.compactMap { if case .name(let name) = $0 { name } else { nil } }
    }

    package var isConstant: Bool { names.isEmpty }

    /// The parameters that the names belong to: `region` for `region.accounts`.
    package var parameterNames: [String] { names.map(Self.parameterName) }

    static func parameterName(_ name: String) -> String { String(name.prefix { $0 != "." }) }

    /// A name without a value keeps its braces; only an endpoint that waits for the callback has such. A label of a
    /// host that is empty goes with its dot.
    package func filled(_ values: [String: String]) -> String {
        var output = ""
        var dropsDot = false
        for (index, segment) in segments.enumerated() {
            switch segment {
            case .literal(let text):
                output += dropsDot ? text.dropFirst() : text[...]
                dropsDot = false
            case .name(let name):
                guard let value = values[name] else {
                    output += "{\(name)}"
                    continue
                }
                output += value
                guard value.isEmpty else { continue }
                let next = following(index)
                let last = output.utf8.last
                if next == UInt8(ascii: "."), last == nil || last == UInt8(ascii: "/") || last == next {
                    dropsDot = true
                } else if last == UInt8(ascii: "."), next == nil || next == UInt8(ascii: "/") {
                    output.removeLast()
                }
            }
        }
        return output
    }

    /// The same with one place filled in.
    func filling(_ name: String, with value: String) -> Template {
        Template(
            text: text.replacing("{\(name)}", with: value),
            segments: segments.map { $0 == .name(name) ? .literal(value) : $0 })
    }

    private init(text: String, segments: [Segment]) {
        self.text = text
        self.segments = segments
    }

    /// The first octet of the literal after a segment.
    private func following(_ index: Int) -> UInt8? {
        guard index + 1 < segments.count, case .literal(let text) = segments[index + 1] else { return nil }
        return text.utf8.first
    }
}
