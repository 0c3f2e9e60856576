import StateTokens
import Testing

@testable import ConnectService

@Suite("FlowJournal") struct FlowJournalTests {
    private func flow(_ number: Int) throws -> FlowID {
        let octets = [UInt8](repeating: 0, count: 14) + [UInt8(number / 256), UInt8(number % 256)]
        return try #require(FlowID(octets: octets))
    }

    @Test func `a flow's steps come in order, with their times`() throws {
        let journal = FlowJournal(now: { Timestamp(secondsSinceEpoch: 1_000) })
        journal.note(.opened(.milliseconds(1)), of: try flow(1))
        journal.note(.claimed, of: try flow(1))
        journal.note(.claimed, of: try flow(2))
        #expect(journal.entries(of: try flow(1)).map(\.step) == [.opened(.milliseconds(1)), .claimed])
        #expect(
            journal.entries(of: try flow(1)).allSatisfy { $0.time == Timestamp(secondsSinceEpoch: 1_000) })
        #expect(journal.entries(of: try flow(3)) == [])
    }

    @Test func `only the latest flows are kept`() throws {
        let journal = FlowJournal()
        for number in 0...FlowJournal.flowLimit { journal.note(.claimed, of: try flow(number)) }
        #expect(journal.entries(of: try flow(0)) == [])
        #expect(journal.entries(of: try flow(1)).count == 1)
        #expect(journal.entries(of: try flow(FlowJournal.flowLimit)).count == 1)
    }

    @Test func `a callback that comes for ever is not noted for ever`() throws {
        let journal = FlowJournal()
        for _ in 0..<1_000 { journal.note(.opened(.zero), of: try flow(1)) }
        #expect(journal.entries(of: try flow(1)).count == FlowJournal.stepLimit)
    }
}
