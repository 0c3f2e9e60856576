internal import Yams

extension YAMLNode {
    /// More than any catalog needs, and little enough to read at every start.
    static let byteCountLimit = 1 << 20
    private static let nodeCountLimit = 100_000
    private static let depthLimit = 16

    /// Reads one YAML document; nil, with the mistake reported, where it is none.
    static func parse(_ text: String, file: String, mistakes: MistakeList) -> YAMLNode? {
        let start = Origin(file: file, line: 1)
        guard text.utf8.count <= byteCountLimit else {
            mistakes.report("the file is larger than 1 MiB; split it", at: start, field: nil)
            return nil
        }
        do {
            let root = try Parser(yaml: text, encoding: .utf8).singleRoot()
            guard let root else { return YAMLNode(content: .null, origin: start) }
            var count = 0
            return convert(root, file: file, depth: 0, count: &count, mistakes: mistakes)
        } catch let error as YamlError {
            mistakes.report("this is not YAML: \(problem(error))", at: line(error, file: file), field: nil)
        } catch {
            mistakes.report("this is not YAML", at: start, field: nil)
        }
        return nil
    }

    /// Aliases count every time that they are used, so that a few lines cannot stand for a billion nodes.
    private static func convert(
        _ node: Node, file: String, depth: Int, count: inout Int, mistakes: MistakeList
    ) -> YAMLNode? {
        let origin = Origin(file: file, line: node.mark?.line ?? 1)
        count += 1
        guard depth <= depthLimit, count <= nodeCountLimit else {
            mistakes.report("nested too deeply, or too much of it; write it flatter", at: origin, field: nil)
            return nil
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
                guard
                    let element = convert(
                        element, file: file, depth: depth + 1, count: &count, mistakes: mistakes)
                else { return nil }
                elements.append(element)
            }
            return YAMLNode(content: .sequence(elements), origin: origin)
        case .mapping(let mapping):
            var members: [(key: String, value: YAMLNode)] = []
            for (key, value) in mapping {
                guard case .scalar(let key) = key else {
                    mistakes.report("a key must be a plain name", at: origin, field: nil)
                    return nil
                }
                guard
                    let value = convert(
                        value, file: file, depth: depth + 1, count: &count, mistakes: mistakes)
                else { return nil }
                let line = key.mark?.line ?? origin.line
                members.append(
                    (key.string, YAMLNode(content: value.content, origin: Origin(file: file, line: line))))
            }
            return YAMLNode(content: .mapping(members), origin: origin)
        case .alias:
            mistakes.report("this alias stands for nothing", at: origin, field: nil)
            return nil
        }
    }

    private static func line(_ error: YamlError, file: String) -> Origin {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
            Origin(file: file, line: mark.line)
        case .duplicatedKeysInMapping(_, let context): Origin(file: file, line: context.mark.line)
        case .no, .memory, .reader, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            Origin(file: file, line: 1)
        }
    }

    private static func problem(_ error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _),
            .reader(let problem, _, _, _):
            problem
        case .duplicatedKeysInMapping(let keys, _): "the key \(keys.joined(separator: ", ")) is written twice"
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded: "it cannot be read"
        }
    }
}
