internal import HTTPTypes
internal import Hummingbird

/// Development mode answers to its own names only: a page elsewhere that makes its host name resolve to the loopback
/// address sends another `Host`, and a script of another site another `Origin`.
struct DevelopmentGuard: RouterMiddleware {
    private let authorities: Set<String>

    init(port: Int) {
        authorities = Set(["127.0.0.1", "localhost", "[::1]"].map { "\($0):\(port)" })
    }

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard let authority = request.head.authority, authorities.contains(authority.lowercased()) else {
            throw APIError(
                .misdirectedRequest, "host_not_allowed",
                "Development mode answers on its loopback address only. Use the URL that it printed.")
        }
        // The callback may be a form that the provider posts; its state protects it.
        if let origin = request.headers[.origin], !Self.isCallback(request) {
            guard authorities.contains(where: { origin == "http://\($0)" }) else {
                throw APIError(
                    .forbidden, "origin_not_allowed",
                    "Development mode takes no requests from other sites' pages.")
            }
        }
        return try await next(request, context)
    }

    private static func isCallback(_ request: Request) -> Bool {
        request.uri.path.utf8.starts(with: "/api/v1/oauth/callback/".utf8)
    }
}
