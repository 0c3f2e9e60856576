import StateTokens
import Testing

@Suite("A key's trial") struct KeyTrialTests {
    @Test func `a key opens what it seals`() throws {
        for id in 1..<50 { #expect(try TestKeys.key(UInt32(id)).sealsAndOpens()) }
    }
}
