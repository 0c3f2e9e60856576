internal import Glibc

extension APIKeyFile {
    /// Reads the keys, changes them, and writes them back, so that a reader sees the old file or the new one, whole,
    /// and that of several changes at once none is lost. If nothing changes, nothing is written.
    ///
    /// - Parameter creatingFile: whether to begin with an empty file, mode 0600, if there is none. Mode and owner of a
    ///   file that is there are kept.
    package static func update<Result>(
        _ path: String, creatingFile: Bool = false, _ change: (inout [APIKey]) -> Result
    ) throws(APIKeyFileError) -> Result {
        if creatingFile { try create(path) }
        let file = try LockedFile(path)
        var keys = try load(file.path)
        let before = keys
        let result = change(&keys)
        if keys != before { try file.replace(with: octets(keys, path: path)) }
        return result
    }

    /// Puts an empty file at `path`, unless there is something already.
    private static func create(_ path: String) throws(APIKeyFileError) {
        var information = stat()
        if unsafe lstat(path, &information) == 0 { return }
        let temporary = try TemporaryFile(beside: path)
        try temporary.write(octets([], path: path))
        guard unsafe link(temporary.path, path) == 0 || errno == EEXIST else { throw failure(path) }
    }

    private static func octets(_ keys: [APIKey], path: String) throws(APIKeyFileError) -> [UInt8] {
        do {
            return try json(keys)
        } catch {
            throw .inaccessible(path: path, reason: "the keys cannot be written as JSON")
        }
    }

    fileprivate static func failure(_ path: String) -> APIKeyFileError {
        .inaccessible(path: path, reason: unsafe String(cString: strerror(errno)))
    }
}

/// A file that is to be replaced, locked against others who are about to replace it.
private struct LockedFile: ~Copyable {
    /// Where the file itself is: a link to it stays a link.
    let path: String
    private let descriptor: CInt
    private let information: stat

    init(_ path: String) throws(APIKeyFileError) {
        while true {
            let target = try Self.resolved(path)
            let descriptor = unsafe open(target, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            guard descriptor >= 0 else { throw APIKeyFile.failure(path) }
            var locked = stat()
            var named = stat()
            guard Self.lock(descriptor), unsafe fstat(descriptor, &locked) == 0 else {
                let failure = APIKeyFile.failure(path)
                close(descriptor)
                throw failure
            }
            // Whoever had the lock before may have put another file in its place.
            guard unsafe stat(target, &named) == 0, named.st_ino == locked.st_ino,
                named.st_dev == locked.st_dev
            else {
                close(descriptor)
                continue
            }
            guard locked.st_mode & S_IFMT == S_IFREG else {
                close(descriptor)
                throw .inaccessible(path: path, reason: "is not a file")
            }
            self.path = target
            self.descriptor = descriptor
            information = locked
            return
        }
    }

    deinit { close(descriptor) }

    func replace(with octets: [UInt8]) throws(APIKeyFileError) {
        let temporary = try TemporaryFile(beside: path)
        try temporary.take(
            owner: information.st_uid, group: information.st_gid, mode: information.st_mode & 0o7777)
        try temporary.write(octets)
        guard unsafe rename(temporary.path, path) == 0 else { throw APIKeyFile.failure(path) }
        try temporary.synchronizeFolder()
    }

    private static func lock(_ descriptor: CInt) -> Bool {
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { return false }
        }
        return true
    }

    private static func resolved(_ path: String) throws(APIKeyFileError) -> String {
        guard let target = unsafe realpath(path, nil) else {
            guard errno == ENOENT else { throw APIKeyFile.failure(path) }
            throw .inaccessible(
                path: path, reason: "there is no such file; make it with `symbolon api-keys create`")
        }
        defer { unsafe free(target) }
        return unsafe String(cString: target)
    }
}

/// A new file in the folder where it is to get its name, for its owner alone; gone with this value.
private struct TemporaryFile: ~Copyable {
    let path: String
    private let folder: String
    private let descriptor: CInt

    init(beside target: String) throws(APIKeyFileError) {
        let path = "\(target).\(String(UInt64.random(in: .min ... .max), radix: 36)).new"
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw APIKeyFile.failure(target) }
        let slash = target.lastIndex(of: "/")
        folder = slash.map { $0 == target.startIndex ? "/" : String(target[..<$0]) } ?? "."
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
        // It is not there any more if it was renamed.
        unsafe unlink(path)
    }

    /// Gives the file the owner and mode of the one that it replaces, so that the same processes can read it.
    func take(owner: uid_t, group: gid_t, mode: mode_t) throws(APIKeyFileError) {
        guard fchown(descriptor, owner, group) == 0 else {
            throw .inaccessible(
                path: path,
                reason: "the file's owner cannot be kept; run this as the user whom the file belongs to")
        }
        guard fchmod(descriptor, mode) == 0 else { throw APIKeyFile.failure(path) }
    }

    func write(_ octets: [UInt8]) throws(APIKeyFileError) {
        var written = 0
        while written < octets.count {
            let count = unsafe octets[written...].withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            guard count >= 0 || errno == EINTR else { throw APIKeyFile.failure(path) }
            written += max(count, 0)
        }
        guard fsync(descriptor) == 0 else { throw APIKeyFile.failure(path) }
    }

    /// Makes the new name durable.
    func synchronizeFolder() throws(APIKeyFileError) {
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw APIKeyFile.failure(folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw APIKeyFile.failure(folder) }
    }
}
