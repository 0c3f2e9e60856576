internal import StateTokens

/// The origin of an app's pages (RFC 6454 §6.2), as browsers write it: `https://app.example.com`.
package struct WebOrigin: Sendable, Hashable {
    package let text: String
    /// Whether it is of the machine itself.
    let isLoopback: Bool

    /// - Returns: `nil` unless the text is an origin as a browser sends it: scheme and host in lower case, no default port,
    ///   no path, and `http` for the machine itself only.
    package init?(_ text: String) {
        guard let url = Audience(publicURL: text), url.path.isEmpty, url.description == text else {
            return nil
        }
        let isPlain = text.hasPrefix("http://")
        let authority = text.dropFirst(isPlain ? 7 : 8)
        let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        isLoopback = ["127.0.0.1", "[::1", "localhost"].contains(host)
        guard !isPlain || isLoopback else { return nil }
        self.text = text
    }
}

/// The origins from which a workspace's pages may use connect sessions, and frame the page for them.
package struct OriginAllowlist: Sendable, Equatable {
    /// In the file's order.
    package let origins: [WebOrigin]
    package let allowsEveryLoopback: Bool

    package init(_ origins: [WebOrigin] = []) {
        self.origins = origins
        allowsEveryLoopback = false
    }

    private init(allowsEveryLoopback: Bool) {
        origins = []
        self.allowsEveryLoopback = allowsEveryLoopback
    }

    /// Whatever the machine itself serves: for development.
    package static let everyLoopback = OriginAllowlist(allowsEveryLoopback: true)

    /// Whether pages of this origin may: compared octet by octet.
    package func allows(_ text: String) -> Bool {
        if origins.contains(where: { $0.text.utf8.elementsEqual(text.utf8) }) { return true }
        return allowsEveryLoopback && WebOrigin(text)?.isLoopback ?? false
    }
}
