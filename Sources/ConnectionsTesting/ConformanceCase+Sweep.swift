import Connections
import StateTokens
import Testing

extension ConformanceCase {
    static var sweepCases: [ConformanceCase] {
        [
            ConformanceCase(
                "S24 what is due is taken once, those due longest first, and again after the lease"
            ) {
                harness in
                let now = harness.clock.now
                let late = try await harness.insertDue(at: now + .seconds(-10))
                let later = try await harness.insertDue(at: now + .seconds(-20))
                let latest = try await harness.insertDue(at: now)
                try await harness.insertDue(at: now + .milliseconds(1))
                try await harness.insertDue(at: nil)
                let first = try await harness.take(2)
                #expect(first.connections.map(\.id) == [later, late])
                #expect(first.isFull && first.unreadable.isEmpty)
                #expect(first.leasedUntil == now + Sample.lease)
                let second = try await harness.take(2)
                #expect(second.connections.map(\.id) == [latest])
                #expect(!second.isFull)
                #expect(try await harness.take(2).connections.isEmpty)
                harness.clock.advance(by: Sample.lease - .milliseconds(1))
                #expect(try await harness.take(10).connections.count == 1)
                harness.clock.advance(by: .milliseconds(1))
                #expect(Set(try await harness.take(10).connections.map(\.id)) == [late, later, latest])
            },
            ConformanceCase("of two replicas that take at once none gets what the other has") { harness in
                for _ in 0..<40 { try await harness.insertDue(at: harness.clock.now) }
                let (store, replica) = (harness.store, harness.replica)
                let found: [ConnectionID] = try await withThrowingTaskGroup(of: [ConnectionID].self) {
                    group in
                    for number in 0..<10 {
                        group.addTask {
                            let store = number % 2 == 0 ? store : replica
                            return try await store.takeDue(limit: 5, lease: Sample.lease).connections.map(
                                \.id)
                        }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(found.count == Set(found).count)
                let rest = try await harness.take(100).connections.map(\.id)
                #expect(Set(found + rest).count == 40)
                #expect(found.count + rest.count == 40)
            },
            ConformanceCase("whoever took a connection says when it is due next, or that it is not") {
                harness in
                let now = harness.clock.now
                let ids = [
                    try await harness.insertDue(at: now), try await harness.insertDue(at: now),
                ]
                let batch = try await harness.take(10)
                let next = now.timestamp + .seconds(600)
                try await harness.store.schedule([
                    SweepVisit(ids[0], leasedUntil: batch.leasedUntil, next: next),
                    SweepVisit(ids[1], leasedUntil: batch.leasedUntil, next: nil),
                    SweepVisit(.random(), leasedUntil: batch.leasedUntil, next: next),
                ])
                try await harness.store.schedule([])
                harness.clock.advance(by: .seconds(599))
                #expect(try await harness.take(10).connections.isEmpty)
                harness.clock.advance(by: .seconds(1_000_000))
                let found = try await harness.take(10).connections
                #expect(found.map(\.id) == [ids[0]])
                #expect(found.map(\.revision) == [1])
            },
            ConformanceCase("a time that another one gave meanwhile stays") { harness in
                let id = try await harness.insertDue(at: harness.clock.now)
                let batch = try await harness.take(10)
                try await harness.store.noteTokenReads([
                    TokenRead(id, sweepBy: harness.clock.now.timestamp + .seconds(5))
                ])
                try await harness.store.schedule([
                    SweepVisit(id, leasedUntil: batch.leasedUntil, next: nil)
                ])
                harness.clock.advance(by: .seconds(5))
                #expect(try await harness.take(10).connections.map(\.id) == [id])
            },
            ConformanceCase("a read token is noted, brings the next look forward, and never puts it off") {
                harness in
                let now = harness.clock.now
                let soon = try await harness.insertDue(at: now + .seconds(10))
                let late = try await harness.insertDue(at: now + .seconds(1_000))
                let never = try await harness.insertDue(at: nil)
                let other = try await harness.insertDue(at: nil)
                let by = now.timestamp + .seconds(100)
                try await harness.store.noteTokenReads(
                    [soon, late, never].map { TokenRead($0, sweepBy: by) } + [TokenRead(other, sweepBy: nil)])
                harness.clock.advance(by: .seconds(10))
                let first = try await harness.take(10).connections
                #expect(first.map(\.id) == [soon])
                #expect(first.map(\.tokenReadAt) == [now.timestamp])
                #expect(first.map(\.revision) == [1])
                harness.clock.advance(by: .seconds(90))
                #expect(Set(try await harness.take(10).connections.map(\.id)) == [soon, late, never])
                #expect(try await harness.stored(other).connection.tokenReadAt == now.timestamp)
            },
            ConformanceCase("what is switched off is never due, and what is switched on is due at once") {
                harness in
                let id = try await harness.insertDue(at: harness.clock.now)
                _ = try await harness.store.update(
                    id, workspaceID: Sample.workspaceID, ifRevision: 1,
                    ConnectionChanges(status: ConnectionChanges.Status(.inactive)))
                #expect(try await harness.take(10).connections.isEmpty)
                _ = try await harness.store.update(
                    id, workspaceID: Sample.workspaceID, ifRevision: 2,
                    ConnectionChanges(status: ConnectionChanges.Status(.active)))
                #expect(try await harness.take(10).connections.map(\.id) == [id])
            },
            ConformanceCase("a grant that is over is never due, one whose refresh failed still is") {
                harness in
                for (status, isDue) in [(ConnectionStatus.expired, false), (.error, true)] {
                    let id = try await harness.insertDue(at: harness.clock.now)
                    let owner = try LeaseOwner.random()
                    _ = try await harness.beginRefresh(id, owner: owner)
                    #expect(
                        try await harness.failRefresh(
                            id, owner: owner, status: ConnectionChanges.Status(status)))
                    #expect(try await harness.take(10).connections.contains { $0.id == id } == isDue)
                }
            },
            ConformanceCase("a refresh says when the connection is due next") { harness in
                let id = try await harness.insertDue(at: harness.clock.now)
                let next = harness.clock.now + .seconds(50)
                #expect(
                    try await harness.store.finishRefresh(
                        id, workspaceID: Sample.workspaceID, ifCredentialsRevision: 1,
                        with: RefreshedGrant(
                            credentials: Sample.sealed(), expiresAt: nil,
                            facts: GrantFacts(
                                reauthorizeBy: Timestamp(secondsSinceEpoch: 77), sweepAt: next))))
                #expect(try await harness.take(10).connections.isEmpty)
                harness.clock.advance(by: .seconds(50))
                let found = try await harness.take(10).connections
                #expect(found.map(\.id) == [id])
                #expect(found.map(\.reauthorizeBy) == [Timestamp(secondsSinceEpoch: 77)])
            },
            ConformanceCase("what is to be looked at in months is looked at now: the clock was ahead") {
                harness in
                let now = harness.clock.now
                let latest = now + SweepVisit.longestDelay + .seconds(86_400)
                for time in [nil, now + .seconds(60), latest] { try await harness.insertDue(at: time) }
                #expect(try await harness.store.hastenSweep(limit: 10) == 0)
                var late: Set<ConnectionID> = []
                for months in 1...3 as ClosedRange<Int64> {
                    late.insert(try await harness.insertDue(at: now + .seconds(months * 2_592_000)))
                }
                late.insert(try await harness.insertDue(at: latest + .milliseconds(1)))
                #expect(try await harness.take(10).connections.isEmpty)
                #expect(try await harness.replica.hastenSweep(limit: 3) == 3)
                #expect(try await harness.store.hastenSweep(limit: 3) == 1)
                #expect(try await harness.store.hastenSweep(limit: 3) == 0)
                let found = try await harness.take(10).connections
                #expect(Set(found.map(\.id)) == late && found.allSatisfy { $0.revision == 1 })
            },
            ConformanceCase("the backlog is what is due, and how long") { harness in
                #expect(try await harness.store.sweepBacklog() == SweepBacklog(count: 0, delay: .zero))
                let now = harness.clock.now
                for delay in [0, 7, 3] { try await harness.insertDue(at: now + .seconds(-delay)) }
                try await harness.insertDue(at: now + .seconds(1))
                #expect(
                    try await harness.store.sweepBacklog() == SweepBacklog(count: 3, delay: .seconds(7)))
                _ = try await harness.take(10)
                #expect(try await harness.store.sweepBacklog().count == 0)
            },
        ]
    }
}

extension StoreHarness {
    /// Inserts a connection that is to be looked at then.
    @discardableResult
    func insertDue(
        at time: DatabaseTime?, expiresAt: Timestamp? = nil, reauthorizeBy: Timestamp? = nil,
        label: String = "Gmail"
    ) async throws -> ConnectionID {
        let sample = try Sample.connection(.random())
        let terms = GrantTerms(
            authMethodID: "oauth2", scopesRequested: [], scopesGranted: [], config: [:], account: nil,
            binding: .direct, flowID: try Sample.flow(), expiresAt: expiresAt,
            facts: GrantFacts(reauthorizeBy: reauthorizeBy, sweepAt: time))
        return try await insert(
            NewConnection(
                id: sample.id, workspaceID: sample.workspaceID, userID: sample.userID,
                integrationID: sample.integrationID, label: label, terms: terms))
    }

    fileprivate func take(_ limit: Int) async throws -> DueBatch {
        try await store.takeDue(limit: limit, lease: Sample.lease)
    }
}
