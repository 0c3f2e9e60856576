internal import HTTPTypes
internal import Hummingbird

/// Answers a method that a route does not have with 405 and those that it has (RFC 9110 §15.5.6).
///
/// The router asks it about requests that match no route. Add it after the routes.
struct MethodMiddleware: RouterMiddleware {
    private struct Route {
        /// `nil` stands for any.
        let segments: [Substring?]
        var methods: [HTTPRequest.Method]

        var nameCount: Int { segments.count { $0 != nil } }

        func matches(_ path: [Substring]) -> Bool {
            segments.count == path.count && zip(segments, path).allSatisfy { $0 == nil || $0 == $1 }
        }
    }

    private let routes: [Route]

    init(_ router: Router<APIContext>) {
        let methods = Dictionary(grouping: router.routes, by: \.path.description)
        routes = methods.map { path, routes in
            var methods = routes.map(\.method)
            if methods.contains(.get), !methods.contains(.head) { methods.append(.head) }
            return Route(
                segments: path.split(separator: "/").map { $0.hasPrefix("{") ? nil : $0 }, methods: methods)
        }
    }

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let path = request.uri.path.split(separator: "/")
        let found = routes.filter { $0.matches(path) }
        // The router takes a name before a parameter: `/connections/validate` is no connection's.
        let most = found.map(\.nameCount).max()
        let methods = found.filter { $0.nameCount == most }.flatMap(\.methods)
        guard methods.isEmpty else { throw APIError.methodNotAllowed(allowed: methods) }
        return try await next(request, context)
    }
}
