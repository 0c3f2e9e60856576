internal import Glibc

/// Why a file was not made or replaced whole. What it is a file of, the caller says.
package enum AtomicFileError: Error, Equatable {
    /// There is nothing at the path.
    case notFound
    /// There is something at the path already.
    case exists
    /// A folder, a device or the like.
    case notAFile
    /// Another process is about to replace it, and went on doing so for as long as the caller would wait.
    case locked(holder: Int32?)
    /// The file belongs to somebody else, and would no longer if this user replaced it.
    case ownerNotKept
    /// The system call failed; `reason` is its message.
    case system(path: String, reason: String)
}

extension AtomicFileError {
    /// What `errno` says.
    static func current(_ path: String) -> AtomicFileError {
        let code = errno
        switch code {
        case ENOENT: return .notFound
        case EEXIST: return .exists
        default: return .system(path: path, reason: unsafe String(cString: strerror(code)))
        }
    }
}
