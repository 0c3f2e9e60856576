internal import Glibc
package import StateTokens

/// What shows that a file was changed or that another was put in its place, without reading it.
package struct FileStamp: Sendable, Equatable {
    /// Where the file is once all links are followed: another after Kubernetes swapped `..data`.
    package let path: String
    private let device: UInt64
    private let inode: UInt64
    private let byteCount: Int64
    private let modified: Instant
    /// Of the inode: a mode that was put right changes nothing else.
    private let changed: Instant

    private struct Instant: Equatable {
        let seconds: Int
        let nanoseconds: Int

        init(_ time: timespec) {
            seconds = time.tv_sec
            nanoseconds = time.tv_nsec
        }
    }

    /// `nil` if there is nothing that could be read.
    ///
    /// - Parameter name: the file that is meant if `path` is a folder.
    package init?(_ path: String, inFolder name: String? = nil) {
        var information = stat()
        var path = path
        guard unsafe stat(path, &information) == 0 else { return nil }
        if let name, information.st_mode & S_IFMT == S_IFDIR { path += "/\(name)" }
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        self.path = unsafe String(cString: resolved)
        guard unsafe stat(self.path, &information) == 0 else { return nil }
        device = UInt64(information.st_dev)
        inode = UInt64(information.st_ino)
        byteCount = Int64(information.st_size)
        modified = Instant(information.st_mtim)
        changed = Instant(information.st_ctim)
    }

    /// Whether a further change would show. The system's file times have gaps of some milliseconds between them, and a file
    /// that is changed twice within one looks the same after both.
    package func isSettled(at now: Timestamp) -> Bool {
        now.seconds(since: Timestamp(secondsSinceEpoch: Int64(changed.seconds))) >= 2
    }
}
