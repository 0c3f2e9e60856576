internal import Glibc

/// A new file beside the one whose name it is to get, for its owner alone; gone with this value.
///
/// It is locked for as long as its writer lives, so that what killed writers left can be told from what is being
/// written.
package struct TemporaryFile: ~Copyable {
    private static let suffix = ".new"

    private let target: String
    /// Where it is until it gets its name.
    package let path: String
    private let descriptor: CInt

    package init(beside target: String) throws(AtomicFileError) {
        while true {
            let path = "\(target).\(String(UInt64.random(in: .min ... .max), radix: 36))\(Self.suffix)"
            let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw .current(target) }
            // Where there are no locks, nothing is tidied either.
            _ = flock(descriptor, LOCK_EX)
            // Between these two calls another may have taken it for a leftover.
            var held = stat()
            var named = stat()
            guard unsafe fstat(descriptor, &held) == 0, unsafe stat(path, &named) == 0,
                held.st_ino == named.st_ino, held.st_dev == named.st_dev
            else {
                close(descriptor)
                continue
            }
            self.target = target
            self.path = path
            self.descriptor = descriptor
            return
        }
    }

    deinit {
        close(descriptor)
        // It is not there any more if it was renamed.
        unsafe unlink(path)
    }

    /// Gives the file the owner and mode of the one that it replaces, so that the same processes can read it.
    package func take(owner: UInt32, group: UInt32, mode: UInt32) throws(AtomicFileError) {
        guard fchown(descriptor, owner, group) == 0 else { throw .ownerNotKept }
        guard fchmod(descriptor, mode) == 0 else { throw .current(target) }
    }

    package func write(_ octets: [UInt8]) throws(AtomicFileError) {
        var written = 0
        while written < octets.count {
            let count = unsafe octets[written...].withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            guard count >= 0 || errno == EINTR else { throw .current(target) }
            written += max(count, 0)
        }
        try synchronize()
    }

    /// Puts on the disk what was written, by whatever means.
    package func synchronize() throws(AtomicFileError) {
        guard fsync(descriptor) == 0 else { throw .current(target) }
    }

    /// Gives it its name.
    ///
    /// - Throws: ``AtomicFileError/exists`` if another has it already.
    package func link() throws(AtomicFileError) {
        guard unsafe Glibc.link(path, target) == 0 else { throw .current(target) }
        try synchronizeFolder()
    }

    /// Gives it its name, in place of the file that had it.
    package func replaceTarget() throws(AtomicFileError) {
        guard unsafe rename(path, target) == 0 else { throw .current(target) }
        try synchronizeFolder()
    }

    /// Puts a file with these octets at `path`, mode 0600, durably.
    ///
    /// - Throws: ``AtomicFileError/exists`` rather than to overwrite anything.
    package static func create(_ path: String, octets: [UInt8]) throws(AtomicFileError) {
        removeLeftovers(beside: path)
        let temporary = try TemporaryFile(beside: path)
        try temporary.write(octets)
        try temporary.link()
    }

    /// Removes what killed writers left beside `target`: it may hold secrets.
    ///
    /// What cannot be removed stays, and is tried again the next time: it does not block other writers.
    package static func removeLeftovers(beside target: String) {
        let folder = folder(of: target)
        let name = target[(target.lastIndex(of: "/").map { target.index(after: $0) } ?? target.startIndex)...]
        guard let listing = unsafe opendir(folder) else { return }
        defer { unsafe closedir(listing) }
        while let entry = unsafe readdir(listing) {
            let found = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
            }
            guard isTemporary(found, of: name) else { continue }
            let path = folder == "/" ? "/\(found)" : "\(folder)/\(found)"
            let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
            guard descriptor >= 0 else { continue }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unsafe unlink(path) }
            close(descriptor)
        }
    }

    /// Whether a name is one that this type gives: the file's, a random number, and the suffix.
    private static func isTemporary(_ found: String, of name: Substring) -> Bool {
        guard found.hasPrefix("\(name)."), found.hasSuffix(suffix) else { return false }
        let number = found.dropFirst(name.count + 1).dropLast(suffix.count)
        return !number.isEmpty && UInt64(number, radix: 36) != nil
    }

    /// Makes the new name durable.
    private func synchronizeFolder() throws(AtomicFileError) {
        let folder = Self.folder(of: target)
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .current(folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .current(folder) }
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
