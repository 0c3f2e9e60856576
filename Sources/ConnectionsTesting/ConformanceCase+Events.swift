import Connections
import StateTokens
import Testing

extension ConformanceCase {
    static var eventCases: [ConformanceCase] {
        [
            ConformanceCase(
                "each change leaves its event, with its reason and who asked for it, newest first"
            ) {
                harness in
                let id = try await harness.insertSample()
                harness.clock.advance(by: .seconds(7))
                _ = try await harness.store.update(
                    id, workspaceID: Sample.workspaceID, ifRevision: 1,
                    ConnectionChanges(label: "x", tags: ["a": "b"]), note: EventNote(actor: "key_one"))
                #expect(try await harness.finishRefresh(id))
                let owner = try LeaseOwner.random()
                guard
                    case .granted = try await harness.beginRefresh(id, owner: owner, ifCredentialsRevision: 3)
                else {
                    Issue.record("no lease")
                    return
                }
                #expect(
                    try await harness.failRefresh(id, owner: owner, status: .init(.expired, reason: "over")))
                let events = try await harness.events(of: id)
                #expect(events.map(\.type) == ["expired", "refreshed", "updated", "created"])
                #expect(events.map(\.detail) == ["over", nil, "label, tags", nil])
                #expect(events.map(\.actor) == ["symbolon", "symbolon", "key_one", "user"])
                #expect(events.map(\.number) == [4, 3, 2, 1])
                #expect(events.first?.at == harness.clock.now.timestamp)
                #expect(events.last?.at == (harness.clock.now + .seconds(-7)).timestamp)
            },
            ConformanceCase("a change that is not made leaves no event") { harness in
                let id = try await harness.insertSample()
                await #expect(throws: StoreError.revisionConflict) {
                    try await harness.store.update(
                        id, workspaceID: Sample.workspaceID, ifRevision: 9, ConnectionChanges(label: "x"))
                }
                #expect(try await !harness.finishRefresh(id, ifCredentialsRevision: 9))
                #expect(try await !harness.failRefresh(id, owner: .random()))
                let owner = try await harness.holdFlow(Sample.flow(2), Sample.code())
                await #expect(throws: StoreError.alreadyExists) {
                    try await harness.store.finish(
                        flow: Sample.flow(2), owner: owner,
                        as: .created(Sample.connection(id), Sample.sealed()))
                }
                #expect(try await harness.events(of: id).map(\.type) == ["created"])
            },
            ConformanceCase("50 events of a connection are kept, the newest") { harness in
                let id = try await harness.insertSample()
                let other = try await harness.insertSample()
                for revision in 1...55 as ClosedRange<Int64> {
                    _ = try await harness.store.update(
                        id, workspaceID: Sample.workspaceID, ifRevision: revision,
                        ConnectionChanges(label: "\(revision)"))
                }
                let events = try await harness.events(of: id)
                #expect(events.count == ConnectionEvent.keptCount)
                #expect(events.map(\.number) == (7...56).reversed())
                #expect(try await harness.events(of: other).count == 1)
            },
            ConformanceCase("the same failure again is said once, until something else happens") { harness in
                let id = try await harness.insertSample()
                for (number, reason) in ["timed_out", "timed_out", "refused", "timed_out"].enumerated() {
                    let owner = try LeaseOwner.random()
                    guard case .granted = try await harness.beginRefresh(id, owner: owner) else {
                        Issue.record("no lease for \(number)")
                        return
                    }
                    #expect(
                        try await harness.store.failRefresh(
                            id, workspaceID: Sample.workspaceID, owner: owner, status: nil,
                            cooldown: .seconds(1), note: EventNote(detail: reason)))
                    harness.clock.advance(by: .seconds(5))
                }
                let events = try await harness.events(of: id)
                #expect(events.map(\.detail) == ["timed_out", "refused", "timed_out", nil])
                #expect(events.dropLast().allSatisfy { $0.type == "refresh_failed" })
            },
            ConformanceCase("S22 another workspace's events are not found") { harness in
                let id = try await harness.insertSample()
                for other in ["wsp_two", "", "WSP_ONE", "wsp_one\0"] {
                    #expect(try await harness.store.events(of: id, workspaceID: other) == nil)
                }
                #expect(
                    try await harness.store.events(of: .random(), workspaceID: Sample.workspaceID) == nil)
            },
            ConformanceCase("events outlive a deleted connection for 30 days, and are purged then") {
                harness in
                let id = try await harness.insertSample()
                let other = try await harness.insertSample()
                _ = try await harness.store.delete(id, workspaceID: Sample.workspaceID)
                harness.clock.advance(by: .seconds(29 * 86_400))
                #expect(try await harness.store.purgeEvents(limit: 10) == 0)
                #expect(try await harness.events(of: id).map(\.type) == ["deleted", "created"])
                harness.clock.advance(by: .seconds(86_400))
                #expect(try await harness.replica.purgeEvents(limit: 1) == 1)
                #expect(try await harness.replica.purgeEvents(limit: 10) == 1)
                #expect(try await harness.store.events(of: id, workspaceID: Sample.workspaceID) == nil)
                #expect(try await harness.events(of: other).count == 1)
            },
        ]
    }
}

extension StoreHarness {
    fileprivate func events(of id: ConnectionID) async throws -> [ConnectionEvent] {
        try #require(try await store.events(of: id, workspaceID: Sample.workspaceID))
    }
}
