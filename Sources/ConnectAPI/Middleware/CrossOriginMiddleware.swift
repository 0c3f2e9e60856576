internal import ConnectService
internal import HTTPTypes
internal import Hummingbird

/// Lets pages of a connect session's origins use it (Fetch Standard §3.2): exactly those origins, with a session, and
/// without the browser's own credentials.
struct CrossOriginMiddleware: RouterMiddleware {
    private let sessions: SessionVerifier
    private let authenticator: Authenticator

    init(_ sessions: SessionVerifier, authenticator: Authenticator) {
        self.sessions = sessions
        self.authenticator = authenticator
    }

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        // A provider's form comes to the callback with the provider's origin, and shows no session.
        guard let origin = request.headers[.origin], !CallbackPath.isBegun(by: request.uri.path) else {
            return try await next(request, context)
        }
        if request.method == .options, request.headers[.accessControlRequestMethod] != nil,
            let methods = SessionPath.methods(of: request.uri.path)
        {
            return preflight(origin, methods)
        }
        var response = try await next(request, context)
        if response.headers[.vary] != "Origin" {
            response.headers.append(HTTPField(name: .vary, value: "Origin"))
        }
        if let text = authenticator.sessionText(in: request), sessions.mayRead(origin, text) {
            response.headers[.accessControlAllowOrigin] = origin
            response.headers[.accessControlExposeHeaders] = "X-Request-Id"
        }
        return response
    }

    /// A preflight shows no session, so that the origins of all workspaces may ask. What they ask for then is answered by
    /// the session that it shows.
    private func preflight(_ origin: String, _ methods: String) -> Response {
        var headers: HTTPFields = [.vary: "Origin", .cacheControl: "no-store"]
        guard sessions.allowsPreflight(from: origin) else {
            return Response(status: .forbidden, headers: headers)
        }
        headers[.accessControlAllowOrigin] = origin
        headers[.accessControlAllowMethods] = methods
        headers[.accessControlAllowHeaders] = "authorization, content-type"
        headers[.accessControlMaxAge] = "600"
        return Response(status: .noContent, headers: headers)
    }
}

/// The routes that take a connect session.
enum SessionPath {
    /// The methods of a path, as a preflight names them; `nil` for a path that no session is taken at.
    static func methods(of path: String) -> String? {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        guard segments.count <= 5, segments.starts(with: ["", "api", "v1"]) else { return nil }
        return switch (segments.dropFirst(3).first ?? "", segments.dropFirst(4).first ?? "") {
        case ("oauth", "initiate"): "POST"
        case ("integrations", _): "GET"
        case ("connections", ""): "GET"
        case ("connections", _): "GET, DELETE"
        default: nil
        }
    }
}
