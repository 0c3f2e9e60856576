internal import Hummingbird
internal import OpenTelemetry
internal import Tracing

/// Makes a span of each request behind the router, and has what the request causes become its children.
struct TraceMiddleware: RouterMiddleware {
    /// What probes and scrapers ask every few seconds: spans of it would only be in the way.
    private static let untraced: Set<String> = ["/healthz", "/readyz", "/metrics"]

    private let tracing: RequestTracing

    init(_ tracing: RequestTracing) { self.tracing = tracing }

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard !Self.untraced.contains(request.uri.path) else { return try await next(request, context) }
        let span = tracing.begin(CallerHeader(request.headers))
        var traced = context
        traced.trace(as: span)
        func end(_ status: Int) {
            // What the router names a request without a route is no path.
            let route = context.endpointPath.flatMap { $0.hasPrefix("/") ? $0 : nil }
            RequestTracing.end(span, method: request.method.rawValue, route: route, status: status)
        }
        do {
            let response = try await ServiceContext.withValue(span.context) { [traced] in
                try await next(request, traced)
            }
            end(response.status.code)
            return response
        } catch {
            end(500)
            throw error
        }
    }
}
