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
        let outcome = FlowResult.failure(.exchangeTimedOut)
        let before = claim
        let finish = claim.finish(owner: owner, as: outcome, at: end)
        #expect(finish == .refused)
        let wasReleased = claim.release(owner: owner, at: end)
        #expect(!wasReleased)
        #expect(claim == before)
    }

    @Test func `a finish that is asked for again has another answer for another outcome`() {
        var claim = claim
        let outcome = FlowResult.failure(.exchangeTimedOut)
        let first = claim.finish(owner: owner, as: outcome, at: start)
        let second = claim.finish(owner: owner, as: outcome, at: start)
        let third = claim.finish(owner: owner, as: .failure(.codeRejected), at: start)
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
        let codes = try (1...4).map { try Sample.code($0).octets }
        let wrong: [[UInt8]] = [
            [], codes.flatMap { $0 }, codes[0] + codes[0], codes[0] + codes[0] + codes[1],
            codes[0] + codes[1] + codes[0], Array(codes[0].dropLast()), codes[0] + [0],
        ]
        for octets in wrong {
            #expect(Claim(codes: octets, owner: owner, phase: .free, keptUntil: end) == nil)
        }
        for count in 1...3 {
            let octets = codes[..<count].flatMap { $0 }
            let claim = Claim(codes: octets, owner: owner, phase: .free, keptUntil: end)
            #expect(claim?.codes == octets)
        }
    }

    @Test func `S32 a row remembers fourteen rejected codes and the latest one, in the same room`() throws {
        var claim = claim
        for number in 2...30 as ClosedRange<UInt8> {
            let wasReleased = claim.release(owner: claim.owner, at: start)
            #expect(wasReleased)
            let result = claim.claim(
                code: try Sample.code(number), owner: try .random(), until: end, keptUntil: end, at: start)
            #expect(result == .claimed)
            #expect([32, 64, 96].contains(claim.codes.count))
            let read = Claim(
                codes: claim.codes, owner: claim.owner, phase: claim.phase, keptUntil: claim.keptUntil)
            #expect(read == claim)
            for code in max(1, Int(number) - 14)..<Int(number) {
                let progress = claim.progress(of: try Sample.code(UInt8(code)), at: start)
                #expect(progress == .finished(.failure(.codeRejected)), "\(code) of \(number)")
            }
            #expect(claim.progress(of: try Sample.code(number), at: start) == .pending(sameCode: true))
            #expect(claim.progress(of: try Sample.code(99), at: start) == .pending(sameCode: false))
        }
    }

    @Test func `a flow that was given back unsent is free for the same code, and for another`() throws {
        var claim = claim
        let wasOthers = claim.unclaim(owner: try .random(), at: start)
        #expect(!wasOthers)
        let wasGivenBack = claim.unclaim(owner: owner, at: start)
        #expect(wasGivenBack)
        let again = claim.unclaim(owner: owner, at: start)
        let finish = claim.finish(owner: owner, as: .failure(.exchangeTimedOut), at: start)
        #expect(!again && finish == .refused)
        for number in [1, 2] as [UInt8] {
            var claim = claim
            let code = try Sample.code(number)
            #expect(claim.progress(of: code, at: start) == .free)
            let result = claim.claim(
                code: code, owner: try .random(), until: end, keptUntil: end, at: start)
            #expect(result == .claimed)
            #expect(claim.progress(of: code, at: start) == .pending(sameCode: true))
        }
        var other = claim
        _ = other.claim(
            code: try Sample.code(2), owner: try .random(), until: end, keptUntil: end, at: start)
        _ = other.release(owner: other.owner, at: start)
        // Nobody has rejected the first one.
        #expect(other.progress(of: try Sample.code(1), at: start) == .free)
        #expect(other.progress(of: try Sample.code(2), at: start) == .finished(.failure(.codeRejected)))
    }

    @Test func `S09 a lapsed claim is not given back`() {
        var claim = claim
        let wasGivenBack = claim.unclaim(owner: owner, at: end)
        #expect(!wasGivenBack)
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
