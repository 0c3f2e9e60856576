package import Encodings
package import StateTokens

/// What a token says (RFC 7519 §4).
package struct JSONWebTokenClaims: Sendable {
    private let members: [String: JSONValue]

    init(_ members: [String: JSONValue]) { self.members = members }

    /// The claims of a token that is not checked here: one that was checked before, or came over TLS from its issuer.
    package init?(unverified text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        do {
            members = try JSONWebToken.object(String(parts[1]))
        } catch {
            return nil
        }
    }

    /// All claims, for those who know a path to what they want.
    package var json: JSONValue { .object(members) }

    /// A text, by a claim's name: first as it stands (names may be URLs), then as a path with dots.
    package func text(_ name: String) -> String? {
        guard case .string(let text)? = value(name) else { return nil }
        return text
    }

    /// A list of texts; one text is a list of one.
    package func texts(_ name: String) -> [String]? {
        switch value(name) {
        case .string(let text): [text]
        case .array(let elements):
            elements.reduce(into: [String]?.some([])) { texts, element in
                guard case .string(let text) = element else {
                    texts = nil
                    return
                }
                texts?.append(text)
            }
        default: nil
        }
    }

    package func has(_ name: String) -> Bool { members[name] != nil }

    /// A NumericDate (RFC 7519 §2), rounded down.
    package func date(_ name: String) throws(JSONWebTokenError) -> Timestamp? {
        guard let value = members[name] else { return nil }
        guard case .number(let text) = value, let seconds = Double(text), seconds >= 0, seconds < 1e11 else {
            throw .claimMissing(name)
        }
        return Timestamp(secondsSinceEpoch: Int64(seconds.rounded(.down)))
    }

    private func value(_ name: String) -> JSONValue? {
        if let value = members[name] { return value }
        var value = JSONValue.object(members)
        for step in name.split(separator: ".") {
            guard case .object(let object) = value, let next = object[String(step)] else { return nil }
            value = next
        }
        return value
    }
}
