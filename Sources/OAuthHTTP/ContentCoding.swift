internal import Encodings

/// Content codings of responses (RFC 9110 §8.4.1). `identity` is asked for, and some servers use another all the same.
enum ContentCoding {
    case gzip
    case deflate

    /// A coding upon a coding upon a coding is no response to a token request.
    private static let mostCodings = 2

    /// Reads the values of `Content-Encoding`, in the order in which the codings were applied.
    ///
    /// A charset, or whatever else a server writes here, is no coding and says nothing of the content.
    /// - Returns: `nil` if there is one that we cannot undo.
    static func read(_ values: some Sequence<some StringProtocol>) -> [ContentCoding]? {
        var codings: [ContentCoding] = []
        for value in values {
            switch value.lowercased() {
            case "gzip", "x-gzip": codings.append(.gzip)
            case "deflate": codings.append(.deflate)
            case "br", "zstd", "compress", "x-compress", "dcb", "dcz": return nil
            default: continue
            }
        }
        return codings.count <= mostCodings ? codings : nil
    }

    /// Undoes codings. No content is no content, whatever its coding is said to be.
    static func decode(
        _ body: [UInt8], _ codings: [ContentCoding], byteCountLimit: Int
    ) throws(Inflate.Failure) -> [UInt8] {
        var body = body
        if codings.isEmpty, isGzip(body) { return try gunzip(body, byteCountLimit: byteCountLimit) }
        for coding in codings.reversed() where !body.isEmpty {
            // Some servers name one and send the other, and the first octets tell.
            if isGzip(body) {
                body = try gunzip(body, byteCountLimit: byteCountLimit)
            } else if coding == .deflate {
                body = try inflate(body, byteCountLimit: byteCountLimit)
            } else if !isJSON(body) {
                body = try whole(body, .zlib, byteCountLimit: byteCountLimit)
            }
        }
        return body
    }

    /// Neither JSON nor a form begins so.
    private static func isGzip(_ body: [UInt8]) -> Bool { body.starts(with: [0x1F, 0x8B]) }

    /// Some servers name gzip for what they did not compress. zlib's format does not begin so.
    private static func isJSON(_ body: [UInt8]) -> Bool {
        body.first == UInt8(ascii: "{") || body.first == UInt8(ascii: "[")
    }

    /// zlib's format (RFC 1950), or DEFLATE without it, which some servers send as `deflate`.
    private static func inflate(_ body: [UInt8], byteCountLimit: Int) throws(Inflate.Failure) -> [UInt8] {
        do throws(Inflate.Failure) {
            return try whole(body, .zlib, byteCountLimit: byteCountLimit)
        } catch {
            guard error == .malformed else { throw error }
            return try whole(body, .raw, byteCountLimit: byteCountLimit)
        }
    }

    private static func whole(
        _ body: [UInt8], _ format: Inflate.Format, byteCountLimit: Int
    ) throws(Inflate.Failure) -> [UInt8] {
        let (content, end) = try Inflate.decode(body, as: format, byteCountLimit: byteCountLimit)
        guard end == body.count else { throw .malformed }
        return content
    }

    /// One member after another (RFC 1952 §2.2), and at the end perhaps padding.
    private static func gunzip(_ body: [UInt8], byteCountLimit: Int) throws(Inflate.Failure) -> [UInt8] {
        var content: [UInt8] = []
        var index = 0
        repeat {
            let (member, end) = try Inflate.decode(
                body, from: index, as: .gzip, byteCountLimit: byteCountLimit - content.count)
            content += member
            index = end
        } while index < body.count && body[index] != 0
        guard body[index...].allSatisfy({ $0 == 0 }) else { throw .malformed }
        return content
    }
}
