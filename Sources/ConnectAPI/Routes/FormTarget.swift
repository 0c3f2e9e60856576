/// Where a form's answer leads on, for the `form-action` of a content security policy: browsers follow a redirect after a
/// form only to what it lists.
enum FormTarget {
    /// The source (CSP Level 3 §2.3.1) that covers a redirect URI: its origin, or its scheme where a source cannot have
    /// the host, as for an address in brackets and an app's own scheme.
    ///
    /// - Parameter redirectURI: one that is listed, so that its scheme and host hold nothing but letters, digits and `-._`.
    static func source(of redirectURI: String) -> String {
        guard let colon = redirectURI.firstIndex(of: ":") else { return "'none'" }
        let scheme = redirectURI[..<colon].lowercased()
        let rest = redirectURI[redirectURI.index(after: colon)...]
        guard scheme == "https" || scheme == "http", rest.hasPrefix("//") else { return "\(scheme):" }
        let host = rest.dropFirst(2).prefix { $0 != "/" && $0 != "?" }
        return host.hasPrefix("[") ? "\(scheme):" : "\(scheme)://\(host)"
    }
}
