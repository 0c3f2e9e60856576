internal import ConnectService
internal import Encodings
internal import Hummingbird

/// Asks behind the router what ``RequestGuards`` ask, unless the event loop has asked before it handed the request on.
struct GuardMiddleware: RouterMiddleware {
    private let guards: RequestGuards

    init(_ guards: RequestGuards) { self.guards = guards }

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        if let admitted = HandedOver.current?.take(), admitted.target == request.head.path {
            context.admit(admitted)
        } else {
            let origin = try guards.admit(
                CallerHeader(request.headers), target: request.head.path ?? "",
                host: request.head.authority, peer: context.peerAddress)
            context.admit(origin)
        }
        return try await next(request, context)
    }
}
