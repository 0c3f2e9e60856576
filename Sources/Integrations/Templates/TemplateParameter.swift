internal import Encodings

/// A value for a place in the integration's templates.
package struct TemplateParameter: Sendable, Hashable {
    /// What the value stands for, which decides the characters that it may have.
    package enum Kind: String, Sendable, CaseIterable {
        /// One DNS label; it cannot end the host, open a path or name a port.
        case label
        /// A whole host name of two labels or more, for self-hosted products. May be given as a URL.
        case host
        /// One path segment of unreserved characters: a tenant, an account.
        case segment
        /// One of the entry's choices; their values are the entry's own, so they may stand anywhere.
        case choice
        /// The URL of a self-hosted product: `https`, a host, and if need be a port and a path.
        case url
    }

    /// Who gives the value.
    package enum Source: Sendable, Hashable {
        /// The initiate request's `params`.
        case caller
        /// The operator's setting, such as `integrations.ID.params.NAME`.
        case client
        /// A field of the callback, for a token endpoint that is known only then.
        case callback(field: String)
        /// A kept field of the token response, for what is sent once the connection is made.
        case response(field: String)
    }

    package let name: String
    package let label: String
    package let description: String?
    package let example: String?
    package let kind: Kind
    /// A regular expression that the whole value must match.
    package let pattern: String?
    package let defaultValue: String?
    /// In the order of the entry; empty unless the kind is `choice`.
    package let choices: [ParameterChoice]
    package let source: Source
    /// Of the client: never in a state, a response, a URL or a log.
    package let isSecret: Bool
    /// A host that callers name, and of which each client that has a secret belongs to one: its settings name it.
    package let isHostOfClient: Bool
    /// Stands in no URL of ours: kept with the connection for the app.
    package let isForAPI: Bool

    /// The callback field that gives the value.
    package var callbackField: String? {
        if case .callback(let field) = source { field } else { nil }
    }

    /// The field of the token response that gives the value.
    package var responseField: String? {
        if case .response(let field) = source { field } else { nil }
    }

    /// The field that gives the value, by which a connection keeps it.
    package var keptField: String? { callbackField ?? responseField }
}

/// One of the values that a parameter of kind `choice` may have.
package struct ParameterChoice: Sendable, Hashable {
    package let id: String
    package let label: String
    /// What stands in the templates for `{parameter.key}`, by the key; may be empty.
    package let values: [String: String]
}

/// Why the values given for an integration's parameters cannot be used.
package enum ParameterError: Error, Equatable {
    /// The integration has no parameter of this name.
    case unknown(name: String)
    /// No value was given, and there is no default.
    case missing(name: String, label: String)
    /// The value has a form that could change the host, or does not match the pattern.
    case invalid(name: String, reason: String)
    /// The endpoints come from the issuer's discovery document, which has not been read yet.
    case discoveryPending
}

extension ParameterError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknown(let name): "there is no parameter `\(name)`"
        case .missing(let name, let label): "the parameter `\(name)` (\(label)) is needed"
        case .invalid(let name, let reason): "the parameter `\(name)` \(reason)"
        case .discoveryPending: "the issuer's discovery document has not been read yet"
        }
    }
}

