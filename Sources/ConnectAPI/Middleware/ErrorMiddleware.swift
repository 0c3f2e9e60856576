internal import ConnectPages
internal import Hummingbird

/// Turns what routes throw into answers: nothing leaves the service in another shape.
struct ErrorMiddleware: RouterMiddleware {
    private let documentation: ErrorDocumentation?

    /// - Parameter documentation: where error codes are described; `nil`: errors do not say.
    init(_ documentation: ErrorDocumentation? = nil) { self.documentation = documentation }

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return CompleteResponse(to: error, documentation, context.logger).response
        }
    }
}
