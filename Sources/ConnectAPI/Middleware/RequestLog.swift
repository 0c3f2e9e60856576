internal import ConnectService
internal import Hummingbird
internal import Logging
internal import OpenTelemetry

/// One line per request: the route's pattern and never its URL, since URLs carry codes, states and ids.
struct RequestLog: RouterMiddleware {
    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        Self.write(
            method: request.method.rawValue, route: context.endpointPath ?? "none",
            status: response.status.code, since: start, context.logger)
        return response
    }

    /// - Parameters:
    ///   - id: the request's, where no task has it.
    ///   - span: the request's, where no task has it.
    static func write(
        method: @autoclosure () -> String, route: @autoclosure () -> String, status: Int,
        since start: ContinuousClock.Instant, _ logger: Logger, _ id: RequestIdentifier? = nil,
        _ span: TraceSpan? = nil
    ) {
        guard logger.logLevel <= .debug else { return }
        var metadata: Logger.Metadata = [
            "method": "\(method())", "route": "\(route())", "status": "\(status)",
            "milliseconds": "\(start.duration(to: .now).microseconds / 1_000)",
        ]
        if let id { metadata["request_id"] = "\(id)" }
        if let span { metadata.merge(span.logMetadata) { first, _ in first } }
        logger.debug("request", metadata: metadata)
    }
}
