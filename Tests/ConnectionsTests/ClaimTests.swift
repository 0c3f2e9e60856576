import Connections
import StateTokens
import Testing

@Suite("Claim") struct ClaimTests {
    private let start = DatabaseTime(millisecondsSinceEpoch: 1000)
    private let end = DatabaseTime(millisecondsSinceEpoch: 2000)
    private let owner: LeaseOwner
    private let claim: Claim

    init() throws {
        owner = try LeaseOwner.random()
        claim = Claim(code: try Sample.code(1), owner: owner, until: end, keptUntil: end)
    }

    @Test(arguments: [(1999, false), (2000, true), (2001, true), (Int64.max, true), (Int64.min, false)])
    func `a lease is over at its end`(_ milliseconds: Int64, _ hasLapsed: Bool) {
        let now = DatabaseTime(millisecondsSinceEpoch: milliseconds)
        #expect(claim.hasLapsed(at: now) == hasLapsed)
    }

    @Test func `a lapsed lease cannot be finished, even before anyone has seen it`() {
        var claim = claim
        let outcome = FlowOutcome.failure(error: "x", description: "y")
        let before = claim
        let finish = claim.finish(owner: owner, as: outcome, at: end)
        #expect(finish == .refused)
        let wasReleased = claim.release(owner: owner, at: end)
        #expect(!wasReleased)
        #expect(claim == before)
    }

    @Test func `a finish that is asked for again has another answer for another outcome`() {
        var claim = claim
        let outcome = FlowOutcome.failure(error: "x", description: "y")
        let first = claim.finish(owner: owner, as: outcome, at: start)
        let second = claim.finish(owner: owner, as: outcome, at: start)
        let third = claim.finish(owner: owner, as: .rejected, at: start)
        #expect([first, second, third] == [.write, .written, .refused])
    }

    @Test func `a row is kept at least as long as its lease`() throws {
        var claim = claim
        let wasReleased = claim.release(owner: owner, at: start)
        #expect(wasReleased)
        let later = DatabaseTime(millisecondsSinceEpoch: 9000)
        let result = claim.claim(
            code: try Sample.code(2), owner: try .random(), until: later, keptUntil: start, at: start)
        #expect(result == .claimed)
        #expect(claim.keptUntil == later)
    }

    @Test func `a row that no store of ours could have written is refused`() throws {
        let codes = try (1...4).map { try Sample.code($0) }
        for wrong in [[], codes, [codes[0], codes[0]]] {
            #expect(Claim(codes: wrong, owner: owner, phase: .free, keptUntil: end) == nil)
        }
        #expect(Claim(codes: Array(codes[..<3]), owner: owner, phase: .free, keptUntil: end) != nil)
    }

    @Test(
        arguments: [
            (.milliseconds(1), 1001), (.microseconds(1999), 1001), (.seconds(Int64.max), .max),
            (.seconds(Int64.max / 1000), .max), (.seconds(-2), -1000), (.seconds(Int64.min), .min + 1000),
        ] as [(Duration, Int64)])
    func `a time out of range is the last there is`(_ duration: Duration, _ milliseconds: Int64) {
        #expect((start + duration).millisecondsSinceEpoch == milliseconds)
    }

    @Test(arguments: [(0, 0), (999, 0), (1000, 1), (-1, -1), (-1000, -1), (-1001, -2)])
    func `a moment is in the second that began before it`(_ milliseconds: Int64, _ seconds: Int64) {
        let time = DatabaseTime(millisecondsSinceEpoch: milliseconds)
        #expect(time.timestamp.secondsSinceEpoch == seconds)
    }
}
