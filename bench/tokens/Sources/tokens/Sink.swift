import Dispatch
import Glibc
import Synchronization

/// Takes results and drops them, unknown to the compiler. It holds nothing, so threads share nothing.
struct Sink {
    @inline(never) @_optimize(none) func take(_ value: Int) {}
}

/// Two threads that do the same.
enum TwoThreads {
    static func run(_ first: () throws -> Void, _ second: () throws -> Void) throws {
        // Each thread calls one: a codec may be used from any thread, and nothing else is shared.
        nonisolated(unsafe) let bodies = (first, second)
        let failed = Atomic(false)
        DispatchQueue.concurrentPerform(iterations: 2) { index in
            do {
                try index == 0 ? bodies.0() : bodies.1()
            } catch {
                failed.store(true, ordering: .relaxed)
            }
        }
        guard !failed.load(ordering: .relaxed) else { throw BenchError.wrong("on two threads") }
    }
}

func flush() { fflush(nil) }
