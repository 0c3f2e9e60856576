import Connections
import ConnectionsSQLite
import ConnectionsTesting
import Logging
import StateTokens
import Synchronization
import TestSupport
import Testing

@testable import SymbolonCommands

@Suite("Housekeeping") final class HousekeepingTests {
    private let folder: TemporaryFolder
    private let store: SQLiteConnectionStore
    private let clock = ManualClock()
    private let flows = Mutex<[FlowID]>([])

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteConnectionStore(
            path: folder.path(of: "store.sqlite"), clock: .injected { [clock] in clock.now })
    }

    @Test func `S29 claims that were kept long enough go, more than one batch of them, and others stay`()
        async throws
    {
        for _ in 0..<450 { try await claim(LeaseOwner.random(), keep: .seconds(60)) }
        clock.advance(by: .seconds(61))
        for _ in 0..<3 { try await claim(LeaseOwner.random(), keep: .seconds(60)) }
        let housekeeping = Housekeeping(store, logger: Logger(label: "test"))
        let task = Task { try await housekeeping.run() }
        let end = ContinuousClock.now + .seconds(20)
        while try await claimCount() != 3, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(try await claimCount() == 3)
        task.cancel()
        try await task.value
    }

    private func claim(_ owner: LeaseOwner, keep: Duration) async throws {
        let flow = try #require(FlowID(octets: owner.octets))
        flows.withLock { $0.append(flow) }
        #expect(
            try await store.claim(
                flow: flow, codeHash: Sample.code(), owner: owner, lease: .seconds(1), keep: keep)
                == .claimed)
    }

    /// How many of the flows are still claimed.
    private func claimCount() async throws -> Int {
        var count = 0
        for flow in flows.withLock({ $0 }) {
            if try await store.progress(of: flow, codeHash: Sample.code()) != .free { count += 1 }
        }
        return count
    }
}
