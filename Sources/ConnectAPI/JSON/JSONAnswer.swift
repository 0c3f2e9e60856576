package import HTTPTypes
internal import Hummingbird
internal import NIOCore

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

    /// For a connection itself: all of it, as HTTP/1.1 has it (RFC 9112 §2.1).
    func message(date: String, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        var message = allocator.buffer(capacity: octets.count + 256)
        message.writeString("HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
        message.writeString("Content-Type: application/json\r\nCache-Control: no-store\r\n")
        for field in headers { message.writeString("\(field.name.rawName): \(field.value)\r\n") }
        message.writeString("Content-Length: \(octets.count)\r\nDate: \(date)\r\n\r\n")
        message.writeBytes(octets)
        return message
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
