import Foundation
import Logging
import StateTokens
import Synchronization
import Testing

@testable import SymbolonCommands

@Suite("Looking for a state key", .timeLimit(.minutes(1))) struct StateKeyFinderTests {
    private final class Ring: Sendable {
        let looks = Atomic(0)
        let keys = Mutex<Set<KeyID>>([])
        /// How many reads the disk still answers.
        let disk = Mutex(0)

        private func waitForDisk() {
            while true {
                let isAnswered = disk.withLock { count in
                    guard count > 0 else { return false }
                    count -= 1
                    return true
                }
                if isAnswered { return }
                Thread.sleep(forTimeInterval: 0.002)
            }
        }

        var finder: StateKeyFinder {
            StateKeyFinder(
                look: { id in
                    self.looks.add(1, ordering: .relaxed)
                    self.waitForDisk()
                    self.keys.withLock { _ = $0.insert(KeyID(rawValue: 7)) }
                }, hasKey: { id in self.keys.withLock { $0.contains(id) } }, logger: Logger(label: "test"))
        }
    }

    @Test func `S44 while the disk stalls, however many states hold one thread`() async throws {
        let ring = Ring()
        let finder = ring.finder
        let found = await withTaskGroup(of: (UInt32, Bool).self) { group in
            for number in UInt32(0)..<200 {
                group.addTask { (number, await finder.find(KeyID(rawValue: number))) }
            }
            while ring.looks.load(ordering: .relaxed) == 0 { await Task.yield() }
            try? await Task.sleep(for: .milliseconds(200))
            #expect(ring.looks.load(ordering: .relaxed) == 1)
            // Any that comes later looks once more, and finds the disk well.
            ring.disk.withLock { $0 = 200 }
            var found: [UInt32] = []
            for await (number, isFound) in group where isFound { found.append(number) }
            return found
        }
        #expect(found == [7])
    }

    @Test func `after a look has ended the next state looks again`() async throws {
        let ring = Ring()
        let finder = ring.finder
        ring.disk.withLock { $0 = 3 }
        #expect(await finder.find(KeyID(rawValue: 7)))
        #expect(await !finder.find(KeyID(rawValue: 8)))
        #expect(ring.looks.load(ordering: .relaxed) == 2)
    }
}
