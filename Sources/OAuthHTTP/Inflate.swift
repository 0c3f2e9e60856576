internal import CZlib

/// Undoes DEFLATE (RFC 1951) with zlib, within a bound.
enum Inflate {
    enum Failure: Error, Hashable {
        /// Not of the format, or cut off.
        case malformed
        /// More octets than the bound allows.
        case tooLarge
        /// zlib got no memory, which says nothing of the octets.
        case noMemory
    }

    /// What stands around the DEFLATE stream, as zlib's `windowBits`.
    enum Format: Int32 {
        case raw = -15
        /// RFC 1950, with its checksum.
        case zlib = 15
        /// One member of RFC 1952, with its header, checksum and length.
        case gzip = 31
    }

    /// Octets that are made at once.
    private static let chunkByteCount = 16 * 1024

    /// Reads one stream.
    ///
    /// - Parameters:
    ///   - start: where it begins in `input`.
    ///   - byteCountLimit: for what comes out.
    /// - Returns: the content, and the index behind the stream.
    static func decode(
        _ input: [UInt8], from start: Int = 0, as format: Format = .raw, byteCountLimit: Int
    ) throws(Failure) -> (content: [UInt8], end: Int) {
        guard let byteCount = UInt32(exactly: input.count - start) else { throw .tooLarge }
        var stream = unsafe z_stream()
        guard
            unsafe inflateInit2_(
                &stream, format.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { throw .noMemory }
        defer { _ = unsafe inflateEnd(&stream) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: Self.chunkByteCount)
        var status = Z_OK
        var used = 0
        repeat {
            // zlib only reads what it is given, though its declaration does not say so.
            status = unsafe input.withUnsafeBufferPointer { octets in
                unsafe chunk.withUnsafeMutableBufferPointer { output in
                    let next = unsafe octets.baseAddress.map { unsafe $0 + start + used }
                    unsafe stream.next_in = UnsafeMutablePointer(mutating: next)
                    unsafe stream.avail_in = byteCount - UInt32(used)
                    unsafe stream.next_out = output.baseAddress
                    unsafe stream.avail_out = UInt32(output.count)
                    return unsafe inflate(&stream, Z_NO_FLUSH)
                }
            }
            used = unsafe Int(byteCount - stream.avail_in)
            content += unsafe chunk[..<(chunk.count - Int(stream.avail_out))]
            guard content.count <= byteCountLimit else { throw .tooLarge }
        } while status == Z_OK
        guard status != Z_MEM_ERROR else { throw .noMemory }
        guard status == Z_STREAM_END else { throw .malformed }
        return (content, start + used)
    }
}
