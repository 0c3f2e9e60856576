import Keyrings
import StateTokens

/// A keyring with the file that it was read from.
struct LoadedKeyring {
    let path: String
    let keyring: Keyring

    /// - Parameters:
    ///   - argument: a file, or a folder that holds one under its usual name.
    ///   - purpose: what the keyring must be for; `nil` takes either.
    init(_ argument: String, purpose: Keyring.Purpose? = nil) throws(CommandError) {
        try argument.checkIsNoKeyring()
        let path = try Self.file(argument, purpose: purpose)
        self.path = path
        do {
            keyring = try KeyringFile.load(path, purpose: purpose ?? .state)
        } catch .wrongPurpose(_, let found) where purpose == nil {
            keyring = try Self.load(path, purpose: found)
        } catch {
            throw CommandError(error, in: path)
        }
    }

    private static func load(_ path: String, purpose: Keyring.Purpose) throws(CommandError) -> Keyring {
        do {
            return try KeyringFile.load(path, purpose: purpose)
        } catch {
            throw CommandError(error, in: path)
        }
    }

    private static func file(_ argument: String, purpose: Keyring.Purpose?) throws(CommandError) -> String {
        guard FileKind(at: argument) == .folder else { return argument }
        let wanted = purpose.map { [$0] } ?? Keyring.Purpose.all
        let paths = wanted.map { argument.appendingFileName(KeyringFile.name(for: $0)) }
        let found = paths.filter { FileKind(at: $0) != .nothing }
        guard found.count < 2 else {
            throw CommandError(
                .usage, "\(argument) has several keyrings: give one of \(found.joined(separator: ", "))")
        }
        guard let file = found.first ?? paths.first else { return argument }
        return file
    }
}
