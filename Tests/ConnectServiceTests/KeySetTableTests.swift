import Access
import Logging
import Testing

@testable import ConnectService

@Suite("KeySetTable") struct KeySetTableTests {
    private struct NoKeys: Error {}

    private func make() -> LiveKeySet { LiveKeySet(logger: Logger(label: "test")) { throw NoKeys() } }

    @Test func `S28 of the issuers that connections name the one asked for longest ago makes room`() {
        var table = KeySetTable(namedLimit: 3)
        let first = ["a", "b", "c"].map { table.keySet(at: $0, isNamed: true, make: make) }
        #expect(table.keySet(at: "a", isNamed: true, make: make) === first[0])
        _ = table.keySet(at: "d", isNamed: true, make: make)
        #expect(table.count == 3)
        #expect(table.keySet(at: "a", isNamed: true, make: make) === first[0])
        #expect(table.keySet(at: "c", isNamed: true, make: make) === first[2])
        #expect(table.keySet(at: "b", isNamed: true, make: make) !== first[1])
    }

    @Test func `a configured issuer keeps its set, however many others connections name`() {
        var table = KeySetTable(namedLimit: 3)
        let configured = table.keySet(at: "a", isNamed: false, make: make)
        for index in 0..<10 { _ = table.keySet(at: "\(index)", isNamed: true, make: make) }
        #expect(table.keySet(at: "a", isNamed: false, make: make) === configured)
        #expect(table.count == 4)
        // What a connection names is fetched as such, even where it is the same place.
        #expect(table.keySet(at: "a", isNamed: true, make: make) !== configured)
    }
}
