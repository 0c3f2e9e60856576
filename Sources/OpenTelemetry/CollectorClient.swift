internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// Sends documents to a collector by OTLP/HTTP, in bounded time. No redirect is followed: headers may hold a key.
///
/// Shut it down before you release it.
package final class CollectorClient: Sendable {
    private static let responseByteCountLimit = 64 * 1024

    private let client: HTTPClient
    private let address: CollectorAddress
    private let headers: [CollectorHeader]

    /// - Parameter certificateFile: of certificate authorities that are trusted beside the system's, in PEM.
    package init(_ address: CollectorAddress, headers: [CollectorHeader], certificateFile: String? = nil) {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let certificateFile { tls.additionalTrustRoots = [.file(certificateFile)] }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5), read: .seconds(10)))
        configuration.httpVersion = .http1Only
        // Batches are sent again, with pauses of their own.
        configuration.connectionPool.retryConnectionEstablishment = false
        // Its own requests make no spans.
        configuration.tracing.tracer = nil
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.address = address
        self.headers = headers
    }

    package func send(_ document: [UInt8], timeout: Duration) async -> SpanDelivery {
        var request = HTTPClientRequest(url: address.url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "User-Agent", value: "symbolon")
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        request.body = .bytes(ByteBuffer(bytes: document))
        do {
            let response = try await client.execute(request, timeout: TimeAmount(timeout))
            let body = try await response.body.collect(upTo: Self.responseByteCountLimit)
            return SpanDelivery(
                status: Int(response.status.code), body: Array(body.readableBytesView),
                retryAfter: response.headers.first(name: "Retry-After"))
        } catch {
            return .unavailable(reason: Self.reason(error), wait: nil)
        }
    }

    package func shutdown() async {
        do {
            try await client.shutdown()
        } catch {
            // It was shut down before, which is what was wanted.
            return
        }
    }

    /// Without the URL, which errors of the client do not hold, and without headers.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: error.shortDescription
        case is NIOTooManyBytesError: "the response is too large"
        case is NIOConnectionError, is IOError: "no connection could be made, or it broke"
        case is CancellationError: "interrupted"
        default: "\(type(of: error))"
        }
    }
}
