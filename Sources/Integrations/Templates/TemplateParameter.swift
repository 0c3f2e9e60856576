internal import Encodings

/// A value that the initiate request, or the callback, gives for a place in the integration's templates.
package struct TemplateParameter: Sendable, Hashable {
    /// What the value stands for, which decides the characters that it may have.
    package enum Kind: String, Sendable, CaseIterable {
        /// One DNS label; it cannot end the host, open a path or name a port.
        case label
        /// A whole host name of two labels or more, for self-hosted products. May be given as a URL.
        case host
        /// One path segment of unreserved characters: a tenant, an account.
        case segment
    }

    package let name: String
    package let label: String
    package let description: String?
    package let kind: Kind
    /// A regular expression that the whole value must match.
    package let pattern: String?
    package let defaultValue: String?
    /// The callback field that gives the value, for a token endpoint that is known only then.
    package let callbackField: String?
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
    func checked(_ value: String) throws(ParameterError) -> String {
        guard value.utf8.count <= 253 else { throw .invalid(name: name, reason: "is too long") }
        let value = kind == .host ? Self.trimmedHost(value) : value
        switch kind {
        case .label:
            guard HostLabel.isValid(value.utf8) else {
                throw .invalid(name: name, reason: "must be one label of a host name: letters, digits, `-`")
            }
        case .host:
            let labels = value.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            guard labels.count >= 2, labels.allSatisfy({ HostLabel.isValid($0) }), !Self.isNumber(labels.last)
            else {
                throw .invalid(name: name, reason: "must be a host name, without a port or path")
            }
        case .segment:
            guard Self.isSegment(value) else {
                throw .invalid(
                    name: name, reason: "must be one path segment: letters, digits, `-`, `.`, `_`, `~`")
            }
        }
        guard try matchesPattern(value) else {
            throw .invalid(name: name, reason: "does not match the integration's pattern")
        }
        return value
    }

    private func matchesPattern(_ value: String) throws(ParameterError) -> Bool {
        guard let pattern else { return true }
        do {
            return try Regex(pattern).matchingSemantics(.unicodeScalar).wholeMatch(in: value) != nil
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
