import Dispatch
import Glibc
import Synchronization

/// Where results go: nowhere, but the compiler does not know. It holds nothing, so that threads share nothing here.
struct Sink {
    @inline(never) @_optimize(none) func take(_ value: Int) {}
}

/// Two threads that do the same.
enum TwoThreads {
    static func run(_ body: () throws -> Void) throws {
        // Both threads call it, and it is made for that: a codec may be used from any thread, and nothing else is shared.
        nonisolated(unsafe) let body = body
        let failed = Atomic(false)
        DispatchQueue.concurrentPerform(iterations: 2) { _ in
            do {
                try body()
            } catch {
                failed.store(true, ordering: .relaxed)
            }
        }
        guard !failed.load(ordering: .relaxed) else { throw BenchError.wrong("on two threads") }
    }
}

func flush() { fflush(nil) }
