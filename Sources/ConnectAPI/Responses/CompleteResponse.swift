internal import ConnectService
package import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// A complete response, for the event loop or for Hummingbird to send. No cache keeps it.
package struct CompleteResponse: Sendable {
    package let status: HTTPResponse.Status
    private let header: ResponseHeader
    /// Beside those of the header.
    private let fields: HTTPFields
    private let octets: [UInt8]

    init(
        _ status: HTTPResponse.Status, _ header: ResponseHeader, fields: HTTPFields = [:],
        octets: [UInt8] = []
    ) {
        self.status = status
        self.header = header
        self.fields = fields
        self.octets = octets
    }

    package static func json(
        _ status: HTTPResponse.Status = .ok, fields: HTTPFields = [:], octets: [UInt8]
    ) -> CompleteResponse {
        CompleteResponse(status, .json, fields: fields, octets: octets)
    }

    /// For Hummingbird, which adds length and date itself.
    var response: Response {
        var all = header.fields
        all.append(contentsOf: fields)
        return Response(
            status: status, headers: all, body: ResponseBody(byteBuffer: ByteBuffer(bytes: octets)))
    }

    /// For a connection itself: all of it, as HTTP/1.1 has it (RFC 9112 §2.1).
    ///
    /// NIO's encoder would look through the fields for a length and a transfer coding, and take three parts where one is
    /// enough: the fields' values were made fit for a header when they became `HTTPField`s.
    ///
    /// - Parameters:
    ///   - hasContent: `false` for the response to a HEAD.
    ///   - isLast: the connection ends with it.
    ///   - id: of the request.
    func message(
        date: String, _ id: RequestIdentifier, hasContent: Bool = true, isLast: Bool = false,
        _ allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        var message = allocator.buffer(capacity: octets.count + header.lines.count + 256)
        if status == .ok {
            message.writeStaticString("HTTP/1.1 200 OK\r\n")
        } else {
            message.writeString("HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
        }
        message.writeBytes(header.lines)
        for field in fields { message.writeString(ResponseHeader.line(field)) }
        if isLast { message.writeString("Connection: close\r\n") }
        // A 204 has none (RFC 9110 §8.6).
        if status != .noContent {
            message.writeStaticString("Content-Length: ")
            message.writeString(String(octets.count))
            message.writeStaticString("\r\n")
        }
        message.writeStaticString("Date: ")
        message.writeString(date)
        message.writeStaticString("\r\nX-Request-Id: ")
        message.writeString(id.description)
        message.writeStaticString("\r\n\r\n")
        if hasContent { message.writeBytes(octets) }
        return message
    }
}

/// Fields that many answers share, written out once.
struct ResponseHeader: Sendable {
    let fields: HTTPFields
    let lines: [UInt8]

    init(_ fields: HTTPFields) {
        self.fields = fields
        lines = Array(fields.map(Self.line).joined().utf8)
    }

    static let json = ResponseHeader([.contentType: "application/json", .cacheControl: "no-store"])
    static let redirect = ResponseHeader([.cacheControl: "no-store", .referrerPolicy: "no-referrer"])

    static func line(_ field: HTTPField) -> String { "\(field.name.rawName): \(field.value)\r\n" }
}
