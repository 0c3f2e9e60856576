internal import Cryptography
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
        var contents = try contents(of: path, purpose: purpose)
        defer {
            var span = contents.mutableSpan
            wipe(&span)
        }
        return try KeyringDocument.parse(contents, purpose: purpose)
    }

    /// Writes a new keyring, mode 0600, and makes it durable. The folder must exist.
    ///
    /// - Throws: ``KeyringFileError/alreadyExists(path:)`` rather than to overwrite anything.
    public static func create(_ keyring: Keyring, at path: String) throws(KeyringFileError) {
        var json = try KeyringDocument.json(keyring)
        defer {
            var span = json.mutableSpan
            wipe(&span)
        }
        do throws(AtomicFileError) {
            try TemporaryFile.create(path, octets: json)
        } catch {
            throw KeyringFileError(error, path: path)
        }
    }

    /// The file that a path means: a folder stands for the one in it.
    static func file(at path: String, purpose: Keyring.Purpose) -> String {
        var information = stat()
        guard unsafe stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFDIR else {
            return path
        }
        return path.hasSuffix("/") ? "\(path)\(name(for: purpose))" : "\(path)/\(name(for: purpose))"
    }

    private static func contents(
        of path: String, purpose: Keyring.Purpose
    ) throws(KeyringFileError) -> [UInt8] {
        let path = file(at: path, purpose: purpose)
        var information = stat()
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
        contents.reserveCapacity(65_536)
        var chunk = [UInt8](repeating: 0, count: 65_536)
        defer {
            var span = chunk.mutableSpan
            wipe(&span)
        }
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

    private static func failure(_ path: String) -> KeyringFileError {
        let code = errno
        guard code != ENOENT else { return .notFound(path: path) }
        return .inaccessible(path: path, reason: unsafe String(cString: strerror(code)))
    }
}
