import Logging
import Synchronization
import Testing

@testable import SymbolonCommands

@Suite("KeyringWatch") struct KeyringWatchTests {
    private struct Failure: Error {}

    @Test func `a look that fails does not end the watch, and is logged once`() async {
        let lines = LineRecorder.Lines()
        let looks = Mutex(0)
        let logger = Logger(label: "test") { _ in LineRecorder(lines) }
        await KeyringWatch.look(logger: logger, pausing: {}) {
            let number = looks.withLock { looks in
                looks += 1
                return looks
            }
            switch number {
            case 1, 2, 4: throw Failure()
            case 5: throw CancellationError()
            default: return
            }
        }
        #expect(looks.withLock { $0 } == 5)
        #expect(lines.all.count == 2)
    }
}
