internal import ConnectService
internal import HTTPTypes
internal import Hummingbird

/// Has all log lines of a request behind the router name it, by the id that its connection gave it.
struct RequestIDMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard let id = request.headers[.requestID].flatMap({ RequestIdentifier($0) }) else {
            return try await next(request, context)
        }
        var named = context
        named.name(id)
        return try await RequestIdentifier.$current.withValue(id) { [named] in try await next(request, named)
        }
    }
}
