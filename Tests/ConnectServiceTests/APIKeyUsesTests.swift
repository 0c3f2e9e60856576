import Access
import StateTokens
import Testing

/// When API keys were last used on one replica.
@Suite("APIKeyUses") struct APIKeyUsesTests {
    private let uses = APIKeyUses()
    private let now = Timestamp(secondsSinceEpoch: 600_000_059)

    private func key(
        _ id: String, _ text: String, status: APIKey.Status = .active, addressed: Bool = false
    ) -> APIKey {
        APIKey(
            id: id, hash: APIKeyHash(of: text), label: "", workspaceIDs: ["wsp_a"], permissions: [.read],
            requiresAuditContext: addressed, createdAt: TestKeys.start, expiresAt: nil, status: status)
    }

    private func use(_ table: APIKeyTable, _ text: String = "sym_1", at time: Timestamp? = nil) throws {
        _ = try table.principal(for: text, at: time ?? now)
    }

    @Test func `a use is known to the minute, and only that of the key that was used`() throws {
        let table = APIKeyTable([key("key_1", "sym_1"), key("key_2", "sym_2")], uses: uses)
        #expect(uses.pending.isEmpty)
        try use(table)
        #expect(uses.pending == ["key_1": Timestamp(secondsSinceEpoch: 600_000_000)])
        try use(table, at: now + .seconds(60))
        #expect(uses.pending == ["key_1": Timestamp(secondsSinceEpoch: 600_000_060)])
        try use(table, at: now)
        #expect(uses.pending == ["key_1": Timestamp(secondsSinceEpoch: 600_000_060)])
    }

    @Test func `what was noted is noted once, until the key is used again`() throws {
        let table = APIKeyTable([key("key_1", "sym_1")], uses: uses)
        try use(table)
        let pending = uses.pending
        // What could not be written stays to be written.
        #expect(uses.pending == pending)
        uses.noted(pending)
        #expect(uses.pending.isEmpty)
        try use(table)
        #expect(uses.pending.isEmpty, "within the same minute")
        try use(table, at: now + .seconds(60))
        #expect(uses.pending.count == 1)
    }

    @Test func `a key that is rejected was not used`() {
        let table = APIKeyTable(
            [key("key_1", "sym_1", status: .revoked), key("key_2", "sym_2", addressed: true)], uses: uses)
        for text in ["sym_1", "sym_2", "sym_3", ""] {
            #expect(throws: AccessError.self) { try use(table, text) }
        }
        #expect(uses.pending.isEmpty)
    }

    @Test func `a key keeps its last use when its file is read again`() throws {
        let first = APIKeyTable([key("key_1", "sym_1")], uses: uses)
        try use(first)
        let second = APIKeyTable([key("key_1", "sym_1"), key("key_2", "sym_2")], uses: uses)
        #expect(uses.pending.count == 1)
        try use(second, at: now + .seconds(60))
        #expect(uses.pending == ["key_1": Timestamp(secondsSinceEpoch: 600_000_060)])
    }
}
