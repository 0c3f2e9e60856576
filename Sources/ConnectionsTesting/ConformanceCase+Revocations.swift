import Connections
import StateTokens
import Testing

extension ConformanceCase {
    static var revocationCases: [ConformanceCase] { revocationMarkCases + revocationWorkCases }

    private static var revocationMarkCases: [ConformanceCase] {
        [
            ConformanceCase("a revocation makes all that match inactive at once, and nothing else") {
                harness in
                let first = try await harness.insertSample()
                let second = try await harness.insertSample()
                let stranger = try await harness.insert(Sample.connection(.random(), userID: "usr_two"))
                let elsewhere = try await harness.insert(
                    Sample.connection(.random(), workspaceID: "wsp_two"))
                harness.clock.advance(by: .seconds(7))
                let revocation = try await harness.begin(
                    RevocationFilter(workspaceID: Sample.workspaceID, userID: "usr_one"))
                #expect(revocation.counts.left == 2 && !revocation.isFinished)
                for id in [first, second] {
                    let found = try await harness.store.existing(id, workspaceID: Sample.workspaceID)
                    #expect(found.status == .inactive && found.statusReason != nil)
                    #expect(found.revision == 2 && found.sweepAt == nil)
                    #expect(found.updatedAt == harness.clock.now.timestamp)
                    let events = try await harness.store.events(of: id, workspaceID: Sample.workspaceID)
                    #expect(events?.first?.type == "updated" && events?.first?.actor == "key_one")
                    #expect(events?.map(\.number) == [2, 1])
                }
                let others = [(stranger, Sample.workspaceID), (elsewhere, "wsp_two")]
                for (id, workspaceID) in others {
                    let found = try await harness.store.existing(id, workspaceID: workspaceID)
                    #expect(found.status == .active && found.revision == 1)
                }
            },
            ConformanceCase("a revocation's filters are joined, and without any nothing matches") { harness in
                try await harness.insertSample()
                _ = try await harness.insert(Sample.connection(.random(), integrationID: "slack"))
                let moment = harness.clock.now.timestamp
                let filters: [(RevocationFilter, Int)] = [
                    (RevocationFilter(integrationID: "slack"), 1),
                    (RevocationFilter(integrationID: "slack", userID: "usr_two"), 0),
                    (RevocationFilter(workspaceID: "wsp_two"), 0),
                    (RevocationFilter(workspaceID: "WSP_ONE"), 0),
                    (RevocationFilter(since: moment), 2),
                    (RevocationFilter(since: moment + .seconds(1)), 0),
                    (RevocationFilter(userID: "usr_one", since: moment), 2),
                    (RevocationFilter(), 0),
                ]
                for (filter, count) in filters {
                    let tried = try await harness.begin(filter, isDryRun: true)
                    #expect(tried.counts.left == count && tried.isDryRun && tried.isFinished, "\(filter)")
                }
                #expect(
                    try await harness.store.connections(
                        matching: ConnectionQuery(workspaceID: Sample.workspaceID, status: .active)
                    ).connections.count == 2)
                await #expect(throws: StoreError.corrupt(reason: "a NUL character in a filter")) {
                    try await harness.begin(RevocationFilter(workspaceID: "wsp_one\0"))
                }
                #expect(try await harness.begin(RevocationFilter()).isFinished)
                #expect(try await harness.take().isEmpty)
            },
            ConformanceCase("a token that was handed out since then counts as used") { harness in
                let id = try await harness.insertSample()
                try await harness.insertSample()
                harness.clock.advance(by: .seconds(100))
                try await harness.store.noteTokenReads([TokenRead(id, sweepBy: nil)])
                let tried = try await harness.begin(
                    RevocationFilter(since: harness.clock.now.timestamp), isDryRun: true)
                #expect(tried.counts.left == 1)
            },
            ConformanceCase("a revocation that comes again is the same, and another one is rejected") {
                harness in
                try await harness.insertSample()
                let id = RevocationID(idempotencyKey: "key", workspaceID: nil)
                let filter = RevocationFilter(userID: "usr_one")
                let first = try await harness.begin(filter, id: id)
                try await harness.insertSample()
                #expect(try await harness.begin(filter, id: id) == first)
                for (other, isDryRun) in [
                    (RevocationFilter(userID: "usr_two"), false), (filter, true),
                    (RevocationFilter(workspaceID: Sample.workspaceID, userID: "usr_one"), false),
                ] {
                    await #expect(throws: StoreError.alreadyExists) {
                        try await harness.begin(other, id: id, isDryRun: isDryRun)
                    }
                }
                #expect(try await harness.take().count == 1)
                #expect(try await harness.replica.revocation(id) == first)
                #expect(try await harness.store.revocation(.random()) == nil)
            },
            ConformanceCase("of requests with one id at the same time one marks") { harness in
                for _ in 0..<5 { try await harness.insertSample() }
                let id = try RevocationID.random()
                let filter = RevocationFilter(userID: "usr_one")
                let found = try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 0..<6 {
                        let store = number.isMultiple(of: 2) ? harness.store : harness.replica
                        group.addTask {
                            try await store.beginRevocation(
                                NewRevocation(id: id, filter: filter, actor: "key_one")
                            ).counts.left
                        }
                    }
                    return try await group.reduce(into: [Int]()) { $0.append($1) }
                }
                #expect(found == [Int](repeating: 5, count: 6))
                #expect(try await harness.take().count == 5)
            },
        ]
    }

    private static var revocationWorkCases: [ConformanceCase] {
        [
            ConformanceCase("grants are taken by lease, and what a killed replica took is taken again") {
                harness in
                for _ in 0..<3 { try await harness.insertSample() }
                let revocation = try await harness.begin(RevocationFilter(userID: "usr_one"))
                let left = try await harness.store.grants(
                    of: revocation.id, that: .left, after: nil, limit: 9)
                #expect(left.count == 3 && left.allSatisfy { $0.outcome == nil })
                let first = try await harness.take(limit: 2)
                #expect(first.count == 2 && first.allSatisfy { $0.actor == "key_one" })
                let second = try await harness.replica.takeRevocations(
                    of: revocation.id, limit: 2, lease: .seconds(60))
                #expect(second.count == 1)
                #expect(try await harness.take().isEmpty)
                #expect(
                    try await harness.store.takeRevocations(of: .random(), limit: 9, lease: .seconds(60))
                        .isEmpty)
                // Killed: nothing is concluded.
                harness.clock.advance(by: .seconds(60))
                let again = try await harness.take()
                #expect(Set(again.map(\.connectionID)) == Set((first + second).map(\.connectionID)))
                #expect(again.allSatisfy { $0.attemptCount == 0 && $0.age == .seconds(60) })
            },
            ConformanceCase("of two replicas that take at once, each grant is one's") { harness in
                for _ in 0..<12 { try await harness.insertSample() }
                _ = try await harness.begin(RevocationFilter(userID: "usr_one"))
                async let one = harness.store.takeRevocations(of: nil, limit: 8, lease: .seconds(60))
                async let two = harness.replica.takeRevocations(of: nil, limit: 8, lease: .seconds(60))
                let taken = try await (one + two).map(\.connectionID)
                #expect(Set(taken).count == taken.count)
            },
            ConformanceCase("a grant is concluded once, and its connection and its events say how") {
                harness in
                var ids: [ConnectionID] = []
                for _ in 0..<4 { ids.append(try await harness.insertSample()) }
                let revocation = try await harness.begin(RevocationFilter(userID: "usr_one"))
                let grants = try await harness.take().sorted { $0.connectionID < $1.connectionID }
                harness.clock.advance(by: .seconds(3))
                for (grant, outcome) in zip(grants, RevocationOutcome.stored) {
                    #expect(try await harness.store.conclude(grant, as: outcome, reason: "why"))
                    #expect(try await !harness.store.conclude(grant, as: .unknown, reason: nil))
                    let id = try #require(ConnectionID(grant.connectionID))
                    let found = try await harness.store.existing(id, workspaceID: Sample.workspaceID)
                    #expect(found.status == .inactive && found.statusReason == outcome.statusReason)
                    let event = try await harness.store.events(of: id, workspaceID: Sample.workspaceID)?.first
                    #expect(event?.type == (outcome == .revoked ? "revoked" : "updated"))
                    #expect(event?.detail == "revocation \(outcome.rawValue): why")
                }
                let done = try #require(try await harness.store.revocation(revocation.id))
                let counts = done.counts
                #expect(
                    [counts.revoked, counts.refused, counts.notPossible, counts.unknown, counts.left]
                        == [1, 1, 1, 1, 0])
                #expect(done.finishedAt == harness.clock.now.timestamp)
                // Late, after its lease: it changes nothing.
                try await harness.store.postpone(grants[0], by: .zero, countsAttempt: true)
                #expect(try await harness.take().isEmpty)
                let report = try await harness.store.grants(of: revocation.id, after: nil, limit: 9)
                #expect(report.map(\.connectionID) == grants.map(\.connectionID))
                #expect(report.compactMap(\.outcome) == RevocationOutcome.stored)
                let rest = try await harness.store.grants(
                    of: revocation.id, after: report[1].connectionID, limit: 1)
                #expect(rest == [report[2]])
                for (grant, outcome) in zip(report, RevocationOutcome.stored) {
                    for (last, expected) in [(nil, [grant]), (grant.connectionID, [])] {
                        let found = try await harness.store.grants(
                            of: revocation.id, that: .concluded(outcome), after: last, limit: 9)
                        #expect(found == expected)
                    }
                }
                let left = try await harness.store.grants(
                    of: revocation.id, that: .left, after: nil, limit: 9)
                #expect(left.isEmpty)
            },
            ConformanceCase("a grant that is put off comes back, with its attempts counted") { harness in
                try await harness.insertSample()
                _ = try await harness.begin(RevocationFilter(userID: "usr_one"))
                let grant = try #require(try await harness.take().first)
                try await harness.store.postpone(grant, by: .seconds(5), countsAttempt: true)
                #expect(try await harness.take().isEmpty)
                harness.clock.advance(by: .seconds(5))
                #expect(try await harness.take().first?.attemptCount == 1)
            },
            ConformanceCase("a grant that is to be revoked waits for a refresh, and names who lives by it") {
                harness in
                let id = try await harness.insertSample()
                let other = try await harness.insertSample()
                let reach = RevocationReach(
                    client: ClientFingerprint(clientID: "ours"), integrationIDs: ["gmail"])
                guard case .granted = try await harness.beginRefresh(id, owner: .random()) else {
                    Issue.record("no lease")
                    return
                }
                _ = try await harness.store.update(
                    other, workspaceID: Sample.workspaceID, ifRevision: 1,
                    ConnectionChanges(userID: "usr_two"))
                _ = try await harness.begin(RevocationFilter(userID: "usr_one"))
                let grant = try #require(try await harness.take().first)
                guard case .leased = try await harness.store.grantToRevoke(grant, reach: reach) else {
                    Issue.record("it did not wait")
                    return
                }
                harness.clock.advance(by: Sample.lease)
                guard
                    case .ready(let sealed, let sharers) = try await harness.store.grantToRevoke(
                        grant, reach: reach)
                else {
                    Issue.record("not ready")
                    return
                }
                #expect(sealed.connection.id == id && sharers.map(\.id) == [other])
                // One that is being revoked, too, lives by nothing.
                _ = try await harness.begin(RevocationFilter(userID: "usr_two"))
                guard
                    case .ready(_, sharers: []) = try await harness.store.grantToRevoke(grant, reach: reach)
                else {
                    Issue.record("the other one was revoked, too")
                    return
                }
                // Unless it is switched on again.
                let found = try await harness.store.existing(other, workspaceID: Sample.workspaceID)
                _ = try await harness.store.update(
                    other, workspaceID: Sample.workspaceID, ifRevision: found.revision,
                    ConnectionChanges(status: .init(.active)))
                guard case .ready(_, let again) = try await harness.store.grantToRevoke(grant, reach: reach)
                else { return }
                #expect(again.map(\.id) == [other])
            },
            ConformanceCase("a connection that is deleted meanwhile is not found, and its grant is concluded")
            {
                harness in
                let id = try await harness.insertSample()
                _ = try await harness.begin(RevocationFilter(userID: "usr_one"))
                let grant = try #require(try await harness.take().first)
                _ = try await harness.store.delete(id, workspaceID: Sample.workspaceID)
                #expect(try await harness.store.grantToRevoke(grant, reach: nil) == .notFound)
                #expect(try await harness.store.conclude(grant, as: .unknown, reason: "connection_deleted"))
                let events = try await harness.store.events(of: id, workspaceID: Sample.workspaceID)
                #expect(events?.first?.type == "deleted")
            },
        ]
    }
}

extension StoreHarness {
    @discardableResult
    fileprivate func begin(
        _ filter: RevocationFilter, id: RevocationID? = nil, isDryRun: Bool = false
    ) async throws -> Revocation {
        try await store.beginRevocation(
            NewRevocation(id: try id ?? .random(), filter: filter, isDryRun: isDryRun, actor: "key_one"))
    }

    fileprivate func take(limit: Int = 100) async throws -> [RevocationTask] {
        try await store.takeRevocations(of: nil, limit: limit, lease: .seconds(60))
    }
}
