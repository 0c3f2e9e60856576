internal import Encodings

/// Content codings of responses (RFC 9110 §8.4.1). `identity` is asked for, and some servers use another all the same.
enum ContentCoding {
    case gzip
    case deflate

    /// A coding upon a coding upon a coding is no response to a token request.
    private static let mostCodings = 2

    /// Reads the values of `Content-Encoding`, in the order in which the codings were applied.
    ///
    /// - Returns: `nil` if there is one that we do not know.
    static func read(_ values: some Sequence<some StringProtocol>) -> [ContentCoding]? {
        var codings: [ContentCoding] = []
        for value in values {
            switch value.lowercased() {
            case "", "identity": continue
            case "gzip", "x-gzip": codings.append(.gzip)
            case "deflate": codings.append(.deflate)
            default: return nil
            }
        }
        return codings.count <= mostCodings ? codings : nil
    }

    /// Undoes codings. No content is no content, whatever its coding is said to be.
    static func decode(
        _ body: [UInt8], _ codings: [ContentCoding], byteCountLimit: Int
    ) throws(Inflate.Failure) -> [UInt8] {
        var body = body
        for coding in codings.reversed() where !body.isEmpty {
            // Some servers name one and send the other, and the first octets tell.
            if body.starts(with: [0x1F, 0x8B]) {
                body = try gunzip(body, byteCountLimit: byteCountLimit)
            } else if coding == .deflate {
                body = try inflate(body, byteCountLimit: byteCountLimit)
            } else {
                body = try unwrapped(body, byteCountLimit: byteCountLimit)
            }
        }
        return body
    }

    /// zlib's format (RFC 1950), or DEFLATE without it, which some servers send as `deflate`.
    private static func inflate(_ body: [UInt8], byteCountLimit: Int) throws(Inflate.Failure) -> [UInt8] {
        do throws(Inflate.Failure) {
            return try unwrapped(body, byteCountLimit: byteCountLimit)
        } catch .tooLarge {
            throw .tooLarge
        } catch {
            let (content, end) = try Inflate.decode(body, byteCountLimit: byteCountLimit)
            guard end == body.count else { throw .malformed }
            return content
        }
    }

    private static func unwrapped(_ body: [UInt8], byteCountLimit: Int) throws(Inflate.Failure) -> [UInt8] {
        // A preset dictionary is one that we do not have.
        guard body.count >= 2, body[0] & 0x0F == 8, body[1] & 0x20 == 0,
            (Int(body[0]) << 8 | Int(body[1])) % 31 == 0
        else { throw .malformed }
        let (content, end) = try Inflate.decode(body, from: 2, byteCountLimit: byteCountLimit)
        guard body.count == end + 4 else { throw .malformed }
        let stated = body[end...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard stated == Checksum.adler32(content) else { throw .malformed }
        return content
    }

    /// One member after another (RFC 1952 §2.2), and at the end perhaps padding.
    private static func gunzip(_ body: [UInt8], byteCountLimit: Int) throws(Inflate.Failure) -> [UInt8] {
        var content: [UInt8] = []
        var index = 0
        repeat {
            index = try memberStart(body, index)
            let (member, end) = try Inflate.decode(
                body, from: index, byteCountLimit: byteCountLimit - content.count)
            guard body.count >= end + 8, littleEndian(body, end) == Checksum.crc32(member),
                littleEndian(body, end + 4) == UInt32(truncatingIfNeeded: member.count)
            else { throw .malformed }
            content += member
            index = end + 8
        } while index < body.count && body[index] != 0
        guard body[index...].allSatisfy({ $0 == 0 }) else { throw .malformed }
        return content
    }

    /// The index behind a member's header (§2.3).
    private static func memberStart(_ body: [UInt8], _ start: Int) throws(Inflate.Failure) -> Int {
        guard body.count - start >= 10, body[start] == 0x1F, body[start + 1] == 0x8B, body[start + 2] == 8
        else {
            throw .malformed
        }
        let flags = body[start + 3]
        guard flags & 0xE0 == 0 else { throw .malformed }
        var index = start + 10
        if flags & 0x04 != 0 {
            guard index + 2 <= body.count else { throw .malformed }
            index += 2 + Int(body[index]) + Int(body[index + 1]) << 8
        }
        // A file name, and a comment.
        for flag: UInt8 in [0x08, 0x10] where flags & flag != 0 {
            guard index <= body.count, let end = body[index...].firstIndex(of: 0) else { throw .malformed }
            index = end + 1
        }
        if flags & 0x02 != 0 { index += 2 }
        guard index <= body.count else { throw .malformed }
        return index
    }

    private static func littleEndian(_ body: [UInt8], _ index: Int) -> UInt32 {
        body[index..<index + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
}

/// What the formats around DEFLATE end with.
private enum Checksum {
    private static let table: [UInt32] = (0..<256).map { octet in
        (0..<8).reduce(UInt32(octet)) { value, _ in
            value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xEDB8_8320
        }
    }

    /// RFC 1952 §8
    static func crc32(_ octets: [UInt8]) -> UInt32 {
        ~octets.reduce(~0) { value, octet in
            table[Int(UInt8(truncatingIfNeeded: value) ^ octet)] ^ value >> 8
        }
    }

    /// RFC 1950 §8.2
    static func adler32(_ octets: [UInt8]) -> UInt32 {
        var (sum, sums): (UInt32, UInt32) = (1, 0)
        for octet in octets {
            sum = (sum + UInt32(octet)) % 65_521
            sums = (sums + sum) % 65_521
        }
        return sums << 16 | sum
    }
}
