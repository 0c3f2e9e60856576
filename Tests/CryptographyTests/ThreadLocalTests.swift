import Cryptography
import Foundation
import Synchronization
import Testing

@Suite("ThreadLocal") struct ThreadLocalTests {
    final class Box: Sendable {
        let released: @Sendable () -> Void

        init(released: @escaping @Sendable () -> Void = {}) { self.released = released }

        deinit { released() }
    }

    @Test func `a thread keeps its value and shares it with no other`() async {
        let local = ThreadLocal<Box>()
        let pairs = Mutex<[(ObjectIdentifier, ObjectIdentifier)]>([])
        let kept = Mutex<[Box]>([])
        await runOnThreads(4) {
            let first = unsafe local.value { Box() }.takeUnretainedValue()
            let second = unsafe local.value { Box() }.takeUnretainedValue()
            kept.withLock { $0.append(first) }
            pairs.withLock { $0.append((ObjectIdentifier(first), ObjectIdentifier(second))) }
        }
        let seen = pairs.withLock { $0 }
        #expect(seen.allSatisfy { $0.0 == $0.1 })
        #expect(Set(seen.map(\.0)).count == 4)
    }

    @Test func `a thread's value goes with the thread`() async {
        let local = ThreadLocal<Box>()
        let released = Atomic<Int>(0)
        await runOnThreads(3) { _ = unsafe local.value { Box { released.add(1, ordering: .relaxed) } } }
        // A thread may end a moment after its work: its value goes then.
        for _ in 0..<500 where released.load(ordering: .relaxed) < 3 {
            try? await Task.sleep(for: .milliseconds(10))
        }
        #expect(released.load(ordering: .relaxed) == 3)
        withExtendedLifetime(local) {}
    }

    @Test func `values go with the object, too`() {
        let released = Atomic<Int>(0)
        do {
            let local = ThreadLocal<Box>()
            _ = unsafe local.value { Box { released.add(1, ordering: .relaxed) } }
        }
        #expect(released.load(ordering: .relaxed) == 1)
    }

    private func runOnThreads(_ count: Int, _ body: @escaping @Sendable () -> Void) async {
        await withTaskGroup { group in
            for _ in 0..<count {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        Thread.detachNewThread {
                            body()
                            continuation.resume()
                        }
                    }
                }
            }
        }
    }
}
