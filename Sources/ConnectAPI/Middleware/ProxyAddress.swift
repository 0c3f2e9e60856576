internal import ConnectService
internal import Encodings
internal import HTTPTypes
internal import Hummingbird
internal import OAuthHTTP

/// Takes the client's address from what the operator's own proxies say; only added where there are some.
struct ProxyAddress: RouterMiddleware {
    private let proxies: TrustedProxies

    init(_ proxies: TrustedProxies) { self.proxies = proxies }

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.forwardedAddress = proxies.origin(
            of: context.peerAddress, forwardedFor: request.headers[values: .forwardedFor],
            forwarded: request.headers[values: .forwarded])
        return try await next(request, context)
    }
}
