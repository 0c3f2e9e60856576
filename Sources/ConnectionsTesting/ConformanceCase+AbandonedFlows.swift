import Connections
import StateTokens
import Testing

extension ConformanceCase where Harness.Store: WebhookOutbox {
    static var abandonedFlowCases: [ConformanceCase] {
        [
            ConformanceCase("a flow whose owner died is told once, by any replica, when its lease is over") {
                harness in
                let owner = try await harness.holdHookedFlow()
                harness.clock.advance(by: Sample.lease - .milliseconds(1))
                #expect(try await harness.replica.announceAbandonedFlows(limit: 10) == 0)
                harness.clock.advance(by: .milliseconds(1))
                #expect(try await harness.replica.announceAbandonedFlows(limit: 10) == 1)
                #expect(try await harness.store.announceAbandonedFlows(limit: 10) == 0)
                let body = try #require(try await harness.flowsTold().first?.body)
                for part in [
                    Sample.subject.workspaceID, "gmail", "ada", "Mine", #"{"stage":"b \u0000","team":"a"}"#,
                    FlowFailure.restart.code, try Sample.flow().description,
                ] {
                    #expect(body.contains(part), "\(part) in \(body)")
                }
                #expect(
                    try await harness.store.progress(of: Sample.flow(), codeHash: Sample.code())
                        == .finished(.failure(.restart)))
                // The owner comes back, and another one asks.
                #expect(
                    try await !harness.store.finish(
                        flow: Sample.flow(), owner: owner, as: .failed(.exchangeFailed),
                        note: EventNote(flow: Sample.subject)))
                #expect(
                    try await harness.claim(Sample.flow(), Sample.code(), owner: .random())
                        == .finished(.failure(.restart)))
                #expect(try await harness.flowsTold().count == 1)
            },
            ConformanceCase("one who sees that a lease ran out tells of it, and no one else does") {
                harness in
                for (number, looks) in [(1, true), (2, false)] as [(UInt8, Bool)] {
                    let flow = try Sample.flow(number)
                    try await harness.holdHookedFlow(flow)
                    harness.clock.advance(by: Sample.lease)
                    for _ in 0..<2 {
                        if looks {
                            _ = try await harness.store.progress(of: flow, codeHash: Sample.code())
                        } else {
                            _ = try await harness.claim(flow, Sample.code(), owner: .random())
                        }
                        #expect(try await harness.flowsTold().count == Int(number))
                    }
                    #expect(try await harness.replica.announceAbandonedFlows(limit: 10) == 0)
                }
            },
            ConformanceCase("of two replicas that look at once one tells of each flow") { harness in
                for number in 1...20 as ClosedRange<UInt8> {
                    try await harness.holdHookedFlow(Sample.flow(number))
                }
                harness.clock.advance(by: Sample.lease)
                let (store, replica) = (harness.store, harness.replica)
                let count = try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 0..<6 {
                        group.addTask {
                            try await (number % 2 == 0 ? store : replica).announceAbandonedFlows(limit: 20)
                        }
                    }
                    return try await group.reduce(0, +)
                }
                #expect(count == 20)
                #expect(Set(try await harness.flowsTold().map(\.body)).count == 20)
                #expect(try await harness.flowsTold().count == 20)
            },
            ConformanceCase("a flow that ended, and one that no one wants to hear of, is not told of") {
                harness in
                let owner = try await harness.holdHookedFlow(Sample.flow(1))
                let connection = try Sample.connection(.random())
                #expect(
                    try await harness.store.finish(
                        flow: Sample.flow(1), owner: owner, as: .created(connection, Sample.sealed())))
                let failed = try await harness.holdHookedFlow(Sample.flow(2))
                #expect(
                    try await harness.store.finish(
                        flow: Sample.flow(2), owner: failed, as: .failed(.exchangeFailed)))
                try await harness.holdHookedFlow(
                    Sample.flow(3), subject: FlowSubject(workspaceID: "w", integrationID: "i", userID: nil))
                _ = try await harness.holdFlow(Sample.flow(4), Sample.code())
                harness.clock.advance(by: Sample.keep)
                #expect(try await harness.store.announceAbandonedFlows(limit: 10) == 0)
                #expect(try await harness.flowsTold().isEmpty)
                #expect(try await harness.store.purgeClaims(limit: 10) == 4)
            },
            ConformanceCase("a flow whose code was rejected is told of when no other code can come") {
                harness in
                let refused = try await harness.holdHookedFlow(Sample.flow(1))
                #expect(try await harness.store.release(flow: Sample.flow(1), owner: refused))
                let unsent = try await harness.holdHookedFlow(Sample.flow(2))
                #expect(try await harness.store.unclaim(flow: Sample.flow(2), owner: unsent))
                let other = try await harness.holdHookedFlow(Sample.flow(3))
                #expect(try await harness.store.release(flow: Sample.flow(3), owner: other))
                harness.clock.advance(by: Sample.keep - .milliseconds(1))
                #expect(try await harness.store.announceAbandonedFlows(limit: 10) == 0)
                // The user's own code.
                let owner = try await harness.holdHookedFlow(Sample.flow(3), code: Sample.code(2))
                harness.clock.advance(by: .milliseconds(1))
                #expect(try await harness.store.purgeClaims(limit: 10) == 0, "it is still to be told")
                #expect(try await harness.store.announceAbandonedFlows(limit: 1) == 1)
                #expect(try await harness.store.announceAbandonedFlows(limit: 10) == 1)
                #expect(
                    Set(try await harness.flowsTold().map { $0.body.contains("exchange_rejected") })
                        == [true, false])
                let connection = try Sample.connection(.random())
                #expect(
                    try await harness.store.finish(
                        flow: Sample.flow(3), owner: owner, as: .created(connection, Sample.sealed())))
                harness.clock.advance(by: Sample.keep)
                #expect(try await harness.store.announceAbandonedFlows(limit: 10) == 0)
                #expect(try await harness.store.purgeClaims(limit: 10) == 3)
                #expect(try await harness.flowsTold().count == 2)
            },
            ConformanceCase("a claim that is never told of is kept a day longer, and no more") { harness in
                try await harness.holdHookedFlow()
                harness.clock.advance(by: Sample.keep + .seconds(86_400) - .milliseconds(1))
                #expect(try await harness.store.purgeClaims(limit: 10) == 0)
                harness.clock.advance(by: .milliseconds(1))
                #expect(try await harness.store.purgeClaims(limit: 10) == 1)
            },
        ]
    }
}

extension Sample {
    fileprivate static let subject = FlowSubject(
        workspaceID: hookedWorkspaceID, integrationID: "gmail", userID: "ada", label: "Mine",
        tags: ["team": "a", "stage": "b \u{0}"])
}

extension StoreHarness {
    @discardableResult
    fileprivate func holdHookedFlow(
        _ flow: FlowID? = nil, code: CodeHash? = nil, subject: FlowSubject = Sample.subject
    ) async throws -> LeaseOwner {
        let owner = try LeaseOwner.random()
        let result = try await store.claim(
            flow: flow ?? Sample.flow(), codeHash: code ?? Sample.code(), owner: owner, lease: Sample.lease,
            keep: Sample.keep, subject: subject)
        #expect(result == .claimed)
        return owner
    }
}

extension StoreHarness where Store: WebhookOutbox {
    fileprivate func flowsTold() async throws -> [WebhookMessage] {
        try await store.webhooks(workspaceID: Sample.hookedWorkspaceID, areDead: nil, limit: 100).filter {
            $0.type == WebhookType.flowFailed.rawValue
        }
    }
}
