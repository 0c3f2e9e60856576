import Connections
import Testing

@Suite("Identifiers") struct IdentifierTests {
    @Test func `an id is read as it is written`() throws {
        let id = try ConnectionID.random()
        #expect(id.description.utf8.count == 27)
        #expect(ConnectionID(id.description) == id)
    }

    @Test(arguments: [
        "", "conn_", "conn_AAAAAAAAAAAAAAAAAAAAA", "conn_AAAAAAAAAAAAAAAAAAAAAAA",
        "conn_AAAAAAAAAAAAAAAAAAAAAB",
        "CONN_AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAA", "conn_AAAAAAAAAAAAAAAAAAAAA=",
        "conn_AAAAAAAAAAAAAAAAAAAA+A", " conn_AAAAAAAAAAAAAAAAAAAAAA", "conn_conn_AAAAAAAAAAAAAAAAAAAAAA",
        "conn_AAAAAAAAAAAAAAAAAAAAA\u{301}A", "conn_'; DROP TABLE connections",
    ])
    func `other text is no id`(_ text: String) {
        #expect(ConnectionID(text) == nil)
    }

    @Test(arguments: [0, 15, 17, 31, 33, 64]) func `a hash or an owner of another length is none`(
        _ count: Int
    ) {
        let octets = [UInt8](repeating: 1, count: count)
        #expect(CodeHash(octets: octets) == nil)
        #expect(LeaseOwner(octets: octets) == nil)
    }
}
