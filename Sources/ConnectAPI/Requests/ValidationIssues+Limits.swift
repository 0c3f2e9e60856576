internal import Encodings

extension ValidationIssue.LocationElement {
    /// A fault's place names what was sent, and no more of it than a name may have.
    static func beginning(of name: String) -> ValidationIssue.LocationElement {
        .name(String(name.prefix(64)))
    }
}

extension ValidationIssues {
    /// What a connection is called: at most 255 characters.
    mutating func label(_ field: FormField<String>) -> String? {
        let label = optional(field, "label")
        if let label { limit(label, to: 255, at: [.name("label")]) }
        return label
    }

    /// The tags of a connection: 10 at most, with names of 64 characters and values of 200.
    mutating func tags(
        _ field: FormField<[String: String]>, in text: Span<UInt8>
    ) throws(JSONSyntaxError) -> [String: String]? {
        let tags = try optional(field, "tags", in: text)
        if let tags { limit(tags, "tags", count: 10, names: 64, values: 200) }
        return tags
    }

    /// Parameters and other values of a connection: 64 at most, with names of 64 characters and values of 1,000.
    mutating func config(
        _ field: FormField<[String: String]>, in text: Span<UInt8>
    ) throws(JSONSyntaxError) -> [String: String]? {
        let config = try optional(field, "config", in: text)
        if let config { limit(config, "config", count: 64, names: 64, values: 1000) }
        return config
    }

    /// Whose a connection is: 1 to 255 characters.
    mutating func userID(_ field: FormField<String>) -> String? {
        guard let userID = optional(field, "user_id") else { return nil }
        let place = [ValidationIssue.LocationElement.name("user_id")]
        if userID.isEmpty {
            add("String should have at least 1 character", "string_too_short", at: place)
        }
        limit(userID, to: 255, at: place)
        return userID
    }

    /// A string at any place of the body.
    mutating func text(
        _ field: FormField<String>, at place: [ValidationIssue.LocationElement], isRequired: Bool = false
    ) -> String? {
        let fault: ValidationIssue.Fault
        switch field {
        case .value(let value): return value
        case .absent where !isRequired, .null where !isRequired: return nil
        case .absent: fault = .missing
        case .null, .wrongInside: fault = .notString
        case .wrong(let found): fault = found
        }
        add(fault.msg, fault.type, at: place)
        return nil
    }

    /// A text that rows can hold, of no more characters than the limit.
    mutating func limit(
        _ text: String, to count: Int, at place: [ValidationIssue.LocationElement]
    ) {
        if text.unicodeScalars.count > count {
            add("String should have at most \(count) characters", "string_too_long", at: place)
        } else if text.utf8.contains(0) {
            add("String should have no NUL character", "string_pattern_mismatch", at: place)
        }
    }

    mutating func limit(
        _ members: [String: String], _ name: String, count: Int, names: Int, values: Int
    ) {
        let before = list.count
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
        // As Pydantic does: how many there are is looked at when each is right.
        guard list.count == before else { return }
        if members.count > count {
            add(
                "Dictionary should have at most \(count) items after validation, not more",
                "too_long", at: [.name(name)])
        }
    }

    mutating func add(
        _ msg: String, _ type: String, at place: [ValidationIssue.LocationElement]
    ) {
        add(ValidationIssue(loc: [.name("body")] + place, msg: msg, type: type))
    }
}