extension TemplateParameter {
    /// The value in the form that goes into a template.
    func checked(_ value: String, allowsInsecureLoopback: Bool = false) throws(ParameterError) -> String {
        guard value.utf8.count <= (isSecret ? 4_096 : 253) else {
            throw .invalid(name: name, reason: "is too long")
        }
        var value = value
        if isSecret {
            guard !value.isEmpty, value.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
                throw .invalid(name: name, reason: "must be ASCII without line breaks")
            }
        } else {
            value = try checkedForm(value, allowsInsecureLoopback: allowsInsecureLoopback)
        }
        guard try matchesPattern(value) else {
            throw .invalid(name: name, reason: "does not match the integration's pattern")
        }
        return value
    }

    private func checkedForm(
        _ value: String, allowsInsecureLoopback: Bool
    ) throws(ParameterError) -> String {
        switch kind {
        case .label:
            guard HostLabel.isValid(value.utf8) else {
                throw .invalid(name: name, reason: "must be one label of a host name: letters, digits, `-`")
            }
        case .host:
            let value = Self.trimmedHost(value)
            guard Self.isHost(value) else {
                throw .invalid(name: name, reason: "must be a host name, without a port or path")
            }
            return value
        case .segment:
            guard Self.isSegment(value) else {
                throw .invalid(
                    name: name, reason: "must be one path segment: letters, digits, `-`, `.`, `_`, `~`")
            }
        case .choice:
            guard choices.contains(where: { $0.id == value }) else {
                throw .invalid(
                    name: name, reason: "must be one of: \(choices.map(\.id).joined(separator: ", "))")
            }
        case .url:
            guard let url = Self.serverURL(value, allowsInsecureLoopback: allowsInsecureLoopback) else {
                throw .invalid(
                    name: name,
                    reason: "must be the URL of a server: https, a host name, and perhaps a port and a path")
            }
            return url
        }
        return value
    }

    /// What a checked value puts into templates, by the names there.
    func values(_ value: String) -> [(name: String, value: String)] {
        guard kind == .choice, let choice = choices.first(where: { $0.id == value }) else {
            return [(name, value)]
        }
        return [(name, value)] + choice.values.map { ("\(name).\($0.key)", $0.value) }
    }

    private func matchesPattern(_ value: String) throws(ParameterError) -> Bool {
        guard let pattern else { return true }
        do {
            return try ParameterPatterns.regex(pattern).wholeMatch(in: value) != nil
        } catch {
            throw .invalid(
                name: name, reason: "cannot be checked: the integration's pattern does not compile")
        }
    }

    /// `https://example.com/` is what people copy; a port, path or user name is left in, and refused.
    private static func trimmedHost(_ value: String) -> String {
        var octets = Array(value.utf8)[...]
        if octets.starts(with: "https://".utf8) { octets = octets.dropFirst(8) }
        if octets.last == UInt8(ascii: "/") { octets = octets.dropLast() }
        return String(decoding: octets, as: UTF8.self)
    }

    private static func isHost(_ value: String) -> Bool {
        let labels = value.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.count >= 2 && labels.allSatisfy { HostLabel.isValid($0) } && !isNumber(labels.last)
    }

    /// A server's URL without the slash at its end; nil unless it is one. Its path has segments of unreserved
    /// characters, so that it can neither be left again nor end in a query.
    private static func serverURL(_ value: String, allowsInsecureLoopback: Bool) -> String? {
        let url: ProviderURL
        do throws(ProviderURLError) {
            url = try ProviderURL(value, allowsInsecureLoopback: allowsInsecureLoopback)
        } catch {
            return nil
        }
        let isLoopback = allowsInsecureLoopback && ProviderURL.isLoopback(url.host)
        guard isLoopback || isHost(url.host) else { return nil }
        let text = value.utf8.last == UInt8(ascii: "/") ? String(value.dropLast()) : value
        guard let scheme = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let rest = text.utf8[scheme...].dropFirst(3)
        let segments = rest.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst()
        let isPath = segments.allSatisfy { isSegment(String(decoding: Array($0), as: UTF8.self)) }
        return isPath && !rest.contains(UInt8(ascii: "?")) && !rest.contains(UInt8(ascii: "#")) ? text : nil
    }

    /// A last label in digits would make the name an IPv4 address in one of its spellings.
    private static func isNumber(_ label: Substring.UTF8View.SubSequence?) -> Bool {
        guard let first = label?.first else { return true }
        return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
    }

    private static func isSegment(_ value: String) -> Bool {
        guard !value.isEmpty, value != ".", value != ".." else { return false }
        return PercentEncoding.encode(value) == value
    }
}
