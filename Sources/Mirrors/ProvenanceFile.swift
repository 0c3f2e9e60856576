internal import Encodings
internal import Integrations

/// A mistake in a provenance file: where, and what.
package struct ProvenanceMistake: Error, CustomStringConvertible {
    package let place: String
    package let problem: String

    package init(place: String, problem: String) {
        self.place = place
        self.problem = problem
    }

    package var description: String { "\(place): \(problem)" }
}

/// Reads provenance files. An unknown key is a mistake, and so is an agreement with a source that is not listed.
package enum ProvenanceFile {
    /// All that comes with the program, a file for each file of the catalog.
    package static func all() throws(ProvenanceMistake) -> [Provenance] {
        var all: [Provenance] = []
        for file in EmbeddedFile.all { all += try read(file.text, name: file.name) }
        return all
    }

    /// What comes with the program for one integration; `nil` if nothing does.
    package static func embedded(_ id: String) throws(ProvenanceMistake) -> Provenance? {
        for file in EmbeddedFile.all where file.text.contains("\n  \(id):") {
            if let found = try read(file.text, name: file.name).first(where: { $0.id == id }) { return found }
        }
        return nil
    }

    package static func read(_ text: String, name: String) throws(ProvenanceMistake) -> [Provenance] {
        let node: YAMLNode
        do throws(YAMLMistake) {
            node = try YAMLNode.parse(text, file: name)
        } catch {
            throw ProvenanceMistake(place: name, problem: "\(error)")
        }
        let file = try FactReader(node, place: name)
        let integrations = try FactReader(file.needed("integrations"), place: "\(name).integrations")
        try file.finish()
        var found: [Provenance] = []
        for member in integrations.members {
            found.append(
                try Provenance(
                    id: member.key, FactReader(member.value, place: "\(name): \(member.key)")))
        }
        return found
    }
}

/// Reads one mapping, and knows which of its keys were asked for.
private final class FactReader {
    let place: String
    let members: [(key: String, value: YAMLNode)]
    private var asked: Set<String> = []

    init(_ node: YAMLNode, place: String) throws(ProvenanceMistake) {
        guard let members = node.members else {
            throw ProvenanceMistake(place: place, problem: "must be a mapping")
        }
        self.place = place
        self.members = members
    }

    func mistake(_ key: String, _ problem: String) -> ProvenanceMistake {
        ProvenanceMistake(place: "\(place).\(key)", problem: problem)
    }

    func node(_ key: String) -> YAMLNode? {
        asked.insert(key)
        return members.first { $0.key == key }?.value
    }

    func needed(_ key: String) throws(ProvenanceMistake) -> YAMLNode {
        guard let node = node(key) else { throw mistake(key, "is needed") }
        return node
    }

    func section(_ key: String) throws(ProvenanceMistake) -> FactReader? {
        guard let node = node(key) else { return nil }
        return try FactReader(node, place: "\(place).\(key)")
    }

    func text(_ key: String) throws(ProvenanceMistake) -> String? {
        guard let node = node(key) else { return nil }
        guard let text = node.text, !text.isEmpty else { throw mistake(key, "must be a text") }
        return text
    }

    func json(_ key: String) -> JSONValue? { node(key).map { JSONValue($0) } }

    func texts(_ key: String) throws(ProvenanceMistake) -> [String: String] {
        guard case .object(let members) = json(key) ?? .object([:]) else {
            throw mistake(key, "must be a mapping")
        }
        return members.compactMapValues(\.text)
    }

    func finish() throws(ProvenanceMistake) {
        for member in members where !asked.contains(member.key) {
            throw mistake(
                member.key, "there is no such key; there are \(asked.sorted().joined(separator: ", "))")
        }
    }
}

extension Provenance {
    fileprivate init(id: String, _ reader: FactReader) throws(ProvenanceMistake) {
        let seen = try reader.needed("seen").text ?? ""
        let listed = try FactReader(reader.needed("sources"), place: "\(reader.place).sources")
        var sources: [String: ProvenanceSource] = [:]
        for member in listed.members {
            let source = try FactReader(member.value, place: "\(listed.place).\(member.key)")
            guard let url = try source.text("url"), url.hasPrefix("http") else {
                throw source.mistake("url", "must be a URL")
            }
            sources[member.key] = ProvenanceSource(url: url, date: try source.text("date"))
            try source.finish()
        }
        let stated = try FactReader(reader.needed("facts"), place: "\(reader.place).facts")
        var facts: [FactName: Fact] = [:]
        for name in FactName.allCases {
            guard let section = try stated.section(name.rawValue) else { continue }
            facts[name] = try Fact(section, sources: Set(sources.keys))
        }
        try stated.finish()
        var example = RecordedExample(tokenResponse: .null)
        if let section = try reader.section("example") {
            example = try RecordedExample(section)
        } else if !facts.isEmpty {
            throw reader.mistake("example", "is needed where there are facts")
        }
        try reader.finish()
        self.init(id: id, seen: seen, sources: sources, facts: facts, example: example)
    }
}

extension Fact {
    fileprivate init(_ reader: FactReader, sources: Set<String>) throws(ProvenanceMistake) {
        let value = JSONValue(try reader.needed("value"))
        var agree: [String] = []
        if case .sequence(let elements) = try reader.needed("agree").content {
            agree = elements.compactMap(\.text)
        }
        if agree.isEmpty { throw reader.mistake("agree", "must list sources") }
        guard case .object(let differ) = reader.json("differ") ?? .object([:]) else {
            throw reader.mistake("differ", "must be a mapping of sources to values")
        }
        try reader.finish()
        for name in agree + differ.keys where !sources.contains(name) {
            throw reader.mistake(name, "is not one of the sources")
        }
        self.init(value: value, agree: agree, differ: differ)
    }
}

extension RecordedExample {
    fileprivate init(_ reader: FactReader) throws(ProvenanceMistake) {
        self.init(tokenResponse: JSONValue(try reader.needed("token_response")))
        parameters = try reader.texts("parameters")
        callback = try reader.texts("callback")
        exchangeResponse = reader.json("exchange_response")
        refreshResponse = reader.json("refresh_response")
        lookupResponse = reader.json("lookup_response")
        errorResponse = reader.json("error_response")
        errorStatus = try reader.text("error_status").flatMap { Int($0) }
        idTokenClaims = reader.json("id_token_claims")
        if let account = try reader.section("account") {
            accountID = try account.text("id")
            accountLabel = try account.text("label")
            try account.finish()
        }
        try reader.finish()
    }
}

extension JSONValue {
    /// The same in JSON. A date stays the text that it is.
    init(_ node: YAMLNode) {
        switch node.content {
        case .null: self = .null
        case .mapping(let members):
            self = .object(
                Dictionary(
                    members.map { ($0.key, JSONValue($0.value)) }, uniquingKeysWith: { first, _ in first }))
        case .sequence(let elements): self = .array(elements.map { JSONValue($0) })
        case .scalar(let text, let isPlain):
            self = isPlain && Self.isLiteral(text) ? Self.literal(text) : .string(text)
        }
    }

    private static func isLiteral(_ text: String) -> Bool {
        if text == "true" || text == "false" { return true }
        guard let first = text.utf8.first else { return false }
        return first == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
    }

    /// A truth value or a number (RFC 8259 §6); a text that only begins like one is a text.
    private static func literal(_ text: String) -> JSONValue {
        do throws(JSONSyntaxError) {
            return try JSONValue.parse(Array(text.utf8))
        } catch {
            return .string(text)
        }
    }
}
