import Connections
import Glibc

/// The file that a store lives in.
///
/// A handle goes on working on a file that was moved or deleted, and what it writes there is lost. So each write looks
/// whether the path still leads to the file that was opened.
struct DatabaseFile: Sendable {
    private let path: String
    private let device: UInt64
    private let number: UInt64

    /// The file that the path leads to now.
    init(atPath path: String) throws(StoreError) {
        guard let (device, number) = Self.identity(path) else {
            throw .unavailable(reason: "the database file cannot be looked at: error \(errno)")
        }
        self.path = path
        self.device = device
        self.number = number
    }

    /// Throws if the path leads to another file, or to none.
    func requireInPlace() throws(StoreError) {
        guard let (device, number) = Self.identity(path) else {
            throw .unavailable(
                reason:
                    "the database file is no longer at \(path): put it back, or restart with another store",
                kind: .moved)
        }
        guard device == self.device, number == self.number else {
            throw .unavailable(
                reason: "the database file at \(path) was replaced: restart to use the new one", kind: .moved)
        }
    }

    private static func identity(_ path: String) -> (device: UInt64, number: UInt64)? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return (UInt64(status.st_dev), UInt64(status.st_ino))
    }

    /// Creates an empty file that only its owner can read, if there is none; SQLite gives `-wal` and
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
        guard errno == EEXIST else {
            throw .unavailable(
                reason: "the file can't be created: \(unsafe String(cString: strerror(errno)))")
        }
    }
}
