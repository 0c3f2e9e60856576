import Foundation
import TestSupport

/// The cookies of one user agent, by host.
///
/// As in RFC 6265, ports do not keep cookies apart: servers on one loopback address share them. `Domain` and
/// `SameSite` are not looked at; nothing here crosses hosts.
struct CookieJar: Sendable {
    struct Cookie: Sendable, Equatable {
        let name: String
        let value: String
        let path: String
        /// Every attribute as sent, names in lower case.
        let attributes: [String: String]
    }

    private var cookies: [String: [Cookie]] = [:]

    func cookies(for host: String) -> [Cookie] { cookies[host] ?? [] }

    /// The value of the `Cookie` header for a request, `nil` when there is none to send.
    func header(for url: URL) -> String? {
        let path = url.path().isEmpty ? "/" : url.path()
        let sent = cookies(for: url.host() ?? "").filter { path.matches(cookiePath: $0.path) }
        return sent.isEmpty ? nil : sent.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
    }

    /// Takes one `Set-Cookie` header of an answer from `url`.
    mutating func store(_ header: String, from url: URL) {
        let fields = header.split(separator: ";").map(Self.pair)
        guard let first = fields.first, !first.name.isEmpty, let host = url.host() else { return }
        let attributes = Dictionary(
            fields.dropFirst().map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $1 })
        let path = attributes["path"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? Self.defaultPath(of: url)
        cookies[host, default: []].removeAll { $0.name == first.name && $0.path == path }
        // Servers that delete a cookie send Max-Age=0, those of old a date in 1970.
        let lifetime = attributes["max-age"].flatMap(Int.init)
        let expired = lifetime.map { $0 <= 0 } ?? attributes["expires"].map { $0.contains(" 1970 ") } ?? false
        guard !expired else { return }
        cookies[host, default: []].append(
            Cookie(name: first.name, value: first.value, path: path, attributes: attributes))
    }

    private static func pair(_ text: Substring) -> (name: String, value: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let trimmed = parts.map { $0.trimmingCharacters(in: .whitespaces) }
        return (trimmed[0], trimmed.count > 1 ? trimmed[1] : "")
    }

    private static func defaultPath(of url: URL) -> String {
        let folder = url.path().split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return folder.count < 2 ? "/" : folder.joined(separator: "/")
    }
}

extension String {
    /// RFC 6265 §5.1.4.
    fileprivate func matches(cookiePath: String) -> Bool {
        guard hasPrefix(cookiePath) else { return false }
        let rest = dropFirst(cookiePath.count)
        return rest.isEmpty || cookiePath.hasSuffix("/") || rest.first == "/"
    }
}
