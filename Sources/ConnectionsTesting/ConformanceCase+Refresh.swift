import Connections
import StateTokens
import Testing

extension ConformanceCase {
    static var refreshCases: [ConformanceCase] {
        [
            ConformanceCase("a refresh replaces the credentials and makes the connection active") { harness in
                let id = try await harness.insert(Sample.connection(.random(), status: .expired))
                let before = try await harness.stored(id)
                #expect(try await harness.beginRefresh(id, owner: .random()) == .granted(before))
                harness.clock.advance(by: .seconds(2))
                let grant = RefreshedGrant(
                    credentials: Sample.sealed("new", key: 2), expiresAt: Timestamp(secondsSinceEpoch: 7),
                    scopesGranted: ["z"])
                #expect(
                    try await harness.store.finishRefresh(
                        id, workspaceID: Sample.workspaceID, ifCredentialsRevision: 1, with: grant))
                let after = try await harness.stored(id)
                #expect(after.credentials == grant.credentials)
                #expect(after.connection.status == .active)
                #expect(after.connection.expiresAt == grant.expiresAt)
                #expect(after.connection.scopesGranted == ["z"])
                #expect((after.connection.revision, after.connection.credentialsRevision) == (2, 2))
                #expect(after.connection.lastRefreshedAt == harness.clock.now.timestamp)
            },
            ConformanceCase("a refresh that names no scopes leaves them as they were") { harness in
                let id = try await harness.insertSample()
                #expect(try await harness.finishRefresh(id))
                #expect(try await harness.stored(id).connection.scopesGranted == ["a"])
            },
            ConformanceCase("a lease for refresh is anyone's from its end on, and not before") { harness in
                let id = try await harness.insertSample()
                _ = try await harness.beginRefresh(id, owner: .random())
                harness.clock.advance(by: Sample.lease - .milliseconds(1))
                #expect(
                    try await harness.beginRefresh(id, owner: .random()) == .busy(remaining: .milliseconds(1))
                )
                harness.clock.advance(by: .milliseconds(1))
                let stored = try await harness.stored(id)
                #expect(try await harness.beginRefresh(id, owner: .random()) == .granted(stored))
            },
            ConformanceCase("a lease lasts no longer than its length after the clock went back") { harness in
                let id = try await harness.insertSample()
                _ = try await harness.beginRefresh(id, owner: .random())
                harness.clock.advance(by: .seconds(-7_200))
                #expect(
                    try await harness.beginRefresh(id, owner: .random()) == .busy(remaining: Sample.lease))
                harness.clock.advance(by: Sample.lease)
                let stored = try await harness.stored(id)
                #expect(try await harness.beginRefresh(id, owner: .random()) == .granted(stored))
            },
            ConformanceCase("a cooldown lasts no longer than any after the clock went back") { harness in
                let id = try await harness.insertSample()
                let owner = try LeaseOwner.random()
                _ = try await harness.beginRefresh(id, owner: owner)
                #expect(try await harness.failRefresh(id, owner: owner))
                harness.clock.advance(by: .seconds(-86_400))
                _ = try await harness.beginRefresh(id, owner: owner)
                harness.clock.advance(by: RefreshStart.longestCooldown)
                let stored = try await harness.stored(id)
                #expect(try await harness.beginRefresh(id, owner: owner) == .granted(stored))
            },
            ConformanceCase("after a failed refresh no one asks the provider until the cooldown is over") {
                harness in
                let id = try await harness.insertSample()
                let owner = try LeaseOwner.random()
                _ = try await harness.beginRefresh(id, owner: owner)
                #expect(try await harness.failRefresh(id, owner: owner))
                #expect(try await harness.stored(id).connection.status == .active)
                #expect(
                    try await harness.beginRefresh(id, owner: owner) == .coolingDown(remaining: .seconds(10)))
                harness.clock.advance(by: .milliseconds(9999))
                #expect(
                    try await harness.beginRefresh(id, owner: owner)
                        == .coolingDown(remaining: .milliseconds(1)))
                harness.clock.advance(by: .milliseconds(1))
                #expect(try await harness.beginRefresh(id, owner: owner) == .granted(harness.stored(id)))
            },
            ConformanceCase("a failed refresh says why") { harness in
                let id = try await harness.insertSample()
                let owner = try LeaseOwner.random()
                _ = try await harness.beginRefresh(id, owner: owner)
                let status = ConnectionChanges.Status(.expired, reason: "invalid_grant")
                #expect(try await harness.failRefresh(id, owner: owner, status: status))
                let connection = try await harness.stored(id).connection
                #expect((connection.status, connection.statusReason) == (.expired, "invalid_grant"))
                #expect((connection.revision, connection.credentialsRevision) == (2, 1))
            },
            ConformanceCase("a refresh does not touch the status that a person set") { harness in
                for status in [ConnectionStatus.inactive, .testing] {
                    let id = try await harness.insert(Sample.connection(.random(), status: status))
                    let owner = try LeaseOwner.random()
                    _ = try await harness.beginRefresh(id, owner: owner)
                    let expired = ConnectionChanges.Status(.expired, reason: "invalid_grant")
                    #expect(try await harness.failRefresh(id, owner: owner, status: expired))
                    #expect(try await harness.stored(id).connection.status == status)
                    #expect(try await harness.finishRefresh(id))
                    #expect(try await harness.stored(id).connection.status == status)
                }
            },
            ConformanceCase("nothing is refreshed that is not there") { harness in
                let id = try ConnectionID.random()
                #expect(try await harness.beginRefresh(id, owner: .random()) == .notFound)
                #expect(try await !harness.finishRefresh(id))
                #expect(try await !harness.failRefresh(id, owner: .random()))
            },
        ]
    }

    static var refreshRaceCases: [ConformanceCase] {
        [
            ConformanceCase("S24 of 20 refreshes at once, on two replicas, one is granted") { harness in
                let id = try await harness.insertSample()
                let results = try await withThrowingTaskGroup(of: RefreshStart.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            let store = number.isMultiple(of: 2) ? harness.store : harness.replica
                            return try await store.beginRefresh(
                                id, workspaceID: Sample.workspaceID, ifCredentialsRevision: 1,
                                owner: .random(),
                                lease: Sample.lease)
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                let stored = try await harness.stored(id)
                #expect(results.count { $0 == .granted(stored) } == 1)
                #expect(results.count { $0 == .busy(remaining: Sample.lease) } == 19)
            },
            ConformanceCase("S24 who saw the old credentials gets the new ones, and no right to refresh") {
                harness in
                let id = try await harness.insertSample()
                _ = try await harness.beginRefresh(id, owner: .random())
                #expect(try await harness.finishRefresh(id))
                #expect(
                    try await harness.beginRefresh(id, owner: .random(), ifCredentialsRevision: 1)
                        == .replaced(harness.stored(id)))
                #expect(
                    try await harness.beginRefresh(id, owner: .random(), ifCredentialsRevision: 2)
                        == .granted(harness.stored(id)))
            },
            ConformanceCase("S24 a second result for the same credentials replaces nothing") { harness in
                let id = try await harness.insertSample()
                #expect(try await harness.finishRefresh(id, with: "first"))
                let stored = try await harness.stored(id)
                #expect(try await !harness.finishRefresh(id, with: "second"))
                #expect(try await harness.stored(id) == stored)
            },
            ConformanceCase("S24 a late result is taken while the row holds the token that it rotated") {
                harness in
                let id = try await harness.insertSample()
                _ = try await harness.beginRefresh(id, owner: .random())
                harness.clock.advance(by: Sample.lease)
                let second = try LeaseOwner.random()
                _ = try await harness.beginRefresh(id, owner: second)
                #expect(try await harness.finishRefresh(id, with: "late"))
                let expired = ConnectionChanges.Status(.expired, reason: "invalid_grant")
                #expect(try await !harness.failRefresh(id, owner: second, status: expired))
                #expect(try await !harness.finishRefresh(id, with: "later"))
                let stored = try await harness.stored(id)
                #expect(stored.credentials == Sample.sealed("late", key: 2))
                #expect(stored.connection.status == .active)
            },
            ConformanceCase("S24 a new label meanwhile does not cost a rotated refresh token") { harness in
                let id = try await harness.insertSample()
                _ = try await harness.beginRefresh(id, owner: .random())
                _ = try await harness.store.update(
                    id, workspaceID: Sample.workspaceID, ifRevision: 1, ConnectionChanges(label: "Mine"))
                #expect(try await harness.finishRefresh(id))
                let connection = try await harness.stored(id).connection
                #expect(connection.label == "Mine")
                #expect((connection.revision, connection.credentialsRevision) == (3, 3))
            },
            ConformanceCase("a renewal ends a refresh that is under way") { harness in
                let id = try await harness.insertSample()
                let refresher = try LeaseOwner.random()
                _ = try await harness.beginRefresh(id, owner: refresher)
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code())
                #expect(
                    try await harness.store.finish(
                        flow: Sample.flow(), owner: owner,
                        as: .renewed(Sample.renewal(of: id), Sample.sealed("new"))))
                #expect(try await !harness.finishRefresh(id))
                #expect(try await !harness.failRefresh(id, owner: refresher))
                #expect(try await harness.stored(id).credentials == Sample.sealed("new"))
                #expect(
                    try await harness.beginRefresh(id, owner: .random(), ifCredentialsRevision: 2)
                        == .granted(harness.stored(id)))
            },
            ConformanceCase("a deletion waits for a lease, or takes it") { harness in
                let id = try await harness.insertSample()
                let workspaceID = Sample.workspaceID
                _ = try await harness.beginRefresh(id, owner: .random())
                #expect(
                    try await harness.store.delete(
                        id, workspaceID: workspaceID, reach: nil, takesLease: false)
                        == .leased(remaining: Sample.lease))
                let stored = try await harness.stored(id)
                #expect(
                    try await harness.store.delete(id, workspaceID: workspaceID, reach: nil, takesLease: true)
                        == .deleted(.whole(stored), sharers: []))
                let other = try await harness.insertSample()
                _ = try await harness.beginRefresh(other, owner: .random())
                harness.clock.advance(by: Sample.lease)
                guard
                    case .deleted = try await harness.store.delete(
                        other, workspaceID: workspaceID, reach: nil, takesLease: false)
                else {
                    Issue.record("a lease that is over holds nothing")
                    return
                }
            },
            ConformanceCase("a deleted connection takes no refresh") { harness in
                let id = try await harness.insertSample()
                let owner = try LeaseOwner.random()
                _ = try await harness.beginRefresh(id, owner: owner)
                _ = try await harness.store.delete(id, workspaceID: Sample.workspaceID)
                #expect(try await !harness.finishRefresh(id))
                #expect(try await !harness.failRefresh(id, owner: owner))
                #expect(try await harness.store.keyIDsInUse().isEmpty)
            },
            ConformanceCase("only who holds the lease may call a refresh failed") { harness in
                let id = try await harness.insertSample()
                #expect(try await !harness.failRefresh(id, owner: .random()))
                let first = try LeaseOwner.random()
                _ = try await harness.beginRefresh(id, owner: first)
                #expect(try await !harness.failRefresh(id, owner: .random()))
                harness.clock.advance(by: Sample.lease)
                let second = try LeaseOwner.random()
                _ = try await harness.beginRefresh(id, owner: second)
                #expect(try await !harness.failRefresh(id, owner: first))
                #expect(try await harness.failRefresh(id, owner: second))
                #expect(try await !harness.failRefresh(id, owner: second))
            },
        ]
    }
}
