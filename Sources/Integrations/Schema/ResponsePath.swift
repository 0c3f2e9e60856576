package import Encodings

/// Where in a response a field is: `authed_user.access_token`, `data.0.id`.
package struct ResponsePath: Sendable, Hashable, CustomStringConvertible {
    package let names: [String]

    /// Nil unless the text is one or more names joined by single dots. What stands in other notations for paths
    /// (`$.data[0]`, `/data/0`) stands in no name.
    package init?(_ text: String) {
        let names = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard names.count <= 8, !names.contains(""), text.utf8.allSatisfy({ Self.isPart($0) }) else {
            return nil
        }
        self.names = names
    }

    package init(name: String) { names = [name] }

    private static func isPart(_ octet: UInt8) -> Bool {
        octet > 0x20 && octet < 0x7f && !"$[](){}/\\*,;|\"'<>=?!&#%^`".utf8.contains(octet)
    }

    package var description: String { names.joined(separator: ".") }
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
}
