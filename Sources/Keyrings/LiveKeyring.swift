public import StateTokens
internal import Synchronization

/// A keyring that follows its file: rotation puts another in its place, and a bad one changes nothing.
///
/// It watches nothing by itself. Call ``reloadIfChanged()`` every second, ``reload()`` when a person asks for it, and
/// ``keyIsUnknown(_:)`` when a token names a key that is not there. All are synchronous and safe to use from any thread.
public final class LiveKeyring: Sendable {
    /// What came of a look at the file.
    public enum Outcome: Sendable, Equatable {
        /// What is there is what is in force, however it is written.
        case unchanged
        /// The ring that is now in force.
        case replaced(with: Keyring)
        /// What is there is no ring for this place. The one in force stays.
        case refused(KeyringReloadError)
        /// The file was bad, and holds the ring in force again.
        case restored
    }

    /// How the ring in force came to be, and what is wrong with its file.
    public struct Status: Sendable, Equatable {
        /// When the ring in force was read; `nil` if it is the one that the process began with.
        public fileprivate(set) var reloadedAt: Timestamp?
        /// Why the file is not what is in force; `nil` if it is.
        public fileprivate(set) var problem: KeyringReloadError?
    }

    /// The ring in force, for ``Sealer``.
    public let reference: KeyringReference
    public let purpose: Keyring.Purpose
    private let source: KeyringSource
    private let lifetime: Duration
    private let observer: @Sendable (Outcome) -> Void
    private let now: @Sendable () -> Timestamp
    private let instant: @Sendable () -> ContinuousClock.Instant
    /// Held while the file is read, so that of two readers the later one's ring stays.
    private let lastLook = Mutex(Look())
    private let latest = Mutex(Status())

    private struct Look {
        /// Taken before the file was read: what is changed later looks different.
        var stamp: FileStamp?
        var forUnknownKey: ContinuousClock.Instant?
    }

    /// Loads the keyring, and follows it from then on.
    ///
    /// - Parameters:
    ///   - lifetime: what the service gives its states; a ring that allows less is refused.
    ///   - observer: called when a ring was replaced or refused or is good again: once, not at every look.
    /// - Throws: ``KeyringFileError``.
    public convenience init(
        _ source: KeyringSource, purpose: Keyring.Purpose, lifetime: Duration = .zero,
        observer: @escaping @Sendable (Outcome) -> Void = { _ in }
    ) throws(KeyringFileError) {
        self.init(try source.load(purpose), from: source, lifetime: lifetime, observer: observer)
    }

    /// Follows the source of a keyring that was loaded before; what changed meanwhile is seen at the first look.
    package init(
        _ keyring: Keyring, from source: KeyringSource, lifetime: Duration = .zero,
        now: @escaping @Sendable () -> Timestamp = { .now() },
        instant: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        observer: @escaping @Sendable (Outcome) -> Void = { _ in }
    ) {
        reference = KeyringReference(keyring)
        purpose = keyring.purpose
        self.source = source
        self.lifetime = lifetime
        self.observer = observer
        self.now = now
        self.instant = instant
    }

    public var status: Status { latest.withLock { $0 } }

    /// Reads the file and, if all is well with it, puts its ring in force.
    @discardableResult
    public func reload() -> Outcome { look { _ in true } }

    /// The same, if the file may be another than at the last look, or was bad then.
    @discardableResult
    public func reloadIfChanged() -> Outcome {
        look { look in
            guard let stamp = look.stamp, stamp.isSettled(at: now()), stamp == self.stamp else { return true }
            return latest.withLock { $0.problem != nil }
        }
    }

    /// Looks at once for a key that a token names and the ring does not have, but at most once a second, for anybody can
    /// name any key.
    ///
    /// - Returns: whether the ring has the key now, so that the token is worth another try.
    public func keyIsUnknown(_ id: KeyID) -> Bool {
        look { look in
            // Somebody else may have looked while this one waited.
            guard reference.current[id] == nil else { return false }
            let time = instant()
            if let last = look.forUnknownKey, time - last < .seconds(1) { return false }
            look.forUnknownKey = time
            return true
        }
        return reference.current[id] != nil
    }

    /// Whether the file itself is a mount point, as with Kubernetes' subPath: then another that is put in its place is
    /// never seen.
    package var isMountedAlone: Bool {
        guard let path = stamp?.path else { return false }
        return MountTable.current().isMountPoint(path)
    }

    private var stamp: FileStamp? {
        guard case .path(let path) = source else { return nil }
        return FileStamp(path, inFolder: KeyringFile.name(for: purpose))
    }

    @discardableResult
    private func look(ifDue isDue: (inout Look) -> Bool) -> Outcome {
        guard case .path = source else { return .unchanged }
        let (outcome, isNews) = lastLook.withLock { look in
            guard isDue(&look) else { return (Outcome.unchanged, false) }
            look.stamp = stamp
            return settle(candidate())
        }
        if isNews { observer(outcome) }
        return outcome
    }

    /// What is in the file now, if it may take the place of the ring in force.
    private func candidate() -> Result<Keyring, KeyringReloadError> {
        let candidate: Keyring
        do throws(KeyringFileError) {
            candidate = try source.load(purpose)
        } catch {
            return .failure(.file(error))
        }
        do throws(KeyringReloadError) {
            try candidate.check(replacing: reference.current, lifetime: lifetime)
            return .success(candidate)
        } catch {
            return .failure(error)
        }
    }

    private func settle(_ candidate: Result<Keyring, KeyringReloadError>) -> (Outcome, isNews: Bool) {
        latest.withLock { status in
            let before = status.problem
            switch candidate {
            case .failure(let problem):
                status.problem = problem
                return (.refused(problem), problem != before)
            case .success(let keyring) where keyring == reference.current:
                status.problem = nil
                return before == nil ? (.unchanged, false) : (.restored, true)
            case .success(let keyring):
                reference.replace(with: keyring)
                status = Status(reloadedAt: now(), problem: nil)
                return (.replaced(with: keyring), true)
            }
        }
    }
}
