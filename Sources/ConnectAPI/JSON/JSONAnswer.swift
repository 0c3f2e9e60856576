package import HTTPTypes
internal import Hummingbird
internal import NIOHTTP1

/// An answer in JSON that is there as a whole, whoever sends it. No cache keeps it.
package struct JSONAnswer: Sendable {
    package let status: HTTPResponse.Status
    /// Beside those that each answer has.
    private let headers: HTTPFields
    package let octets: [UInt8]

    package init(_ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], octets: [UInt8]) {
        self.status = status
        self.headers = headers
        self.octets = octets
    }

    /// For Hummingbird, which adds length and date itself.
    var response: Response {
        var all: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
        all.append(contentsOf: headers)
        return Response(
            status: status, headers: all, body: ResponseBody(byteBuffer: ByteBuffer(bytes: octets)))
    }

    /// For a connection itself.
    func head(date: String) -> HTTPResponseHead {
        var all: HTTPHeaders = [
            "Content-Type": "application/json", "Cache-Control": "no-store",
            "Content-Length": String(octets.count), "Date": date,
        ]
        for field in headers { all.add(name: field.name.rawName, value: field.value) }
        let status = HTTPResponseStatus(statusCode: status.code, reasonPhrase: status.reasonPhrase)
        return HTTPResponseHead(version: .http1_1, status: status, headers: all)
    }

    /// What a client is told of an error, or `nil` if nobody expected it.
    init?(to error: any Error) {
        switch error {
        case let error as APIError: self = error.answer
        case let error as RequestValidationError: self = error.answer
        case let error as HTTPError: self = APIError(error).answer
        default: return nil
        }
    }
}

extension APIError {
    /// What the server's own parts throw.
    fileprivate init(_ error: HTTPError) {
        switch error.status {
        case .notFound, .methodNotAllowed: self = .notFound
        case .contentTooLarge: self = .bodyTooLarge(limit: InitiateRoute.maximumBodyByteCount)
        case .uriTooLong: self = .uriTooLong
        default:
            self.init(error.status, "invalid_request", error.body ?? "The request cannot be read.")
        }
    }
}
