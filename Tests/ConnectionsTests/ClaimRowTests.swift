import Connections
import StateTokens
import Testing

@Suite("Claims in rows") struct ClaimRowTests {
    private let flow: FlowID
    private let claim: Claim

    init() throws {
        flow = try #require(FlowID(octets: [UInt8](repeating: 7, count: 16)))
        let time = DatabaseTime(millisecondsSinceEpoch: 2000)
        claim = Claim(
            code: try Sample.code(1), owner: try LeaseOwner.random(), until: time, keptUntil: time)
    }

    private func finished(as outcome: FlowResult) -> Claim {
        var claim = claim
        _ = claim.finish(owner: claim.owner, as: outcome, at: DatabaseTime(millisecondsSinceEpoch: 1000))
        return claim
    }

    @Test func `what a row holds reads as what was written`() throws {
        var free = claim
        let isFree = free.release(owner: free.owner, at: DatabaseTime(millisecondsSinceEpoch: 1000))
        #expect(isFree)
        let all = [claim, free, finished(as: .success(try .random())), finished(as: .failure(.restart))]
        for claim in all { #expect(try Claim(stored: claim.values(of: flow)) == claim) }
    }

    @Test(
        arguments: [
            ("codes", StoredValue.octets([])), ("codes", .octets([1])), ("codes", .null),
            ("codes", .integer(1)),
            ("owner", .octets([1])), ("owner", .null), ("phase", .text("")), ("phase", .text("later")),
            ("phase", .text("success")), ("phase", .text("failure")), ("phase", .null),
            ("phase", .octets([0xFF])),
            ("lease_ends_at_ms", .null), ("lease_ends_at_ms", .text("2000")), ("kept_until_ms", .null),
            ("kept_until_ms", .other),
        ] as [(String, StoredValue)])
    func `a row that no store of ours writes is corrupt`(_ column: String, _ value: StoredValue) throws {
        var values = claim.values(of: flow)
        let index = try #require(Claim.columns.firstIndex { $0.name == column })
        values[index] = value
        #expect {
            try Claim(stored: values)
        } throws: { error in
            guard case StoreError.corrupt = error else { return false }
            return true
        }
    }

    @Test func `a row with too few columns is corrupt`() {
        for count in 0..<Claim.columns.count {
            #expect(throws: StoreError.self) {
                try Claim(stored: Array(claim.values(of: flow).prefix(count)))
            }
        }
    }
}
