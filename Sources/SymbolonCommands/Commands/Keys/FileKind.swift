import Glibc

/// What is at a path.
enum FileKind {
    case nothing, folder, other

    /// - Parameter followingLinks: whether a link counts as what it leads to.
    init(at path: String, followingLinks: Bool = true) {
        var information = stat()
        let status = unsafe followingLinks ? stat(path, &information) : lstat(path, &information)
        guard status == 0 else {
            self = .nothing
            return
        }
        self = information.st_mode & S_IFMT == S_IFDIR ? .folder : .other
    }
}
