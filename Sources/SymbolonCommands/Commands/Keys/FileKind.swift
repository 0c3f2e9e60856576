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

/// A file with a secret in it.
enum SecretFileMode {
    /// What is wrong with the mode of a file that holds a secret; `nil` if only its owner and group can read it.
    static func problem(at path: String) -> String? {
        var information = stat()
        guard unsafe stat(path, &information) == 0, information.st_mode & 0o007 != 0 else { return nil }
        let mode = String(information.st_mode & 0o7777, radix: 8)
        return
            "\(path) has mode 0\(mode): every user of this machine can read the secret. Run `chmod 600 \(path)`"
    }
}
