internal import HTTPTypes

/// Development mode answers to its own names only: a page elsewhere that makes its host name resolve to the loopback
/// address sends another `Host`, and a script of another site another `Origin`.
struct DevelopmentGuard: Sendable {
    private let authorities: Set<String>

    init(port: Int) {
        authorities = Set(["127.0.0.1", "localhost", "[::1]"].map { "\($0):\(port)" })
    }

    func admit(_ header: CallerHeader, target: String, host: String?) throws(APIError) {
        guard let host, isOurs(host), AbsoluteForm(target).map({ isOurs($0.authority) }) ?? true else {
            throw APIError(
                .misdirectedRequest, "host_not_allowed",
                "Development mode answers on its loopback address only. Use the URL that it printed.")
        }
        // The callback may be a form that the provider posts; its state protects it.
        if let origin = header.origin, !Self.isCallback(target) {
            guard authorities.contains(where: { origin == "http://\($0)" }) else {
                throw APIError(
                    .forbidden, "origin_not_allowed",
                    "Development mode takes no requests from other sites' pages.")
            }
        }
    }

    private func isOurs(_ authority: some StringProtocol) -> Bool {
        authorities.contains(authority.lowercased())
    }

    private static func isCallback(_ target: String) -> Bool {
        let path = AbsoluteForm(target)?.path ?? target[...]
        return path.utf8.starts(with: CallbackPath.prefix.utf8)
    }
}

/// A request target with its scheme and authority, which stand above `Host` (RFC 9112 §3.2.2).
struct AbsoluteForm {
    let authority: Substring
    let path: Substring

    init?(_ target: String) {
        guard !target.utf8.starts(with: "/".utf8), let mark = target.firstRange(of: "://") else { return nil }
        let rest = target[mark.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        authority = rest[..<end]
        path = rest[end...]
    }
}
