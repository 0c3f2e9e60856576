import Connections
import Testing

extension ConformanceCase {
    static var claimCases: [ConformanceCase] {
        [
            ConformanceCase("S08 of 64 claims of one flow at once, on two replicas, one goes on") { harness in
                let flow = try Sample.flow()
                let code = try Sample.code()
                let results = try await withThrowingTaskGroup(of: ClaimResult.self) { group in
                    for number in 0..<64 {
                        group.addTask {
                            let store = number.isMultiple(of: 2) ? harness.store : harness.replica
                            return try await store.claim(
                                flow: flow, codeHash: code, owner: .random(), lease: Sample.lease,
                                keep: Sample.keep)
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(results.count { $0 == .claimed } == 1)
                #expect(results.count { $0 == .pending(sameCode: true) } == 63)
            },
            ConformanceCase("S08 of 64 different codes of one flow at once, one goes on") { harness in
                let flow = try Sample.flow()
                let results = try await withThrowingTaskGroup(of: ClaimResult.self) { group in
                    for number in 0..<64 as Range<UInt8> {
                        group.addTask {
                            try await harness.claim(flow, Sample.code(number), owner: .random())
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(results.count { $0 == .claimed } == 1)
                #expect(results.count { $0 == .pending(sameCode: false) } == 63)
            },
            ConformanceCase("S08 the same owner does not get the same code twice") { harness in
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code())
                let again = try await harness.claim(Sample.flow(), Sample.code(), owner: owner)
                #expect(again == .pending(sameCode: true))
            },
            ConformanceCase("one flow's claim does not stand in another's way") { harness in
                _ = try await harness.holdFlow(Sample.flow(1), Sample.code())
                _ = try await harness.holdFlow(Sample.flow(2), Sample.code())
            },
            ConformanceCase("a flow that was not claimed is free, and looking claims nothing") { harness in
                for _ in 0..<2 {
                    let progress = try await harness.store.progress(
                        of: Sample.flow(), codeHash: Sample.code())
                    #expect(progress == .free)
                }
                _ = try await harness.holdFlow(Sample.flow(), Sample.code())
            },
            ConformanceCase("while a lease runs, every code is told to wait") { harness in
                _ = try await harness.holdFlow(Sample.flow(), Sample.code(1))
                for (number, sameCode) in [(1, true), (2, false)] as [(UInt8, Bool)] {
                    let code = try Sample.code(number)
                    #expect(
                        try await harness.replica.progress(of: Sample.flow(), codeHash: code)
                            == .pending(sameCode: sameCode))
                    #expect(
                        try await harness.claim(Sample.flow(), code, owner: .random())
                            == .pending(sameCode: sameCode))
                }
            },
        ]
    }

    static var claimEndingCases: [ConformanceCase] {
        [
            ConformanceCase("the same code again gets the first one's outcome") { harness in
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code())
                let ending = FlowEnding.failed(.providerUnavailable)
                #expect(try await harness.store.finish(flow: Sample.flow(), owner: owner, as: ending))
                #expect(
                    try await harness.claim(Sample.flow(), Sample.code(), owner: .random())
                        == .finished(ending.result))
                #expect(
                    try await harness.replica.progress(of: Sample.flow(), codeHash: Sample.code())
                        == .finished(ending.result))
            },
            ConformanceCase("S32 another code learns nothing of a finished flow but that it is over") {
                harness in
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code(1))
                let connection = try Sample.connection(.random())
                #expect(
                    try await harness.store.finish(
                        flow: Sample.flow(), owner: owner, as: .created(connection, Sample.sealed())))
                #expect(try await harness.claim(Sample.flow(), Sample.code(2), owner: .random()) == .over)
                #expect(
                    try await harness.store.progress(of: Sample.flow(), codeHash: Sample.code(2)) == .over)
            },
            ConformanceCase("a refused code is not claimed again, and gets its refusal") { harness in
                try await harness.refuse(Sample.code(1), of: Sample.flow())
                #expect(
                    try await harness.claim(Sample.flow(), Sample.code(1), owner: .random())
                        == .finished(.failure(.codeRejected)))
                #expect(
                    try await harness.store.progress(of: Sample.flow(), codeHash: Sample.code(1))
                        == .finished(.failure(.codeRejected)))
            },
            ConformanceCase("S32 a refused junk code leaves the flow to the right one") { harness in
                try await harness.refuse(Sample.code(1), of: Sample.flow())
                #expect(
                    try await harness.store.progress(of: Sample.flow(), codeHash: Sample.code(2)) == .free)
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code(2))
                let ending = FlowEnding.created(try Sample.connection(.random()), Sample.sealed())
                #expect(try await harness.store.finish(flow: Sample.flow(), owner: owner, as: ending))
                #expect(
                    try await harness.claim(Sample.flow(), Sample.code(2), owner: .random())
                        == .finished(ending.result))
                #expect(
                    try await harness.claim(Sample.flow(), Sample.code(1), owner: .random())
                        == .finished(.failure(.codeRejected)))
            },
            ConformanceCase("a refused code gets its refusal while another one is being tried") { harness in
                try await harness.refuse(Sample.code(1), of: Sample.flow())
                _ = try await harness.holdFlow(Sample.flow(), Sample.code(2))
                #expect(
                    try await harness.claim(Sample.flow(), Sample.code(1), owner: .random())
                        == .finished(.failure(.codeRejected)))
            },
            ConformanceCase("S32 fourteen rejected codes are remembered, and the next one is tried") {
                harness in
                for number in 1...14 as ClosedRange<UInt8> {
                    try await harness.refuse(Sample.code(number), of: Sample.flow())
                }
                for number in 1...14 as ClosedRange<UInt8> {
                    #expect(
                        try await harness.replica.claim(
                            flow: Sample.flow(), codeHash: Sample.code(number), owner: .random(),
                            lease: Sample.lease, keep: Sample.keep) == .finished(.failure(.codeRejected)))
                }
                #expect(
                    try await harness.claim(Sample.flow(), Sample.code(15), owner: .random()) == .claimed)
            },
            ConformanceCase("a code that was not sent may be claimed again, and so may another") { harness in
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code(1))
                #expect(try await !harness.store.unclaim(flow: Sample.flow(), owner: .random()))
                #expect(try await harness.store.unclaim(flow: Sample.flow(), owner: owner))
                #expect(try await !harness.store.unclaim(flow: Sample.flow(2), owner: owner))
                for number in [1, 2] as [UInt8] {
                    #expect(
                        try await harness.replica.progress(of: Sample.flow(), codeHash: Sample.code(number))
                            == .free)
                }
                let next = try await harness.holdFlow(Sample.flow(), Sample.code(1))
                let failure = FlowEnding.failed(.exchangeTimedOut)
                #expect(try await !harness.store.finish(flow: Sample.flow(), owner: owner, as: failure))
                #expect(try await harness.store.finish(flow: Sample.flow(), owner: next, as: failure))
                #expect(try await !harness.store.unclaim(flow: Sample.flow(), owner: next))
            },
            ConformanceCase("after a release, of 16 other codes at once one goes on") { harness in
                try await harness.refuse(Sample.code(99), of: Sample.flow())
                let claimed = try await withThrowingTaskGroup(of: ClaimResult.self) { group in
                    for number in 0..<16 as Range<UInt8> {
                        group.addTask {
                            try await harness.claim(Sample.flow(), Sample.code(number), owner: .random())
                        }
                    }
                    return try await group.reduce(into: 0) { $0 += $1 == .claimed ? 1 : 0 }
                }
                #expect(claimed == 1)
            },
        ]
    }
}
