internal import Encodings

/// Whom a state is for: the canonical public URL of the service, `https://connect.example.com`.
///
/// It is part of the associated data, so that what one service sealed means nothing to another with the same keys.
public struct Audience: Sendable, Hashable, CustomStringConvertible {
    /// Scheme and host in lower case, no default port, no trailing slash.
    public let description: String
    /// Empty, or begins with a slash and ends without one.
    public let path: String

    /// Scheme and authority, as browsers send them in `Origin` (RFC 6454 §6.2).
    package var origin: String { String(description.dropLast(path.count)) }

    /// Takes an absolute `http` or `https` URL and makes it canonical.
    ///
    /// - Returns: `nil` for other schemes, and for a URL with user information, a query, a fragment, white space, or
    ///   without a host.
    public init?(publicURL text: String) {
        guard let schemeEnd = text.firstRange(of: "://") else { return nil }
        let scheme = text[..<schemeEnd.lowerBound].lowercased()
        guard scheme == "https" || scheme == "http" else { return nil }
        let rest = text[schemeEnd.upperBound...]
        let forbidden = rest.utf8.contains { octet in
            octet <= 0x20 || octet >= 0x7f || #"@?#\<>"{}|^`%"#.utf8.contains(octet)
        }
        guard !forbidden else { return nil }
        let authorityEnd = rest.firstIndex(of: "/") ?? rest.endIndex
        var authority = rest[..<authorityEnd].lowercased()
        var path = rest[authorityEnd...]
        let defaultPort = scheme == "https" ? ":443" : ":80"
        if authority.hasSuffix(defaultPort) { authority.removeLast(defaultPort.count) }
        guard Self.isAuthority(authority) else { return nil }
        while path.hasSuffix("/") { path = path.dropLast() }
        description = "\(scheme)://\(authority)\(path)"
        self.path = String(path)
    }

    /// A host name, an IPv4 address or an IPv6 address in brackets, with or without a port.
    private static func isAuthority(_ text: String) -> Bool {
        var host = Substring(text)
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return false }
            let after = text[text.index(after: close)...]
            host = text[text.index(after: text.startIndex)..<close]
            return host.contains(":") && IPAddress(String(host)) != nil && (after.isEmpty || isPort(after))
        }
        if let colon = host.firstIndex(of: ":") {
            guard isPort(host[colon...]) else { return false }
            host = host[..<colon]
        }
        return !host.isEmpty && !host.hasPrefix(".") && !host.contains("..")
            && host.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-._".utf8.contains($0) }
    }

    private static func isPort(_ text: Substring) -> Bool {
        let digits = text.dropFirst()
        let isNumber = digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return text.first == ":" && isNumber && (1...5).contains(digits.utf8.count) && UInt16(digits) != nil
    }
}
