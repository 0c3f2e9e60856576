internal import Glibc

extension APIKeyFile {
    /// Reads the keys, changes them, and writes them back.
    ///
    /// A reader sees the old file or the new one, whole, and of several changes at once none is lost. If
    /// nothing changes, nothing is written. Mode and owner of the file are kept.
    ///
    /// - Parameter creatingFile: whether to begin with an empty file, mode 0600, if there is none.
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
        try temporary.link()
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
        try temporary.replaceTarget()
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

/// A new file beside the one whose name it is to get, for its owner alone; gone with this value.
private struct TemporaryFile: ~Copyable {
    private let target: String
    private let path: String
    private let descriptor: CInt

    init(beside target: String) throws(APIKeyFileError) {
        let path = "\(target).\(String(UInt64.random(in: .min ... .max), radix: 36)).new"
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw APIKeyFile.failure(target) }
        self.target = target
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
                path: target,
                reason: "its owner cannot be kept; run this as the user whom it belongs to")
        }
        guard fchmod(descriptor, mode) == 0 else { throw APIKeyFile.failure(target) }
    }

    func write(_ octets: [UInt8]) throws(APIKeyFileError) {
        var written = 0
        while written < octets.count {
            let count = unsafe octets[written...].withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            guard count >= 0 || errno == EINTR else { throw APIKeyFile.failure(target) }
            written += max(count, 0)
        }
        guard fsync(descriptor) == 0 else { throw APIKeyFile.failure(target) }
    }

    /// Gives it its name, unless another has it already.
    func link() throws(APIKeyFileError) {
        guard unsafe Glibc.link(path, target) == 0 || errno == EEXIST else {
            throw APIKeyFile.failure(target)
        }
        try synchronizeFolder()
    }

    /// Gives it its name, whoever had it before.
    func replaceTarget() throws(APIKeyFileError) {
        guard unsafe rename(path, target) == 0 else { throw APIKeyFile.failure(target) }
        try synchronizeFolder()
    }

    /// Makes the new name durable.
    private func synchronizeFolder() throws(APIKeyFileError) {
        let slash = target.lastIndex(of: "/")
        let folder = slash.map { $0 == target.startIndex ? "/" : String(target[..<$0]) } ?? "."
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw APIKeyFile.failure(folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw APIKeyFile.failure(folder) }
    }
}
