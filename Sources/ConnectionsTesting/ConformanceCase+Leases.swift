import Connections
import Testing

extension ConformanceCase {
    static var leaseCases: [ConformanceCase] {
        [
            ConformanceCase("a lease runs to its last millisecond") { harness in
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code())
                harness.clock.advance(by: Sample.lease - .milliseconds(1))
                #expect(
                    try await harness.claim(Sample.flow(), Sample.code(), owner: .random())
                        == .pending(sameCode: true))
                let ending = FlowEnding.created(try Sample.connection(.random()), Sample.sealed())
                #expect(try await harness.store.finish(flow: Sample.flow(), owner: owner, as: ending))
            },
            ConformanceCase("S09 a lease that ran out ends the flow with restart: its code is not sent again")
            { harness in
                _ = try await harness.holdFlow(Sample.flow(), Sample.code(1))
                harness.clock.advance(by: Sample.lease)
                #expect(
                    try await harness.claim(Sample.flow(), Sample.code(1), owner: .random())
                        == .finished(.failure(.restart)))
                #expect(try await harness.claim(Sample.flow(), Sample.code(2), owner: .random()) == .over)
            },
            ConformanceCase("S09 one who looks sees that a lease ran out") { harness in
                _ = try await harness.holdFlow(Sample.flow(), Sample.code(1))
                harness.clock.advance(by: Sample.lease)
                #expect(
                    try await harness.store.progress(of: Sample.flow(), codeHash: Sample.code(1))
                        == .finished(.failure(.restart)))
                #expect(
                    try await harness.store.progress(of: Sample.flow(), codeHash: Sample.code(2)) == .over)
            },
            ConformanceCase("S09 restart is durable: a clock set back does not bring the owner back") {
                harness in
                for (number, looks) in [(1, true), (2, false)] as [(UInt8, Bool)] {
                    let flow = try Sample.flow(number)
                    let owner = try await harness.holdFlow(flow, Sample.code())
                    harness.clock.advance(by: Sample.lease)
                    if looks {
                        _ = try await harness.store.progress(of: flow, codeHash: Sample.code())
                    } else {
                        _ = try await harness.claim(flow, Sample.code(), owner: .random())
                    }
                    harness.clock.advance(by: .zero - Sample.lease)
                    let ending = FlowEnding.created(try Sample.connection(.random()), Sample.sealed())
                    #expect(try await !harness.store.finish(flow: flow, owner: owner, as: ending))
                    #expect(try await !harness.store.release(flow: flow, owner: owner))
                    #expect(
                        try await harness.store.progress(of: flow, codeHash: Sample.code())
                            == .finished(.failure(.restart)))
                }
            },
            ConformanceCase("S09 a late owner finishes nothing and writes nothing") { harness in
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code())
                harness.clock.advance(by: Sample.lease)
                let connection = try Sample.connection(.random())
                #expect(
                    try await !harness.store.finish(
                        flow: Sample.flow(), owner: owner, as: .created(connection, Sample.sealed())))
                #expect(
                    try await harness.store.connection(connection.id, workspaceID: Sample.workspaceID) == nil)
                #expect(try await harness.store.keyIDsInUse().isEmpty)
            },
            ConformanceCase("a late owner frees nothing") { harness in
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code(1))
                harness.clock.advance(by: Sample.lease)
                #expect(try await !harness.store.release(flow: Sample.flow(), owner: owner))
                #expect(try await harness.claim(Sample.flow(), Sample.code(2), owner: .random()) == .over)
            },
            ConformanceCase("only the owner releases") { harness in
                _ = try await harness.holdFlow(Sample.flow(), Sample.code(1))
                #expect(try await !harness.store.release(flow: Sample.flow(), owner: .random()))
                #expect(
                    try await harness.claim(Sample.flow(), Sample.code(2), owner: .random())
                        == .pending(sameCode: false))
            },
            ConformanceCase("an owner who released is an owner no more") { harness in
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code(1))
                #expect(try await harness.store.release(flow: Sample.flow(), owner: owner))
                #expect(try await harness.store.release(flow: Sample.flow(), owner: owner))
                let failure = FlowEnding.failed(.exchangeTimedOut)
                #expect(try await !harness.store.finish(flow: Sample.flow(), owner: owner, as: failure))
                _ = try await harness.holdFlow(Sample.flow(), Sample.code(2))
                #expect(try await !harness.store.release(flow: Sample.flow(), owner: owner))
                #expect(try await !harness.store.finish(flow: Sample.flow(), owner: owner, as: failure))
            },
            ConformanceCase("no owner releases a flow that was never claimed, or that is finished") {
                harness in
                let owner = try LeaseOwner.random()
                #expect(try await !harness.store.release(flow: Sample.flow(2), owner: owner))
                let holder = try await harness.holdFlow(Sample.flow(), Sample.code())
                let failure = FlowEnding.failed(.exchangeTimedOut)
                #expect(try await harness.store.finish(flow: Sample.flow(), owner: holder, as: failure))
                #expect(try await !harness.store.release(flow: Sample.flow(), owner: holder))
            },
            ConformanceCase("an absurd lease is a long one") { harness in
                let result = try await harness.claim(
                    Sample.flow(), Sample.code(), owner: .random(), lease: .seconds(Int64.max))
                #expect(result == .claimed)
                harness.clock.advance(by: .seconds(1_000_000_000))
                #expect(
                    try await harness.claim(Sample.flow(), Sample.code(), owner: .random())
                        == .pending(sameCode: true))
            },
        ]
    }

    static var purgeCases: [ConformanceCase] {
        [
            ConformanceCase("a purge takes claims that were kept long enough, in batches") { harness in
                for number in 1...5 as ClosedRange<UInt8> {
                    _ = try await harness.holdFlow(Sample.flow(number), Sample.code())
                }
                harness.clock.advance(by: Sample.keep)
                _ = try await harness.holdFlow(Sample.flow(6), Sample.code())
                #expect(try await harness.store.purgeClaims(limit: 0) == 0)
                #expect(try await harness.store.purgeClaims(limit: 2) == 2)
                #expect(try await harness.store.purgeClaims(limit: 2) == 2)
                #expect(try await harness.store.purgeClaims(limit: 2) == 1)
                #expect(try await harness.store.purgeClaims(limit: 2) == 0)
                #expect(
                    try await harness.store.progress(of: Sample.flow(6), codeHash: Sample.code())
                        == .pending(sameCode: true))
            },
            ConformanceCase("a purge takes no claim a millisecond too early, finished or not") { harness in
                _ = try await harness.holdFlow(Sample.flow(1), Sample.code())
                let owner = try await harness.holdFlow(Sample.flow(2), Sample.code())
                let failure = FlowEnding.failed(.exchangeTimedOut)
                #expect(try await harness.store.finish(flow: Sample.flow(2), owner: owner, as: failure))
                harness.clock.advance(by: Sample.keep - .milliseconds(1))
                #expect(try await harness.store.purgeClaims(limit: 10) == 0)
                harness.clock.advance(by: .milliseconds(1))
                #expect(try await harness.store.purgeClaims(limit: 10) == 2)
            },
            ConformanceCase("a purge takes no claim whose lease is running, and no connection") { harness in
                let id = try await harness.insertSample()
                let result = try await harness.store.claim(
                    flow: Sample.flow(), codeHash: Sample.code(), owner: .random(), lease: Sample.keep * 2,
                    keep: .seconds(1))
                #expect(result == .claimed)
                harness.clock.advance(by: Sample.keep)
                #expect(try await harness.store.purgeClaims(limit: 10) == 1)
                #expect(
                    try await harness.store.progress(of: Sample.flow(), codeHash: Sample.code())
                        == .pending(sameCode: true))
                #expect(try await harness.store.connection(id, workspaceID: Sample.workspaceID) != nil)
            },
        ]
    }
}
