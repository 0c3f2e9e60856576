internal import HTTPTypes
package import Hummingbird
internal import NIOCore

/// `GET /metrics`: what a Prometheus scraper reads.
package struct MetricsRoute: Sendable {
    private static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    private let text: @Sendable () -> [UInt8]

    /// - Parameter text: all metrics in Prometheus's text format.
    package init(_ text: @escaping @Sendable () -> [UInt8]) { self.text = text }

    /// The routes of a separate listener, open to everybody who can reach it.
    package func router() -> Router<APIContext> {
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ErrorMiddleware())
        router.get("metrics") { _, _ in response }
        router.add(middleware: MethodMiddleware(router))
        return router
    }

    var response: Response {
        Response(
            status: .ok, headers: [.contentType: Self.mediaType, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: text())))
    }
}
