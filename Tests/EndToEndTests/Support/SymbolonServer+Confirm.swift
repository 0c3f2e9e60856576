import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import TestSupport

extension SymbolonServer {
    /// Posts a form to the route of the confirmation page, with the headers of choice.
    func confirm(_ form: String, _ headers: HTTPHeaders) async throws -> Answer {
        var request = HTTPClientRequest(url: baseURL + "/api/v1/oauth/confirm")
        request.method = .POST
        request.headers = headers
        request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
        request.body = .bytes(ByteBuffer(string: form))
        return try await Answer(to: request)
    }
}
