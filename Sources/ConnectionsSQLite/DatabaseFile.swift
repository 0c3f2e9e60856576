import Connections
import Glibc

/// The file that a store lives in.
enum DatabaseFile {
    /// Creates an empty file that nobody but its owner can read, if there is none; SQLite gives `-wal` and
    /// `-shm` the same mode. A file that exists keeps the mode that its operator gave it.
    ///
    /// It must not open one that exists: closing it would drop the locks of this process's other handles on
    /// it.
    static func create(atPath path: String) throws(StoreError) {
        guard !path.isEmpty, path != ":memory:" else {
            throw .unavailable(reason: "a store needs the path of a file")
        }
        let flags = O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW
        let descriptor = unsafe open(path, flags, S_IRUSR | S_IWUSR)
        guard descriptor < 0 else {
            close(descriptor)
            return
        }
        guard errno == EEXIST else { throw .unavailable(reason: "the file can't be created: error \(errno)") }
    }
}
