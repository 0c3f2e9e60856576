/// Why a text is not a template.
enum TemplateError: Error, Equatable, CustomStringConvertible {
    /// A brace without its partner, or a name that is not `[a-z][a-z0-9_]*`.
    case malformed

    var description: String {
        "is no template: write {name} with a name of a-z, 0-9 and _, and {{ or }} for a brace itself"
    }
}

/// A text with named places: `https://{shop}.example.com/oauth`.
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
                Self.isName(octets[(index + 1)..<end])
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

    static func isName(_ octets: some Collection<UInt8>) -> Bool {
        guard let first = octets.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else {
            return false
        }
        return octets.count <= 40
            && octets.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "_")
            }
    }

    package var names: [String] {
        segments.compactMap { if case .name(let name) = $0 { name } else { nil } }
    }

    package var isConstant: Bool { names.isEmpty }

    /// A name without a value keeps its braces; only an endpoint that waits for the callback has such.
    package func filled(_ values: [String: String]) -> String {
        var output = ""
        for segment in segments {
            switch segment {
            case .literal(let text): output += text
            case .name(let name): output += values[name] ?? "{\(name)}"
            }
        }
        return output
    }
}
