/// A tag of a page with its attributes, and the text up to the next tag; end tags begin with a slash.
///
/// A scanner, not a parser of HTML: good for pages that servers make, which it must read as browsers do.
struct HTMLTag: Sendable {
    let name: String
    private let attributes: [String: String]
    private(set) var text = ""

    subscript(attribute: String) -> String? { attributes[attribute] }

    static func tags(in page: String) -> [HTMLTag] {
        var tags: [HTMLTag] = []
        var rest = page[...]
        while let start = rest.firstIndex(of: "<") {
            if let last = tags.indices.last { tags[last].text += decoded(rest[..<start]) }
            rest = rest[start...].dropFirst()
            if rest.hasPrefix("!--") {
                rest = rest.range(after: "-->")
                continue
            }
            guard let first = rest.first, first.isLetter || first == "/" else { continue }
            let tag = HTMLTag(scanning: &rest)
            tags.append(tag)
            // Their contents are not markup.
            if tag.name == "script" || tag.name == "style" { rest = rest.range(upTo: "</\(tag.name)") }
        }
        return tags
    }

    private init(scanning rest: inout Substring) {
        let nameEnd = rest.firstIndex { $0.isWhitespace || $0 == ">" } ?? rest.endIndex
        name = rest[..<nameEnd].lowercased()
        rest = rest[nameEnd...]
        var attributes: [String: String] = [:]
        while true {
            rest = rest.drop { $0.isWhitespace || $0 == "/" }
            guard let next = rest.first, next != ">" else { break }
            let (attribute, value) = Self.attribute(&rest)
            // Of two with one name, browsers take the first.
            if attributes[attribute] == nil { attributes[attribute] = value }
        }
        rest = rest.dropFirst()
        self.attributes = attributes
    }

    private static func attribute(_ rest: inout Substring) -> (String, String) {
        let end = rest.dropFirst().firstIndex { $0.isWhitespace || "=>/".contains($0) } ?? rest.endIndex
        let name = rest[..<end].lowercased()
        rest = rest[end...].drop(while: \.isWhitespace)
        guard rest.first == "=" else { return (name, "") }
        rest = rest.dropFirst().drop(while: \.isWhitespace)
        guard let quote = rest.first, quote == "\"" || quote == "'" else {
            let end = rest.firstIndex { $0.isWhitespace || $0 == ">" } ?? rest.endIndex
            defer { rest = rest[end...] }
            return (name, decoded(rest[..<end]))
        }
        rest = rest.dropFirst()
        let close = rest.firstIndex(of: quote) ?? rest.endIndex
        defer { rest = rest[close...].dropFirst() }
        return (name, decoded(rest[..<close]))
    }

    /// Text with its character references replaced.
    private static func decoded(_ text: Substring) -> String {
        var result = ""
        var rest = text
        while let ampersand = rest.firstIndex(of: "&") {
            result += rest[..<ampersand]
            rest = rest[ampersand...]
            guard let end = rest.prefix(12).firstIndex(of: ";"),
                let character = character(for: rest[..<end].dropFirst())
            else {
                result.append("&")
                rest = rest.dropFirst()
                continue
            }
            result.append(character)
            rest = rest[end...].dropFirst()
        }
        return result + rest
    }

    private static func character(for reference: Substring) -> Character? {
        switch reference {
        case "amp": "&"
        case "lt": "<"
        case "gt": ">"
        case "quot": "\""
        case "apos": "'"
        case "nbsp": "\u{a0}"
        default: numbered(reference)
        }
    }

    private static func numbered(_ reference: Substring) -> Character? {
        guard reference.hasPrefix("#") else { return nil }
        let digits = reference.dropFirst()
        let isHexadecimal = digits.first == "x" || digits.first == "X"
        let number = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits, radix: 10)
        return number.flatMap(Unicode.Scalar.init).map(Character.init)
    }
}

extension Substring {
    /// What follows the first `mark`, or nothing.
    fileprivate func range(after mark: String) -> Substring { range(upTo: mark).dropFirst(mark.count) }

    /// From the first `mark` on, whatever its case, or nothing.
    fileprivate func range(upTo mark: String) -> Substring {
        var rest = self
        while !rest.isEmpty, rest.prefix(mark.count).lowercased() != mark.lowercased() {
            rest = rest.dropFirst()
        }
        return rest
    }
}
