internal import Hummingbird

/// Turns what routes throw into answers: nothing leaves the service in another shape.
struct ErrorMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return Answer(to: error, context.logger).response
        }
    }
}
