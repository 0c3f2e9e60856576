import Glibc

/// A file that holds secrets, and is read whole.
enum SecretFile {
    /// - Throws: ``CommandError`` for what is not a file, cannot be read, or is longer than `limit` octets.
    static func read(_ path: String, limit: Int) throws(CommandError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var information = stat()
        guard unsafe fstat(descriptor, &information) == 0 else { throw failure(path) }
        guard information.st_mode & S_IFMT == S_IFREG else {
            throw CommandError(.configuration, "\(path) is not a file")
        }
        if information.st_mode & 0o077 != 0 {
            Console.warn(
                "\(path) has mode 0\(String(information.st_mode & 0o7777, radix: 8)): others may have read it"
            )
        }
        return try StandardInput.read(descriptor, limit: limit, name: path, expecting: "one keyset")
    }

    private static func failure(_ path: String) -> CommandError {
        CommandError(.configuration, "\(path) cannot be read: \(unsafe String(cString: strerror(errno)))")
    }
}
