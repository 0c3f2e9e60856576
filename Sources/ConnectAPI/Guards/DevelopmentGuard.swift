internal import HTTPTypes

/// Development mode answers to its own names only: a page elsewhere that makes its host name resolve to the loopback
/// address sends another `Host`, and a script of another site another `Origin`.
struct DevelopmentGuard: Sendable {
    private static let clientPath = "/connect/symbolon.js"

    private let authorities: Set<String>

    init(port: Int) {
        authorities = Set(["127.0.0.1", "localhost", "[::1]"].map { "\($0):\(port)" })
    }

    func admit(_ header: CallerHeader, target: String, host: String?) throws(APIError) {
        guard let host, authorities.contains(host.lowercased()) else {
            throw APIError(
                .misdirectedRequest, "host_not_allowed",
                "Development mode answers on its loopback address only. Use the URL that it printed.")
        }
        // The callback may be a form that the provider posts; its state protects it.
        // An app's own page loads the client from here, as it would in production.
        if let origin = header.origin, !CallbackPath.isBegun(by: target), target != Self.clientPath {
            guard authorities.contains(where: { origin == "http://\($0)" }) else {
                throw APIError(
                    .forbidden, "origin_not_allowed",
                    "Development mode takes no requests from other sites' pages.",
                    headers: [.vary: "Origin"])
            }
        }
    }
}
