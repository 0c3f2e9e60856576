internal import Encodings

/// Reads one mapping of a catalog file. A key that no reader asks for is unknown, so none is ignored silently.
final class SectionReader {
    let origin: Origin
    let mistakes: MistakeList
    private let path: String
    private let members: [(key: String, value: YAMLNode)]
    private var asked: Set<String> = []

    init(_ node: YAMLNode, path: String, mistakes: MistakeList) {
        origin = node.origin
        self.mistakes = mistakes
        self.path = path
        members = node.members ?? []
        if node.members == nil, !node.isNull {
            mistakes.report(
                "must be a mapping of keys to values", at: node.origin, field: path.isEmpty ? nil : path)
        }
    }

    var keys: [String] { members.map(\.key) }

    func node(_ key: String) -> YAMLNode? {
        asked.insert(key)
        guard let node = members.first(where: { $0.key == key })?.value, !node.isNull else { return nil }
        return node
    }

    func field(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    func report(_ advice: String, _ key: String) {
        let origin = members.first { $0.key == key }?.value.origin ?? origin
        mistakes.report(advice, at: origin, field: field(key))
    }

    /// Reports what an entry makes of a key that it may inherit: where it is written, if that is in the entry, and else at
    /// the entry itself.
    func reportInEntry(_ advice: String, _ key: String) {
        let written = members.first { $0.key == key }?.value.origin
        let place = written.map { $0.entry == origin.entry ? $0 : origin } ?? origin
        mistakes.report(advice, at: place, field: field(key))
    }

    func section(_ key: String) -> SectionReader {
        let node = node(key) ?? YAMLNode(content: .null, origin: origin)
        return SectionReader(node, path: field(key), mistakes: mistakes)
    }

    func string(_ key: String) -> String? {
        guard let node = node(key) else { return nil }
        guard let text = node.text, !text.isEmpty else {
            report("must be a text that is not empty", key)
            return nil
        }
        return text
    }

    func flag(_ key: String) -> Bool? {
        guard let node = node(key) else { return nil }
        guard case .scalar(let text, isPlain: true) = node.content, ["true", "false"].contains(text) else {
            report("must be true or false", key)
            return nil
        }
        return text == "true"
    }

    func number(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let node = node(key) else { return nil }
        guard case .scalar(let text, isPlain: true) = node.content, let number = Int(text),
            range.contains(number)
        else {
            report("must be an integer from \(range.lowerBound) to \(range.upperBound)", key)
            return nil
        }
        return number
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, of type: Choice.Type
    ) -> Choice? where Choice.RawValue == String {
        guard let node = node(key) else { return nil }
        guard let text = node.text, let choice = Choice(rawValue: text) else {
            report("must be one of: \(Choice.allCases.map(\.rawValue).joined(separator: ", "))", key)
            return nil
        }
        return choice
    }

    func strings(_ key: String) -> [String]? {
        guard let node = node(key) else { return nil }
        guard case .sequence(let elements) = node.content else {
            report("must be a list of texts", key)
            return nil
        }
        let texts = elements.compactMap(\.text).filter { !$0.isEmpty }
        if texts.count < elements.count { report("must hold only texts that are not empty", key) }
        return texts
    }

    /// One path, or a list of them of which the first that leads anywhere counts.
    func paths(_ key: String) -> [ResponsePath]? {
        guard let node = node(key) else { return nil }
        let texts = node.text.map { [$0] } ?? strings(key) ?? []
        let paths = texts.compactMap(ResponsePath.init)
        if paths.count < texts.count || paths.isEmpty {
            report("must be a path like `authed_user.access_token`, or a list of such", key)
        }
        return paths
    }

    /// Names mapped to texts in which the entry's parameters may stand.
    func templates(_ key: String, parameters: [TemplateParameter]) -> [NamedTemplate] {
        let section = section(key)
        return section.keys.compactMap { name in
            guard let text = section.string(name) else { return nil }
            return section.template(text, name, parameters: parameters).map {
                NamedTemplate(name: name, value: $0)
            }
        }
    }

    func template(_ text: String, _ key: String, parameters: [TemplateParameter]) -> Template? {
        do {
            let template = try Template(text)
            for name in template.names where !parameters.contains(where: { $0.hasValue(name) }) {
                report("names {\(name)}, which the entry does not declare under `parameters`", key)
            }
            return template
        } catch {
            report(error.description, key)
            return nil
        }
    }

    /// Call last: it reports every key that no other call has asked for.
    func finish() {
        for member in members where !asked.contains(member.key) {
            let known = asked.sorted()
            let likely = LikelyName.of(member.key, among: known)
            let advice = likely.map { "did you mean `\($0)`?" } ?? "remove it, or use one of:"
            let rest = likely == nil ? " " + known.joined(separator: ", ") : ""
            report("there is no such key; \(advice)\(rest)", member.key)
        }
    }
}

/// A static parameter or header of a request.
package struct NamedTemplate: Sendable, Hashable {
    package let name: String
    package let value: Template
}
