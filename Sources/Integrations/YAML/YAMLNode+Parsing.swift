internal import Yams

/// Why a text is not YAML that we read: where and what, and nothing of the text, which may hold a secret.
package struct YAMLMistake: Error, Hashable, CustomStringConvertible {
    package let line: Int
    package let column: Int
    package let problem: String

    package var description: String { "line \(line), column \(column): \(problem)" }
}

extension YAMLNode {
    /// More than any file of ours needs, and little enough to read at every start.
    static let byteCountLimit = 1 << 20
    fileprivate static let nodeCountLimit = 100_000
    fileprivate static let depthLimit = 16

    /// Reads one YAML document.
    package static func parse(_ text: String, file: String) throws(YAMLMistake) -> YAMLNode {
        guard text.utf8.count <= byteCountLimit else {
            throw YAMLMistake(line: 1, column: 1, problem: "the file is larger than 1 MiB; split it")
        }
        guard !AliasCount.mayExplode(text) else {
            throw YAMLMistake(
                line: 1, column: 1, problem: "aliases stand for keys; write the keys out instead")
        }
        // Editors on Windows begin a file with a byte order mark (YAML 1.2 §5.2).
        let hasMark = text.unicodeScalars.first == "\u{FEFF}"
        let content = hasMark ? String(text.unicodeScalars.dropFirst()) : text
        let parser: Parser
        let root: Node?
        do {
            parser = try Parser(yaml: content, encoding: .utf8)
            root = try parser.singleRoot()
        } catch let error as YamlError {
            throw YAMLMistake(error)
        } catch {
            throw YAMLMistake(line: 1, column: 1, problem: "this is not YAML")
        }
        guard let root else { return YAMLNode(content: .null, origin: Origin(file: file, line: 1)) }
        // Nodes hold their anchors weakly, and the parser holds them.
        return try withExtendedLifetime(parser) { () throws(YAMLMistake) in
            try YAMLMarks.check(root)
            var count = 0
            return try convert(root, file: file, depth: 0, count: &count)
        }
    }

    /// Aliases count every time that they are used, so that a few lines cannot stand for a billion nodes.
    private static func convert(
        _ node: Node, file: String, depth: Int, count: inout Int
    ) throws(YAMLMistake) -> YAMLNode {
        let origin = Origin(file: file, line: node.mark?.line ?? 1)
        func mistake(_ problem: String) -> YAMLMistake {
            YAMLMistake(line: origin.line, column: node.mark?.column ?? 1, problem: problem)
        }
        count += 1
        guard depth <= depthLimit, count <= nodeCountLimit else {
            throw mistake("nested too deeply, or too much of it; write it flatter")
        }
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            let isNull = isPlain && ["", "~", "null"].contains(scalar.string)
            return YAMLNode(
                content: isNull ? .null : .scalar(scalar.string, isPlain: isPlain), origin: origin)
        case .sequence(let sequence):
            var elements: [YAMLNode] = []
            for element in sequence {
                elements.append(try convert(element, file: file, depth: depth + 1, count: &count))
            }
            return YAMLNode(content: .sequence(elements), origin: origin)
        case .mapping(let mapping):
            var members: [(key: String, value: YAMLNode)] = []
            for (key, value) in mapping {
                guard case .scalar(let name) = key else { throw mistake("a key must be a plain name") }
                var value = try convert(value, file: file, depth: depth + 1, count: &count)
                value.origin = Origin(file: file, line: key.mark?.line ?? origin.line)
                members.append((name.string, value))
            }
            return YAMLNode(content: .mapping(members), origin: origin)
        case .alias: throw mistake("this alias stands for nothing")
        }
    }
}

/// Tags and anchors. A secret that begins with `!` or `&` is one of these to YAML, which takes its beginning away.
private struct YAMLMarks {
    /// What a plain value has or may be said to have, as `!!str`.
    private static let knownTags: Set<String> = [
        "", "str", "int", "float", "bool", "null", "map", "seq", "merge", "timestamp", "value",
    ]
    private static let tagPrefix = "tag:yaml.org,2002:"

    private var nodeCount = 0
    /// How often each anchored scalar occurs: aliases give the very node.
    private var uses: [ObjectIdentifier: (count: Int, mark: Mark?)] = [:]

    /// - Throws: for a tag that nothing reads, and for an anchored value that no alias refers to.
    static func check(_ root: Node) throws(YAMLMistake) {
        var marks = YAMLMarks()
        try marks.look(root, depth: 0)
        let unused = marks.uses.values.filter { $0.count == 1 }.map(\.mark)
        if let first = unused.min(by: { $0?.line ?? 1 < $1?.line ?? 1 }) {
            throw mistake(
                first, "an anchor that no alias refers to; put the value in quotes if it begins with `&`")
        }
    }

