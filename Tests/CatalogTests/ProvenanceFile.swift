import Encodings
import Foundation
import Yams

/// A mistake in a provenance file: where, and what.
struct ProvenanceMistake: Error, CustomStringConvertible {
    let place: String
    let problem: String

    var description: String { "\(place): \(problem)" }
}

/// Reads provenance files. An unknown key is a mistake, and so is an agreement with a source that is not listed.
enum ProvenanceFile {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Sources/Integrations/Provenance").standardized

    static func all() throws -> [Provenance] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        return try names.filter { $0.hasSuffix(".yaml") }.flatMap { name in
            try read(String(contentsOf: folder.appending(path: name), encoding: .utf8), name: name)
        }
    }

    static func read(_ text: String, name: String) throws -> [Provenance] {
        guard let node = try Yams.compose(yaml: text) else {
            throw ProvenanceMistake(place: name, problem: "is empty")
        }
        let file = try FactReader(node, place: name)
        let integrations = try file.required("integrations") { try FactReader($0, place: $1) }
        try file.finish()
        return try integrations.members.map {
            try Provenance(id: $0.key, FactReader($0.value, place: "\(name): \($0.key)"))
        }
    }
}

/// Reads one mapping, and knows which of its keys were asked for.
private final class FactReader {
    let place: String
    let members: [(key: String, value: Node)]
    private var asked: Set<String> = []

    init(_ node: Node, place: String) throws {
        self.place = place
        guard let mapping = node.mapping else {
            throw ProvenanceMistake(place: place, problem: "must be a mapping")
        }
        members = try mapping.map { key, value in
            guard let key = key.scalar?.string else {
                throw ProvenanceMistake(place: place, problem: "has a key that is no text")
            }
            return (key, value)
        }
    }

    func mistake(_ key: String, _ problem: String) -> ProvenanceMistake {
        ProvenanceMistake(place: "\(place).\(key)", problem: problem)
    }

    func optional<Value>(_ key: String, _ read: (Node, String) throws -> Value) throws -> Value? {
        asked.insert(key)
        return try members.first { $0.key == key }.map { try read($0.value, "\(place).\(key)") }
    }

    func required<Value>(_ key: String, _ read: (Node, String) throws -> Value) throws -> Value {
        guard let value = try optional(key, read) else { throw mistake(key, "is needed") }
        return value
    }

    func text(_ key: String) throws -> String? {
        try optional(key) { node, place in
            guard let text = node.scalar?.string, !text.isEmpty else {
                throw ProvenanceMistake(place: place, problem: "must be a text")
            }
            return text
        }
    }

    func json(_ key: String) throws -> JSONValue? { try optional(key) { node, _ in JSONValue(node) } }

    func texts(_ key: String) throws -> [String: String] {
        guard case .object(let members) = try json(key) ?? .object([:]) else {
            throw mistake(key, "must be a mapping")
        }
        return members.compactMapValues(\.text)
    }

    func finish() throws {
        for member in members where !asked.contains(member.key) {
            throw mistake(
                member.key, "there is no such key; there are \(asked.sorted().joined(separator: ", "))")
        }
    }
}

extension Provenance {
    fileprivate init(id: String, _ reader: FactReader) throws {
        self.id = id
        seen = try reader.required("seen") { node, _ in node.scalar?.string ?? "" }
        let listed = try reader.required("sources") { try FactReader($0, place: $1) }
        var sources: [String: ProvenanceSource] = [:]
        for member in listed.members {
            let source = try FactReader(member.value, place: "\(listed.place).\(member.key)")
            guard let url = try source.text("url"), url.hasPrefix("http") else {
                throw source.mistake("url", "must be a URL")
            }
            sources[member.key] = ProvenanceSource(url: url, date: try source.text("date"))
            try source.finish()
        }
        self.sources = sources
        let stated = try reader.required("facts") { try FactReader($0, place: $1) }
        var facts: [FactName: Fact] = [:]
        for name in FactName.allCases {
            facts[name] = try stated.optional(name.rawValue) { node, place in
                try Fact(FactReader(node, place: place), sources: Set(sources.keys))
            }
        }
        try stated.finish()
        self.facts = facts
        let example = try reader.optional("example") { try RecordedExample(FactReader($0, place: $1)) }
        guard let example = example ?? (facts.isEmpty ? RecordedExample(tokenResponse: .null) : nil) else {
            throw reader.mistake("example", "is needed where there are facts")
        }
        self.example = example
        try reader.finish()
    }
}

extension Fact {
    fileprivate init(_ reader: FactReader, sources: Set<String>) throws {
        value = try reader.required("value") { node, _ in JSONValue(node) }
        agree = try reader.required("agree") { node, place in
            let names = node.sequence?.compactMap { $0.scalar?.string } ?? []
            guard !names.isEmpty else { throw ProvenanceMistake(place: place, problem: "must list sources") }
            return names
        }
        guard case .object(let differ) = try reader.json("differ") ?? .object([:]) else {
            throw reader.mistake("differ", "must be a mapping of sources to values")
        }
        self.differ = differ
        try reader.finish()
        for name in agree + differ.keys where !sources.contains(name) {
            throw reader.mistake(name, "is not one of the sources")
        }
    }
}

extension RecordedExample {
    fileprivate init(_ reader: FactReader) throws {
        parameters = try reader.texts("parameters")
        callback = try reader.texts("callback")
        tokenResponse = try reader.required("token_response") { node, _ in JSONValue(node) }
        exchangeResponse = try reader.json("exchange_response")
        refreshResponse = try reader.json("refresh_response")
        lookupResponse = try reader.json("lookup_response")
        errorResponse = try reader.json("error_response")
        errorStatus = try reader.text("error_status").flatMap(Int.init)
        idTokenClaims = try reader.json("id_token_claims")
        let account = try reader.optional("account") { try FactReader($0, place: $1) }
        accountID = try account?.text("id")
        accountLabel = try account?.text("label")
        try account?.finish()
        try reader.finish()
    }
}

extension JSONValue {
    /// The same in JSON. A date stays the text that it is.
    init(_ node: Node) {
        switch node {
        case .mapping(let mapping):
            let members = mapping.map { ($0.key.scalar?.string ?? "", JSONValue($0.value)) }
            self = .object(Dictionary(members, uniquingKeysWith: { first, _ in first }))
        case .sequence(let sequence): self = .array(sequence.map { JSONValue($0) })
        case .scalar(let scalar):
            guard scalar.style == .plain else {
                self = .string(scalar.string)
                return
            }
            if node.null != nil {
                self = .null
            } else if let flag = node.bool {
                self = .boolean(flag)
            } else if Self.isNumber(scalar.string) {
                self = .number(scalar.string)
            } else {
                self = .string(scalar.string)
            }
        case .alias: self = .null
        }
    }

    /// RFC 8259 §6.
    private static func isNumber(_ text: String) -> Bool {
        text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/) != nil
    }
}
