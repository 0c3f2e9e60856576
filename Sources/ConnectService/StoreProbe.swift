internal import Connections
internal import Synchronization

/// Asks a store whether it is up, and takes no answer in time for a no: who asks `/readyz` does not wait
/// long.
///
/// There is one question at a time, however many ask.
final class StoreProbe<Store: ConnectionStore>: Sendable {
    private static var patience: Duration { .milliseconds(500) }

    private let store: Store
    private let question = Mutex<Task<Bool, Never>?>(nil)

    init(_ store: Store) { self.store = store }

    func isUp() async -> Bool {
        let question = ask()
        return await withCheckedContinuation { continuation in
            let answer = FirstAnswer(continuation)
            Task { answer.give(await question.value) }
            Task {
                do {
                    try await Task.sleep(for: Self.patience)
                } catch {
                    // It is never cancelled.
                }
                answer.give(false)
            }
        }
    }

    private func ask() -> Task<Bool, Never> {
        question.withLock { question in
            if let question { return question }
            let next = Task {
                defer { self.question.withLock { $0 = nil } }
                do throws(StoreError) {
                    try await store.ping()
                    return true
                } catch {
                    return false
                }
            }
            question = next
            return next
        }
    }
}

/// Resumes once.
private final class FirstAnswer: Sendable {
    private let continuation: Mutex<CheckedContinuation<Bool, Never>?>

    init(_ continuation: CheckedContinuation<Bool, Never>) { self.continuation = Mutex(continuation) }

    func give(_ answer: Bool) {
        let waiting = continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        waiting?.resume(returning: answer)
    }
}
