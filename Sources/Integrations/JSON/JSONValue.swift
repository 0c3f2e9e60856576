/// A JSON text as a value; numbers keep their spelling, so that nothing is rounded.
package enum JSONValue: Sendable, Hashable {
    case null
    case boolean(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

extension JSONValue {
    /// The value at the end of a path; nil where the path leads nowhere or to `null`.
    package subscript(path: ResponsePath) -> JSONValue? {
        var value = self
        for name in path.names {
            switch value {
            case .object(let members):
                guard let member = members[name] else { return nil }
                value = member
            case .array(let elements):
                guard let index = Int(name), elements.indices.contains(index) else { return nil }
                value = elements[index]
            case .null, .boolean, .number, .string:
                return nil
            }
        }
        return value == .null ? nil : value
    }

    /// The first of several paths that leads to a value.
    package subscript(paths: [ResponsePath]) -> JSONValue? {
        for path in paths {
            if let value = self[path] { return value }
        }
        return nil
    }

    /// A string, number or boolean as text: providers disagree on which of them an id is.
    package var text: String? {
        switch self {
        case .string(let text), .number(let text): text
        case .boolean(let flag): flag ? "true" : "false"
        case .null, .array, .object: nil
        }
    }
}
