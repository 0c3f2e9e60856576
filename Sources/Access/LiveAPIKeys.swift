internal import Keyrings
internal import StateTokens
internal import Synchronization

/// The API keys in force, which follow their file: a bad one changes nothing.
package final class LiveAPIKeys: Sendable {
    /// What came of a look at the file.
    package enum Outcome: Sendable, Equatable {
        case unchanged
        /// So many keys are in force now.
        case replaced(count: Int)
        /// The file is bad. What was in it before stays in force.
        case refused(APIKeyFileError)
        /// The file was bad, and holds again what is in force.
        case restored
    }

    private struct Content {
        var keys: [APIKey]
        var table: APIKeyTable
        var problem: APIKeyFileError?
    }

    private let path: String?
    private let permanent: [APIKey]
    /// When each of them was last used here.
    package let uses = APIKeyUses()
    private let observer: @Sendable (Outcome) -> Void
    private let content: Mutex<Content>
    /// Held while the file is read, so that of two readers the later one's keys stay; taken before the file was read.
    private let stamp = Mutex<FileStamp?>(nil)

    /// - Parameters:
    ///   - path: the file that the keys were loaded from; `nil` for keys that never change.
    ///   - permanent: keys that stay in force whatever the file says.
    ///   - observer: called when keys were replaced or refused or are good again: once, not at every look.
    package init(
        _ keys: [APIKey], from path: String? = nil, besides permanent: [APIKey] = [],
        observer: @escaping @Sendable (Outcome) -> Void = { _ in }
    ) {
        content = Mutex(Content(keys: keys, table: APIKeyTable(keys + permanent, uses: uses)))
        self.permanent = permanent
        self.path = path
        self.observer = observer
    }

    package var table: APIKeyTable { content.withLock(\.table) }

    /// Why the file is not what is in force; `nil` if it is.
    package var problem: APIKeyFileError? { content.withLock(\.problem) }

    /// Reads the file and, if all is well with it, puts its keys in force.
    @discardableResult
    package func reload() -> Outcome { look { _ in true } }

    /// The same, if the file may be another than at the last look, or was bad then.
    @discardableResult
    package func reloadIfChanged() -> Outcome {
        look { stamp in
            guard let stamp, stamp.isSettled(at: .now()), stamp == path.flatMap({ FileStamp($0) }) else {
                return true
            }
            return problem != nil
        }
    }

    private func look(ifDue isDue: (FileStamp?) -> Bool) -> Outcome {
        guard let path else { return .unchanged }
        let (outcome, isNews) = stamp.withLock { stamp in
            guard isDue(stamp) else { return (Outcome.unchanged, false) }
            stamp = FileStamp(path)
            do throws(APIKeyFileError) {
                return accept(try APIKeyFile.load(path))
            } catch {
                return refuse(error)
            }
        }
        if isNews { observer(outcome) }
        return outcome
    }

    private func accept(_ keys: [APIKey]) -> (Outcome, isNews: Bool) {
        content.withLock { content in
            guard keys == content.keys else {
                content = Content(keys: keys, table: APIKeyTable(keys + permanent, uses: uses))
                return (.replaced(count: keys.count), true)
            }
            let wasBad = content.problem != nil
            content.problem = nil
            return wasBad ? (.restored, true) : (.unchanged, false)
        }
    }

    private func refuse(_ problem: APIKeyFileError) -> (Outcome, isNews: Bool) {
        content.withLock { content in
            let isNews = content.problem != problem
            content.problem = problem
            return (.refused(problem), isNews)
        }
    }
}
