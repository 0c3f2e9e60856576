internal import Glibc

/// A file that is to be replaced, locked against others who are about to replace it.
///
/// The lock is on the file itself, so that nothing lies beside it, and ends with the process, however that ends. Readers
/// need none: they see the old file or the new one, whole.
package struct LockedFile: ~Copyable {
    /// Where the file itself is: a link to it stays a link.
    package let path: String
    private let descriptor: CInt
    private let information: stat

    /// - Parameter waiting: how long to wait for another's lock; `nil` waits for as long as it takes.
    package init(_ path: String, waiting: Duration? = nil) throws(AtomicFileError) {
        let end = waiting.map { ContinuousClock.now + $0 }
        while true {
            let target = try Self.resolved(path)
            let descriptor = unsafe open(target, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            guard descriptor >= 0 else { throw .current(path) }
            var locked = stat()
            var named = stat()
            do throws(AtomicFileError) {
                guard unsafe fstat(descriptor, &locked) == 0 else { throw .current(path) }
                guard locked.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
                try Self.lock(descriptor, locked, path: path, until: end)
            } catch {
                close(descriptor)
                throw error
            }
            // The previous holder of the lock may have put another file in its place.
            guard unsafe stat(target, &named) == 0, named.st_ino == locked.st_ino,
                named.st_dev == locked.st_dev
            else {
                close(descriptor)
                continue
            }
            self.path = target
            self.descriptor = descriptor
            information = locked
            TemporaryFile.removeLeftovers(beside: target)
            return
        }
    }

    deinit { close(descriptor) }

    /// Puts a file with these octets in its place, durably; mode and owner are kept.
    package func replace(with octets: [UInt8]) throws(AtomicFileError) {
        let temporary = try TemporaryFile(beside: path)
        try temporary.take(
            owner: information.st_uid, group: information.st_gid, mode: information.st_mode & 0o7777)
        try temporary.write(octets)
        try temporary.replaceTarget()
    }

    private static func lock(
        _ descriptor: CInt, _ information: stat, path: String, until end: ContinuousClock.Instant?
    ) throws(AtomicFileError) {
        while flock(descriptor, LOCK_EX | (end == nil ? 0 : LOCK_NB)) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK:
                guard let end, ContinuousClock.now < end else {
                    throw .locked(
                        holder: LockHolder.find(device: information.st_dev, inode: information.st_ino))
                }
                usleep(20_000)
            default: throw .current(path)
            }
        }
    }

    private static func resolved(_ path: String) throws(AtomicFileError) -> String {
        guard let target = unsafe realpath(path, nil) else { throw .current(path) }
        defer { unsafe free(target) }
        return unsafe String(cString: target)
    }
}
