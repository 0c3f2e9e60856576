internal import SystemPackage

/// A file or standard stream that log lines are appended to. Only the thread of its ``LineQueue`` touches it.
struct LogOutput {
    /// `nil` for a standard stream.
    let path: String?
    private var descriptor: FileDescriptor
    /// The file ends within a line, as after a full disk: the next line must not become a part of it.
    private var isWithinLine: Bool

    static let standardError = LogOutput(.standardError)
    static let standardOutput = LogOutput(.standardOutput)

    private init(_ stream: FileDescriptor) {
        path = nil
        descriptor = stream
        isWithinLine = false
    }

    /// Opens a file for its owner alone, and makes it if there is none.
    init(path: String) throws {
        self.path = path
        descriptor = try FileDescriptor.open(
            FilePath(path), .writeOnly, options: [.append, .create, .closeOnExec],
            permissions: [.ownerReadWrite])
        isWithinLine = Self.endsWithinLine(path, descriptor)
    }

    /// Writes as much as fits.
    ///
    /// - Returns: how many octets were written.
    mutating func write(_ octets: ArraySlice<UInt8>) throws -> Int {
        if isWithinLine {
            try descriptor.writeAll(CollectionOfOne(UInt8(ascii: "\n")))
            isWithinLine = false
        }
        return try unsafe octets.withUnsafeBytes { octets in
            try unsafe descriptor.write(octets, retryOnInterrupt: true)
        }
    }

    /// Opens the file at the path again, after a log rotation renamed it. If that fails, the old one stays.
    mutating func reopen() throws {
        guard let path else { return }
        let old = descriptor
        self = try LogOutput(path: path)
        try old.close()
    }

    /// Whether a regular file's last octet is no line feed.
    private static func endsWithinLine(_ path: String, _ descriptor: FileDescriptor) -> Bool {
        // A pipe or a device has no end to look at, and some files may be written and not read.
        guard let end = try? descriptor.seek(offset: 0, from: .end), end > 0,
            let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
        else { return false }
        defer { try? file.close() }
        var last: UInt8 = 0
        let count = try? unsafe withUnsafeMutableBytes(of: &last) { last in
            try unsafe file.read(fromAbsoluteOffset: end - 1, into: last)
        }
        return count == 1 && last != UInt8(ascii: "\n")
    }
}
