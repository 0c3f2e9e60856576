import Connections
import StateTokens
import Testing

extension ConformanceCase {
    static var writerCases: [ConformanceCase] {
        [
            ConformanceCase("64 writers at once on two replicas lose nothing and double nothing") { harness in
                let made = try await withThrowingTaskGroup(of: ConnectionID.self) { group in
                    for number in 0..<64 {
                        group.addTask {
                            try await harness.insert(
                                Sample.connection(.random(), userID: "usr_\(number)"),
                                over: number.isMultiple(of: 2) ? harness.store : harness.replica)
                        }
                    }
                    return try await group.reduce(into: Set()) { $0.insert($1) }
                }
                let page = try await harness.store.connections(
                    matching: ConnectionQuery(workspaceID: Sample.workspaceID, limit: 100))
                #expect(made.count == 64)
                #expect(page.connections.count == 64)
                #expect(Set(page.connections.map(\.id)) == made)
                #expect(Set(page.connections.map(\.userID)).count == 64)
            },
            ConformanceCase("S08 of 64 finishes of one flow at once, on two replicas, one makes a connection")
            {
                harness in
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code())
                let finished = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<64 {
                        let store = number.isMultiple(of: 2) ? harness.store : harness.replica
                        group.addTask {
                            try await store.finish(
                                flow: Sample.flow(), owner: owner,
                                as: .created(Sample.connection(.random()), Sample.sealed()))
                        }
                    }
                    return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                #expect(finished == 1)
                let page = try await harness.store.connections(
                    matching: ConnectionQuery(workspaceID: Sample.workspaceID))
                #expect(page.connections.count == 1)
            },
            ConformanceCase("of 64 writers of one connection at once, each finds the revision that it counts")
            {
                harness in
                let id = try await harness.insertSample()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<64 {
                        let store = number.isMultiple(of: 2) ? harness.store : harness.replica
                        group.addTask { try await store.relabel(id, "\(number)") }
                    }
                    try await group.waitForAll()
                }
                #expect(try await harness.stored(id).connection.revision == 65)
            },
            ConformanceCase("purges at once on two replicas take each claim once") { harness in
                for number in 1...40 as ClosedRange<UInt8> {
                    _ = try await harness.holdFlow(Sample.flow(number), Sample.code())
                }
                harness.clock.advance(by: Sample.keep)
                let purged = try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 0..<16 {
                        let store = number.isMultiple(of: 2) ? harness.store : harness.replica
                        group.addTask { try await store.purgeClaims(limit: 5) }
                    }
                    return try await group.reduce(0, +)
                }
                #expect(try await purged + harness.store.purgeClaims(limit: 100) == 40)
            },
            ConformanceCase("of 20 deletions at once, on two replicas, one gives back the connection") {
                harness in
                let id = try await harness.insertSample()
                let deleted = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<20 {
                        let store = number.isMultiple(of: 2) ? harness.store : harness.replica
                        group.addTask {
                            try await store.delete(id, workspaceID: Sample.workspaceID) != nil
                        }
                    }
                    return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                #expect(deleted == 1)
                #expect(try await harness.store.keyIDsInUse().isEmpty)
            },
            ConformanceCase("a deletion and a refresh at once leave no credentials without a connection") {
                harness in
                for _ in 0..<10 {
                    let id = try await harness.insertSample()
                    async let isRefreshed = harness.finishRefresh(id)
                    async let deleted = harness.replica.delete(id, workspaceID: Sample.workspaceID)
                    let (refreshed, found) = try await (isRefreshed, deleted)
                    // Whichever came first, the deletion gives back what there was in the end.
                    #expect(
                        found?.sealed?.credentials
                            == Sample.sealed(refreshed ? "refreshed" : "sealed", key: refreshed ? 2 : 1))
                    #expect(try await harness.store.keyIDsInUse().isEmpty)
                }
            },
        ]
    }
}

extension ConnectionStore {
    /// Changes the label, reading again as often as another one was faster.
    fileprivate func relabel(_ id: ConnectionID, _ label: String) async throws {
        while true {
            let found = try #require(try await connection(id, workspaceID: Sample.workspaceID))
            do {
                let changed = try await update(
                    id, workspaceID: Sample.workspaceID, ifRevision: found.revision,
                    ConnectionChanges(label: label))
                #expect(changed.revision == found.revision + 1)
                return
            } catch StoreError.revisionConflict {
                continue
            }
        }
    }
}
