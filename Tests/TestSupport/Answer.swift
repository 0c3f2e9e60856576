import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// An HTTP response with its whole body.
package struct Answer: Sendable {
    /// Never follows a redirect: where one leads is what many tests are about.
    private static let client = HTTPClient(
        eventLoopGroupProvider: .singleton,
        configuration: HTTPClient.Configuration(redirectConfiguration: .disallow))

    package let status: Int
    package let headers: HTTPHeaders
    package let body: String

    /// Sends `request` and reads what comes back, up to 4 MiB.
    ///
    /// - Parameter client: one that does not follow redirects either, where the usual one will not do.
    package init(
        to request: HTTPClientRequest, within limit: Duration = .seconds(60),
        through client: HTTPClient? = nil
    ) async throws {
        let response = try await (client ?? Self.client).execute(request, timeout: TimeAmount(limit))
        status = Int(response.status.code)
        headers = response.headers
        body = String(buffer: try await response.body.collect(upTo: 4 << 20))
    }

    package func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(body.utf8))
    }
}