    /// Stops where conversion does, which says why.
    private mutating func look(_ node: Node, depth: Int) throws(YAMLMistake) {
        nodeCount += 1
        guard depth <= YAMLNode.depthLimit, nodeCount <= YAMLNode.nodeCountLimit else { return }
        switch node {
        case .scalar(let scalar):
            try requireKnown(scalar.tag, scalar.mark)
            if let anchor = scalar.anchor {
                uses[ObjectIdentifier(anchor), default: (0, scalar.mark)].count += 1
            }
        case .sequence(let sequence):
            try requireKnown(sequence.tag, sequence.mark)
            for element in sequence { try look(element, depth: depth + 1) }
        case .mapping(let mapping):
            try requireKnown(mapping.tag, mapping.mark)
            for (key, value) in mapping {
                try look(key, depth: depth + 1)
                try look(value, depth: depth + 1)
            }
        case .alias: break
        }
    }

    private func requireKnown(_ tag: Tag, _ mark: Mark?) throws(YAMLMistake) {
        let name = tag.description
        let isOfYAML = name.hasPrefix(Self.tagPrefix)
        guard Self.knownTags.contains(isOfYAML ? String(name.dropFirst(Self.tagPrefix.count)) : name),
            isOfYAML || name.isEmpty
        else {
            throw Self.mistake(
                mark, "a tag that nothing reads; put the value in quotes if it begins with `!`")
        }
    }

    private static func mistake(_ mark: Mark?, _ problem: String) -> YAMLMistake {
        YAMLMistake(line: mark?.line ?? 1, column: mark?.column ?? 1, problem: problem)
    }
}

extension YAMLMistake {
    /// libyaml's words for a problem are fixed; its excerpt of the text is left out.
    fileprivate init(_ error: YamlError) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            // libyaml names one of its functions here.
            let isTooDeep = problem.hasPrefix("Maximum nesting level")
            self.init(
                line: mark.line, column: mark.column,
                problem: isTooDeep ? "nested too deeply; write it flatter" : "this is not YAML: \(problem)")
        case .duplicatedKeysInMapping(_, let context):
            self.init(
                line: context.mark.line, column: context.mark.column,
                problem: "this is not YAML: a key is written twice")
        case .reader(let problem, _, _, _):
            self.init(line: 1, column: 1, problem: "this is not YAML: \(problem)")
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            self.init(line: 1, column: 1, problem: "this is not YAML: it cannot be read")
        }
    }
}

/// Aliases used as keys. Yams compares the keys of a mapping as it reads them, and a key that is built of aliases of
/// aliases takes time that doubles with each; so a text that might hold such keys is not read at all.
private enum AliasCount {
    private static let limit = 32

    /// Looks at the text alone, and so takes some lists of aliases for keys, too.
    static func mayExplode(_ text: String) -> Bool {
        var aliases = 0
        var isKey = false
        var isTokenStart = true
        var isAlias = false
        var last: UInt8 = 0
        for octet in text.utf8 {
            func follows(_ octets: String) -> Bool { octets.utf8.contains(last) }
            switch octet {
            case UInt8(ascii: "*") where isTokenStart:
                aliases += 1
                isAlias = true
                isKey = isKey || follows("{,")
            case UInt8(ascii: "["), UInt8(ascii: "{"): isKey = isKey || follows("{,")
            case UInt8(ascii: "?") where isTokenStart: isKey = true
            case UInt8(ascii: ":"): isKey = isKey || isAlias || follows("]}")
            default: break
            }
            switch octet {
            case 0x0A, 0x0D:
                isAlias = false
                isTokenStart = true
            case 0x09, 0x20: isTokenStart = true
            default:
                isTokenStart = "[{,:-".utf8.contains(octet)
                if isTokenStart || octet == UInt8(ascii: "]") { isAlias = false }
                last = octet
            }
        }
        return isKey && aliases > limit
    }
}

extension String {
    /// The text if it reads like a name, else an ellipsis: where a space is missing, YAML makes a key of a line with
    /// a secret, and messages repeat keys.
    package var shownAsName: String {
        let isName =
            (1...40).contains(utf8.count)
            && utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                    UInt8(ascii: "."), UInt8(ascii: "["), UInt8(ascii: "]"):
                    true
                default: false
                }
            }
        return isName && utf8.count(where: { (0x30...0x39).contains($0) }) <= 2 ? self : "…"
    }
}
