internal import Encodings

/// A redirect URI of an app: where its user is sent at the end of a flow.
///
/// Only plain ones exist: absolute, without fragment and user information, without anything that two parsers could
/// read differently. (RFC 9700 §4.1.3; what browsers make of `\`, tabs and the like is what open redirects live on.)
package struct RedirectURI: Sendable, Hashable {
    /// The longest that is taken, in octets.
    package static let maximumByteCount = 512

    package let text: String
    /// The text without its port, if it leads to the machine itself, where any port will do (RFC 8252 §7.3).
    let loopbackForm: String?

    package init(_ text: String) throws(RedirectURIError) {
        guard text.utf8.count <= Self.maximumByteCount else { throw .tooLong }
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && !#""<>\^`{|}#"#.utf8.contains($0) }) else {
            throw .forbiddenCharacter
        }
        guard !Self.hasEncodedControl(text) else { throw .forbiddenCharacter }
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { throw .notAbsolute }
        let scheme = text[..<colon].lowercased()
        let rest = text[text.utf8.index(after: colon)...]
        guard Self.isScheme(scheme) else { throw .notAbsolute }
        self.text = text
        switch scheme {
        case "https", "http":
            let authority = try Self.authority(of: rest)
            let isLoopback = Self.isLoopback(authority.host.lowercased())
            guard scheme == "https" || isLoopback else { throw .insecure }
            loopbackForm = isLoopback ? "\(text[..<colon])://\(authority.host)\(authority.remainder)" : nil
        default:
            // An app's own scheme is a domain name in reverse (RFC 8252 §7.1), which no browser interprets.
            guard scheme.contains("."), !rest.hasPrefix("//") || rest.count > 2 else {
                throw .forbiddenScheme
            }
            loopbackForm = nil
        }
    }

    private static func isScheme(_ text: String) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7a).contains(first) else { return false }
        return text.utf8.allSatisfy {
            (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || "+-.".utf8.contains($0)
        }
    }

    /// `//host[:port]` and what follows it.
    private static func authority(
        of rest: Substring
    ) throws(RedirectURIError) -> (host: Substring, remainder: Substring) {
        guard rest.hasPrefix("//") else { throw .notAbsolute }
        let afterSlashes = rest.dropFirst(2)
        let end = afterSlashes.firstIndex { $0 == "/" || $0 == "?" } ?? afterSlashes.endIndex
        let authority = afterSlashes[..<end]
        guard !authority.contains("@") else { throw .userInformation }
        var host = authority
        let portColon =
            authority.hasPrefix("[")
            ? authority.firstRange(of: "]:")?.upperBound
            : authority.firstIndex(of: ":").map(authority.index(after:))
        if let portColon {
            let port = authority[portColon...]
            let isNumber = port.utf8.allSatisfy { (0x30...0x39).contains($0) }
            guard (1...5).contains(port.utf8.count), isNumber, UInt16(port) != nil else { throw .badHost }
            host = authority[..<authority.index(before: portColon)]
        }
        guard isHost(host) else { throw .badHost }
        return (host, afterSlashes[end...])
    }

    private static func isHost(_ host: Substring) -> Bool {
        if host.hasPrefix("[") {
            return host.hasSuffix("]") && host.contains(":")
                && IPAddress(String(host.dropFirst().dropLast())) != nil
        }
        return !host.isEmpty && !host.hasPrefix(".") && !host.contains("..")
            && host.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x41...0x5a).contains($0) || (0x30...0x39).contains($0)
                    || "-._".utf8.contains($0)
            }
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "127.0.0.1" || host == "[::1]" || host == "localhost"
    }

    /// Whether a white space or control character hides in percent-encoding: some servers decode before they compare.
    private static func hasEncodedControl(_ text: String) -> Bool {
        let octets = Array(text.utf8)
        for index in octets.indices where octets[index] == UInt8(ascii: "%") {
            guard index + 2 < octets.count, let high = Hexadecimal.value(octets[index + 1]),
                let low = Hexadecimal.value(octets[index + 2])
            else { return true }
            let value = high << 4 | low
            if value <= 0x20 || value == 0x7f { return true }
        }
        return false
    }
}

/// Why a text is no redirect URI that we send anybody to.
package enum RedirectURIError: Error, Equatable {
    case tooLong
    /// White space, a control character, `\`, a fragment or anything else that parsers disagree about.
    case forbiddenCharacter
    case notAbsolute
    /// `http` to a host that is not the machine itself.
    case insecure
    /// `javascript:` and whatever else is neither `https` nor an app's own scheme.
    case forbiddenScheme
    case userInformation
    case badHost
}

extension RedirectURIError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLong: "is longer than \(RedirectURI.maximumByteCount) characters"
        case .forbiddenCharacter:
            "has a character that does not belong there (white space, a fragment, a backslash)"
        case .notAbsolute: "is not an absolute URL"
        case .insecure: "must be https; http is for 127.0.0.1, [::1] and localhost only"
        case .forbiddenScheme:
            "has a scheme that is neither https nor an app's own (such as com.example.app:)"
        case .userInformation: "has user information before its host"
        case .badHost: "has no proper host"
        }
    }
}
