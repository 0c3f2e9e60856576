internal import Cryptography
public import StateTokens

extension KeyringFile {
    /// Reads a keyring, changes it, and writes it back.
    ///
    /// Of several changes at once none is lost: they wait for each other. A reader sees the old file or the new one,
    /// whole, and so does the next process after a crash at any moment. Mode and owner are kept, and a link stays a link. If
    /// nothing changes, nothing is written.
    ///
    /// - Parameters:
    ///   - path: the file, or a folder that holds it under its usual name.
    ///   - waiting: how long to wait for another who is changing the file.
    ///   - change: gets the ring as it is once the file is locked, so that no other change comes between.
    /// - Returns: the ring that is in the file now.
    /// - Throws: ``KeyringFileError/locked(path:holder:)``; ``KeyringFileError/change(_:)`` with what `change` threw;
    ///   ``KeyringFileError/mounted(path:)`` for a Kubernetes volume; and whatever ``load(_:purpose:)`` throws.
    @discardableResult public static func update(
        _ path: String, purpose: Keyring.Purpose, waiting: Duration = .seconds(10),
        _ change: (Keyring) throws(KeyringChangeError) -> Keyring
    ) throws(KeyringFileError) -> Keyring {
        let path = file(at: path, purpose: purpose)
        let file: LockedFile
        do throws(AtomicFileError) {
            file = try LockedFile(path, waiting: waiting)
        } catch {
            throw KeyringFileError(error, path: path)
        }
        guard !isMounted(file.path) else { throw .mounted(path: path) }
        let before = try load(file.path, purpose: purpose)
        let after: Keyring
        do throws(KeyringChangeError) {
            after = try change(before)
        } catch {
            throw .change(error)
        }
        guard after != before else { return after }
        var json = try KeyringDocument.json(after)
        defer {
            var span = json.mutableSpan
            wipe(&span)
        }
        do throws(AtomicFileError) {
            try file.replace(with: json)
        } catch {
            throw KeyringFileError(error, path: path)
        }
        return after
    }

    /// Whether a resolved path leads through a version of a Kubernetes volume: `…/..2026_01_01_00_00_00.1234/…`.
    private static func isMounted(_ path: String) -> Bool {
        path.split(separator: "/").contains { $0.hasPrefix("..") }
    }
}
