package import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// A complete response, for the event loop or for Hummingbird to send. No cache keeps it.
package struct Answer: Sendable {
    package let status: HTTPResponse.Status
    private let header: AnswerHeader
    /// Beside those of the header.
    private let fields: HTTPFields
    private let octets: [UInt8]

    init(
        _ status: HTTPResponse.Status, _ header: AnswerHeader, fields: HTTPFields = [:], octets: [UInt8] = []
    ) {
        self.status = status
        self.header = header
        self.fields = fields
        self.octets = octets
    }

    package static func json(
        _ status: HTTPResponse.Status = .ok, fields: HTTPFields = [:], octets: [UInt8]
    ) -> Answer {
        Answer(status, .json, fields: fields, octets: octets)
    }

    /// 303, so that the next request is a GET, and without a referrer (RFC 9700 §4.2.4, §4.12).
    static func redirect(_ location: String) -> Answer {
        Answer(.seeOther, .redirect, fields: [.location: location])
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
    func message(
        date: String, hasContent: Bool = true, isLast: Bool = false, _ allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        var message = allocator.buffer(capacity: octets.count + header.lines.count + 256)
        message.writeString("HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
        message.writeBytes(header.lines)
        for field in fields { message.writeString(AnswerHeader.line(field)) }
        if isLast { message.writeString("Connection: close\r\n") }
        // A 204 has none (RFC 9110 §8.6).
        if status != .noContent { message.writeString("Content-Length: \(octets.count)\r\n") }
        message.writeString("Date: \(date)\r\n\r\n")
        if hasContent { message.writeBytes(octets) }
        return message
    }
}

/// Fields that many answers share, written out once.
struct AnswerHeader: Sendable {
    let fields: HTTPFields
    let lines: [UInt8]

    init(_ fields: HTTPFields) {
        self.fields = fields
        lines = Array(fields.map(Self.line).joined().utf8)
    }

    static let json = AnswerHeader([.contentType: "application/json", .cacheControl: "no-store"])
    static let redirect = AnswerHeader([.cacheControl: "no-store", .referrerPolicy: "no-referrer"])

    static func line(_ field: HTTPField) -> String { "\(field.name.rawName): \(field.value)\r\n" }
}
