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
        } catch let error as APIError {
            return error.response
        } catch let error as RequestValidationError {
            return error.response(from: request, context: context)
        } catch let error as HTTPError {
            return answer(to: error).response
        } catch {
            context.logger.error("unexpected error", metadata: ["error": "\(type(of: error))"])
            return APIError.internalError.response
        }
    }

    private func answer(to error: HTTPError) -> APIError {
        switch error.status {
        case .notFound, .methodNotAllowed: .notFound
        case .contentTooLarge: .bodyTooLarge(limit: InitiateRoute.maximumBodyByteCount)
        case .uriTooLong: .uriTooLong
        default: APIError(error.status, "invalid_request", error.body ?? "The request cannot be read.")
        }
    }
}
