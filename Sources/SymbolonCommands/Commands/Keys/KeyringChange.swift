import Keyrings
import StateTokens

/// A change of a keyring's file, made or only tried.
struct KeyringChange {
    let path: String
    /// The ring as it was.
    let before: Keyring
    /// The ring as it is, or would be.
    let after: Keyring
    let now: Timestamp
    let isWritten: Bool

    /// - Parameter change: gets the ring, and the time at which it is written.
    /// - Throws: ``CommandError`` with what kept the ring from being changed; then nothing was written.
    init(
        _ options: KeyringChangeOptions,
        _ change: (Keyring, Timestamp) throws(KeyringChangeError) -> Keyring
    ) throws(CommandError) {
        let loaded = try LoadedKeyring(options.keyring)
        var before = loaded.keyring
        var now = Self.now
        do throws(KeyringFileError) {
            if options.dryRun {
                after = try Self.tried(loaded.keyring) { ring throws(KeyringChangeError) in
                    try change(ring, now)
                }
            } else {
                after = try KeyringFile.update(
                    loaded.path, purpose: loaded.keyring.purpose, waiting: options.lockTimeout.duration
                ) { ring throws(KeyringChangeError) in
                    // The times count from when no other process can change the file.
                    now = Self.now
                    before = ring
                    return try change(ring, now)
                }
            }
        } catch {
            throw CommandError(error)
        }
        path = loaded.path
        self.before = before
        self.now = now
        isWritten = !options.dryRun && after != before
    }

    /// The end of the current second: a key must not begin to seal by so much as its fraction too early.
    private static var now: Timestamp { .now() + .seconds(1) }

    var isChange: Bool { after != before }

    /// Keys that were only made up for a dry run: in earnest others would be made.
    var unmade: Set<KeyID> {
        isWritten ? [] : Set(after.keys.map(\.id)).subtracting(before.keys.map(\.id))
    }

    var report: KeyringReport {
        KeyringReport(
            keyring: after, path: path, now: now, isKept: isWritten || !isChange, unmade: unmade)
    }

    private static func tried(
        _ keyring: Keyring, _ change: (Keyring) throws(KeyringChangeError) -> Keyring
    ) throws(KeyringFileError) -> Keyring {
        do throws(KeyringChangeError) {
            return try change(keyring)
        } catch {
            throw .change(error)
        }
    }
}
