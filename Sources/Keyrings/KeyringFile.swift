internal import Glibc
public import StateTokens

/// A keyring file: read with all its checks, and written so that a reader sees the old one or the new one, whole.
public enum KeyringFile {
    /// The largest file that is read.
    public static let maximumByteCount = 1 << 20

    /// The name of the file that is meant when a folder is given.
    public static func name(for purpose: Keyring.Purpose) -> String { "\(purpose.rawValue).keyring" }

    /// Reads and checks a keyring.
    ///
    /// - Parameter path: the file, or a folder that holds it under its usual name (a Kubernetes volume).
    /// - Throws: ``KeyringFileError``: besides what is wrong with the contents, a file that the world can reach or the
    ///   group can write is refused.
    public static func load(_ path: String, purpose: Keyring.Purpose) throws(KeyringFileError) -> Keyring {
        try KeyringDocument.parse(contents(of: path, purpose: purpose), purpose: purpose)
    }

    /// Writes a new keyring, mode 0600, and makes it durable. The folder must exist.
    ///
    /// - Throws: ``KeyringFileError/alreadyExists(path:)`` rather than to overwrite anything.
    public static func create(_ keyring: Keyring, at path: String) throws(KeyringFileError) {
        let json = try KeyringDocument.json(keyring)
        let temporary = "\(path).\(getpid()).new"
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path) }
        defer {
            close(descriptor)
            unsafe unlink(temporary)
        }
        var written = 0
        while written < json.count {
            let count = unsafe json[written...].withUnsafeBytes {
                unsafe write(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else { throw failure(path) }
            written += count
        }
        guard fsync(descriptor) == 0 else { throw failure(path) }
        guard unsafe link(temporary, path) == 0 else {
            throw errno == EEXIST ? .alreadyExists(path: path) : failure(path)
        }
        try synchronizeFolder(of: path)
    }

    private static func contents(
        of path: String, purpose: Keyring.Purpose
    ) throws(KeyringFileError) -> [UInt8] {
        var path = path
        var information = stat()
        guard unsafe stat(path, &information) == 0 else { throw failure(path) }
        if information.st_mode & S_IFMT == S_IFDIR { path += "/\(name(for: purpose))" }
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        // Asked of the open file, so that what was checked is what is read.
        guard unsafe fstat(descriptor, &information) == 0 else { throw failure(path) }
        guard information.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
        guard information.st_mode & 0o027 == 0 else {
            throw .tooOpen(path: path, mode: information.st_mode & 0o7777)
        }
        guard information.st_size <= maximumByteCount else { throw .tooLarge(path: path) }
        return try readAll(descriptor, path: path)
    }

    private static func readAll(_ descriptor: CInt, path: String) throws(KeyringFileError) -> [UInt8] {
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while contents.count <= maximumByteCount {
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress, $0.count)
            }
            guard count >= 0 else { throw failure(path) }
            guard count > 0 else { return contents }
            contents += chunk[..<count]
        }
        throw .tooLarge(path: path)
    }

    /// Makes a new name in a folder durable.
    private static func synchronizeFolder(of path: String) throws(KeyringFileError) {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(folder) }
    }

    private static func failure(_ path: String) -> KeyringFileError {
        let code = errno
        guard code != ENOENT else { return .notFound(path: path) }
        return .inaccessible(path: path, reason: unsafe String(cString: strerror(code)))
    }
}
