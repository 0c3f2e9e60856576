internal import Connections
internal import Synchronization

/// Asks a store whether it works. No answer in time is one too: `/readyz` does not wait long.
///
/// There is one question at a time, however many ask.
final class StoreProbe<Store: ConnectionStore>: Sendable {
    private static var patience: Duration { .milliseconds(500) }

    private let store: Store
    private let question = Mutex<Task<String?, Never>?>(nil)

    init(_ store: Store) { self.store = store }

    /// - Returns: what is wrong, in a word that tells strangers nothing, or `nil`.
    func problem() async -> String? {
        let question = ask()
        return await withCheckedContinuation { continuation in
            let answer = FirstResult(continuation)
            Task { answer.give(await question.value) }
            Task {
                do {
                    try await Task.sleep(for: Self.patience)
                } catch {
                    // It is never cancelled.
                }
                answer.give(StoreOutage.timedOut.rawValue)
            }
        }
    }

    private func ask() -> Task<String?, Never> {
        question.withLock { question in
            if let question { return question }
            let next = Task {
                defer { self.question.withLock { $0 = nil } }
                do throws(StoreError) {
                    try await store.ping()
                    return String?.none
                } catch {
                    return error.publicCode
                }
            }
            question = next
            return next
        }
    }
}

/// Resumes once.
private final class FirstResult: Sendable {
    private let continuation: Mutex<CheckedContinuation<String?, Never>?>

    init(_ continuation: CheckedContinuation<String?, Never>) { self.continuation = Mutex(continuation) }

    func give(_ answer: String?) {
        let waiting = continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        waiting?.resume(returning: answer)
    }
}
