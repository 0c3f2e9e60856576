internal import HTTPTypes
internal import Hummingbird
internal import Logging

/// Turns what routes throw into answers: nothing leaves the service in another shape.
struct ErrorMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            if let answer = Answer(to: error) { return answer.response }
            context.logger.error("unexpected error", metadata: ["error": "\(type(of: error))"])
            return APIError.internalError.response
        }
    }
}
