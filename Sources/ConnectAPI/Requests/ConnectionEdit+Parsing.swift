package import ConnectService
internal import Encodings

extension ConnectionEdit {
    /// Reads the body of a request that changes a connection. A field that cannot be changed is a fault, since it would
    /// be lost otherwise.
    package static func parse(
        _ body: Span<UInt8>, contentType: String?
    ) throws(RequestValidationError) -> ConnectionEdit {
        try ConnectionEditForm.parse(body, contentType: contentType)
    }
}

/// What a request changes, while it is read.
private struct ConnectionEditForm: RequestForm {
    private var label = FormField<String>.absent
    private var tags = FormField<[String: String]>.absent
    private var config = FormField<[String: String]>.absent
    private var status = FormField<String>.absent
    private var revision = FormField<Int64>.absent
    private var unknown: [String] = []

    init() {}

    mutating func readMember(
        _ name: JSONString, with reader: inout JSONReader, in text: Span<UInt8>
    ) throws(JSONSyntaxError) {
        if name.matches("label", in: text) {
            label = try reader.readStringField(in: text)
        } else if name.matches("tags", in: text) {
            tags = try reader.readDictionaryField(in: text)
        } else if name.matches("config", in: text) {
            config = try reader.readDictionaryField(in: text)
        } else if name.matches("status", in: text) {
            status = try reader.readStringField(in: text)
        } else if name.matches("revision", in: text) {
            revision = try reader.readIntegerField(in: text)
        } else {
            if unknown.count < 16 {
                unknown.append(String(decoding: name.octets(in: text), as: UTF8.self))
            }
            try reader.skipValue(in: text)
        }
    }

    func request(
        collecting issues: inout ValidationIssues, in text: Span<UInt8>
    ) throws(JSONSyntaxError) -> ConnectionEdit? {
        let label = issues.optional(label, "label")
        if let label { issues.limit(label, to: 255, at: [.name("label")]) }
        let tags = try issues.optional(tags, "tags", in: text)
        if let tags { issues.limit(tags, "tags", count: 10, names: 64, values: 200) }
        let config = try issues.optional(config, "config", in: text)
        if let config { issues.limit(config, "config", count: 64, names: 64, values: 1000) }
        let statusText = issues.optional(status, "status")
        let status = statusText.flatMap { EditableStatus(rawValue: $0) }
        if statusText != nil, status == nil {
            issues.add("Input should be 'active' or 'inactive'", "enum", at: [.name("status")])
        }
        let revision = issues.optional(revision, "revision")
        for name in unknown {
            issues.add("Extra inputs are not permitted", "extra_forbidden", at: [.beginning(of: name)])
        }
        return ConnectionEdit(
            label: label, tags: tags, config: config, status: status, revision: revision)
    }
}

extension ValidationIssue.LocationElement {
    /// A fault's place names what was sent, and no more of it than a name may have.
    fileprivate static func beginning(of name: String) -> ValidationIssue.LocationElement {
        .name(String(name.prefix(64)))
    }
}

extension ValidationIssues {
    /// A text that rows can hold, of no more characters than the limit.
    fileprivate mutating func limit(
        _ text: String, to count: Int, at place: [ValidationIssue.LocationElement]
    ) {
        if text.unicodeScalars.count > count {
            add("String should have at most \(count) characters", "string_too_long", at: place)
        } else if text.utf8.contains(0) {
            add("String should have no NUL character", "string_pattern_mismatch", at: place)
        }
    }

    fileprivate mutating func limit(
        _ members: [String: String], _ name: String, count: Int, names: Int, values: Int
    ) {
        if members.count > count {
            add(
                "Dictionary should have at most \(count) items after validation, not \(members.count)",
                "too_long", at: [.name(name)])
        }
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            let place = [.name(name), ValidationIssue.LocationElement.beginning(of: key)]
            if key.isEmpty {
                add(
                    "String should have at least 1 character", "string_too_short",
                    at: place + [.name("[key]")])
            }
            limit(key, to: names, at: place + [.name("[key]")])
            limit(value, to: values, at: place)
        }
    }

    fileprivate mutating func add(
        _ msg: String, _ type: String, at place: [ValidationIssue.LocationElement]
    ) {
        add(ValidationIssue(loc: [.name("body")] + place, msg: msg, type: type))
    }
}
