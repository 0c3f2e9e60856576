package import Integrations
internal import Keyrings
package import StateTokens
internal import Synchronization

/// The operator's entries and the workspaces in force, which follow their files: bad ones change nothing.
///
/// It watches nothing by itself: call ``reloadIfChanged()`` every second, and ``reload()`` when a person asks for it.
package final class LiveDefinitions: Sendable {
    /// What the files say, checked together.
    package struct Definitions: Sendable, Equatable {
        package let catalog: Catalog
        package let settings: [String: IntegrationSettings]
        package let workspaces: WorkspaceDirectory

        package init(
            catalog: Catalog, settings: [String: IntegrationSettings], workspaces: WorkspaceDirectory
        ) {
            self.catalog = catalog
            self.settings = settings
            self.workspaces = workspaces
        }
    }

    /// Why the files are not what is in force.
    package struct Problem: Error, Equatable {
        package enum Part: String, Sendable {
            case catalog
            case workspaces
        }

        package let part: Part
        /// Names files, lines and fields, and no value.
        package let description: String

        package init(_ part: Part, _ description: String) {
            self.part = part
            self.description = description
        }
    }

    /// What came of a look at the files.
    package enum Outcome: Sendable, Equatable {
        case unchanged
        case replaced
        /// What was there before stays in force.
        case refused(Problem)
        /// The files were bad, and say again what is in force.
        case restored
    }

    private struct State {
        /// As they were read, since the registry and the directory in force take in what comes later.
        var inForce: Definitions
        var problem: Problem?
        /// Taken before the files were read: what is changed later looks different. `nil` for one that is not there.
        var stamps: [String: FileStamp?]?
    }

    private let registry: IntegrationRegistry
    private let workspaces: WorkspaceDirectory
    private let webhooks: WebhookEndpoints
    private let files: @Sendable () -> [String]
    private let load: @Sendable () throws(Problem) -> Definitions
    private let observer: @Sendable (Outcome) -> Void
    private let now: @Sendable () -> Timestamp
    /// Held while files are read, so that of two readers the later one's definitions stay.
    private let state: Mutex<State>
    private let latestProblem = Mutex<Problem?>(nil)

    /// - Parameters:
    ///   - definitions: what the registry and the directory were made of.
    ///   - files: the paths of all files and folders that count, as things are now.
    ///   - load: reads and checks them.
    ///   - observer: called when definitions were replaced or refused or are good again: once, not at every look.
    package init(
        _ definitions: Definitions, in registry: IntegrationRegistry, _ workspaces: WorkspaceDirectory,
        webhooks: WebhookEndpoints, files: @escaping @Sendable () -> [String],
        load: @escaping @Sendable () throws(Problem) -> Definitions,
        now: @escaping @Sendable () -> Timestamp = { .now() },
        observer: @escaping @Sendable (Outcome) -> Void = { _ in }
    ) {
        state = Mutex(State(inForce: definitions))
        self.registry = registry
        self.workspaces = workspaces
        self.webhooks = webhooks
        self.files = files
        self.load = load
        self.now = now
        self.observer = observer
    }

    /// Why the files are not what is in force; `nil` if they are.
    package var problem: Problem? { latestProblem.withLock { $0 } }

    /// Reads the files and, if all is well with them, puts what they say in force.
    @discardableResult
    package func reload() -> Outcome { look { _, _ in true } }

    /// The same, if a file may be another than at the last look.
    @discardableResult
    package func reloadIfChanged() -> Outcome {
        look { [now] before, stamps in
            guard let before, before == stamps else { return true }
            return stamps.values.contains { $0.map { !$0.isSettled(at: now()) } ?? false }
        }
    }

    private func look(
        ifDue isDue: (_ before: [String: FileStamp?]?, _ now: [String: FileStamp?]) -> Bool
    ) -> Outcome {
        let (outcome, isNews) = state.withLock { state in
            let stamps = Dictionary(files().map { ($0, FileStamp($0)) }) { first, _ in first }
            guard isDue(state.stamps, stamps) else { return (Outcome.unchanged, false) }
            state.stamps = stamps
            do throws(Problem) {
                return accept(try load(), &state)
            } catch {
                let isNews = state.problem != error
                state.problem = error
                latestProblem.withLock { $0 = error }
                return (Outcome.refused(error), isNews)
            }
        }
        if isNews { observer(outcome) }
        return outcome
    }

    private func accept(_ next: Definitions, _ state: inout State) -> (Outcome, isNews: Bool) {
        let wasBad = state.problem != nil
        state.problem = nil
        latestProblem.withLock { $0 = nil }
        guard next != state.inForce else { return wasBad ? (.restored, true) : (.unchanged, false) }
        // A workspace must not be there before what it says of integrations is.
        registry.replace(with: next.catalog, settings: next.settings, workspaces: next.workspaces)
        workspaces.replace(with: next.workspaces)
        webhooks.replace(with: next.workspaces)
        state.inForce = next
        return (.replaced, true)
    }
}
