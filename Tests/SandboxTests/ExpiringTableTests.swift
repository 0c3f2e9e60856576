import StateTokens
import Testing

@testable import Sandbox

@Suite("ExpiringTable") struct ExpiringTableTests {
    private let start = Timestamp(secondsSinceEpoch: 1_000)

    private func table(_ texts: String...) -> ExpiringTable<Int> {
        var table = ExpiringTable<Int>(capacity: 3, lifetime: .seconds(10))
        for (index, text) in texts.enumerated() { table.insert(index, for: text, at: start) }
        return table
    }

    @Test func `a value is there until its time is over`() {
        let table = table("a")
        #expect(table["a", start + .seconds(9)] == 0)
        #expect(table["a", start + .seconds(10)] == nil)
        #expect(table["b", start] == nil)
    }

    @Test func `the oldest makes room`() {
        let table = table("a", "b", "c", "d")
        #expect(["a", "b", "c", "d"].map { table[$0, start] } == [nil, 1, 2, 3])
    }

    @Test func `a value that was put in again is not the oldest any more`() {
        let table = table("a", "b", "a", "c", "d")
        #expect(["a", "b", "c", "d"].map { table[$0, start] } == [2, nil, 3, 4])
    }

    @Test func `a removed value is gone, and was expired when it was`() {
        var table = table("a", "b")
        #expect(table.remove("a", at: start) == 0)
        #expect(table.remove("a", at: start) == nil)
        #expect(table.remove("b", at: start + .seconds(10)) == nil)
    }

    @Test func `a replaced value lives no longer`() {
        var table = table("a")
        table.replace(5, for: "a")
        table.replace(6, for: "b")
        #expect(table["a", start + .seconds(9)] == 5)
        #expect(table["a", start + .seconds(10)] == nil)
        #expect(table["b", start] == nil)
    }

    @Test func `it does not grow, however often one value is put in again beside an old one`() {
        var table = table("old")
        for index in 0..<10_000 { table.insert(index, for: "busy", at: start) }
        for index in 0..<10_000 {
            table.insert(index, for: "gone", at: start)
            table.remove("gone", at: start)
        }
        #expect(table.heldCount <= 7)
        #expect(table["busy", start] == 9_999)
    }
}
