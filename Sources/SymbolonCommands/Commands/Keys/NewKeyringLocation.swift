import Glibc
import Keyrings
import StateTokens

/// Where a new keyring goes, and what it is for.
struct NewKeyringLocation {
    let path: String
    let purpose: Keyring.Purpose

    /// - Parameters:
    ///   - argument: a file, or a folder that gets it under its usual name.
    ///   - purpose: what was asked for; without it the file's name says it.
    init(_ argument: String, purpose: Keyring.Purpose?) throws(CommandError) {
        try argument.checkIsNoKeyring()
        let isFolder = FileKind(at: argument) == .folder
        let named = Keyring.Purpose.all.first { !isFolder && argument.fileName == KeyringFile.name(for: $0) }
        guard let purpose = purpose ?? named else {
            throw CommandError(
                .usage,
                "what the keyring is for does not follow from \(argument): "
                    + "add --purpose state or --purpose connections"
            )
        }
        if let named, named != purpose {
            throw CommandError(
                .usage,
                "\(argument.fileName) is the name of a keyring of purpose \(named.rawValue): "
                    + "call it \(KeyringFile.name(for: purpose)), or leave --purpose out")
        }
        self.purpose = purpose
        path = isFolder ? argument.appendingFileName(KeyringFile.name(for: purpose)) : argument
    }

    /// Finds out beforehand what would keep a keyring from being made here.
    func check() throws(CommandError) {
        guard FileKind(at: path, followingLinks: false) == .nothing else {
            throw CommandError(.alreadyExists(path: path))
        }
        let folder = path.folderName
        guard FileKind(at: folder) == .folder else {
            throw CommandError(
                .configuration, "there is no folder \(folder): make it with `mkdir -p -m 700 \(folder)`")
        }
        guard unsafe access(folder, W_OK | X_OK) == 0 else {
            throw CommandError(
                .configuration,
                "\(folder) may not be written by this user: \(unsafe String(cString: strerror(errno)))")
        }
    }
}
