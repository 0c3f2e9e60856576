import Dispatch
import Glibc
import Synchronization

/// Where results go.
final class Sink: @unchecked Sendable {
    private var sum = 0

    @inline(never) func take(_ value: Int) { sum &+= value }
}

/// Two threads that do the same.
enum TwoThreads {
    static func run(_ body: () throws -> Void) throws {
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
