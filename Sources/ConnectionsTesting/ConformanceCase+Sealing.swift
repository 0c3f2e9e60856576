import Connections
import StateTokens
import Testing

extension ConformanceCase {
    static var resealCases: [ConformanceCase] {
        [
            ConformanceCase(
                "rows under other keys are listed once, across workspaces, in the order of their ids"
            ) {
                harness in
                var expected: [String] = []
                for number in 0..<7 {
                    let workspaceID = number.isMultiple(of: 2) ? Sample.workspaceID : "wsp_two"
                    let id = try await harness.insert(
                        Sample.connection(.random(), workspaceID: workspaceID),
                        Sample.sealed("\(number)", key: UInt32(number % 3)))
                    if number % 3 != 1 { expected.append(id.description) }
                }
                expected.sort { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
                for limit in [1, 2, 5, 100] {
                    #expect(try await harness.listAll(notUnder: [1], limit: limit) == expected)
                }
                #expect(try await harness.listAll(notUnder: [0, 1, 2], limit: 100).isEmpty)
                #expect(try await harness.listAll(notUnder: [], limit: 100).count == 7)
            },
            ConformanceCase("what is listed is the row as it stands") { harness in
                let id = try await harness.insertSample(Sample.sealed("old", key: 1))
                let listed = try await harness.replica.sealedConnections(notUnder: [], after: nil, limit: 10)
                #expect(try await listed.connections == [harness.stored(id)])
            },
            ConformanceCase("sealing again changes the octets and the key, and nothing else") { harness in
                let id = try await harness.insertSample(Sample.sealed("old", key: 1))
                let before = try await harness.stored(id)
                harness.clock.advance(by: .seconds(5))
                #expect(try await harness.reseal(id, from: before.credentials, to: "new"))
                let after = try await harness.stored(id)
                #expect(after.credentials == Sample.sealed("new", key: 2))
                #expect(after.connection == before.connection)
                #expect(try await harness.store.keyIDsInUse() == [KeyID(rawValue: 2)])
            },
            ConformanceCase("what was replaced since it was read is not sealed again") { harness in
                let id = try await harness.insertSample(Sample.sealed("old", key: 1))
                let read = try await harness.stored(id).credentials
                #expect(try await harness.finishRefresh(id, with: "refreshed"))
                let stored = try await harness.stored(id)
                #expect(try await !harness.reseal(id, from: read, to: "new"))
                // The octets alone do not make it the same.
                let otherKey = SealedCredentials(octets: stored.credentials.octets, keyID: KeyID(rawValue: 9))
                #expect(try await !harness.reseal(id, from: otherKey, to: "new"))
                #expect(try await harness.stored(id) == stored)
            },
            ConformanceCase("of 20 at once that seal a row again, one does") { harness in
                let id = try await harness.insertSample(Sample.sealed("old", key: 1))
                let read = try await harness.stored(id).credentials
                let done = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<20 {
                        group.addTask { try await harness.reseal(id, from: read, to: "\(number)") }
                    }
                    return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                #expect(done == 1)
            },
            ConformanceCase("S24 a refresh that is under way goes on when its row is sealed again") {
                harness in
                let id = try await harness.insertSample(Sample.sealed("old", key: 1))
                let owner = try LeaseOwner.random()
                _ = try await harness.beginRefresh(id, owner: owner)
                #expect(try await harness.reseal(id, from: Sample.sealed("old", key: 1), to: "new"))
                #expect(
                    try await harness.beginRefresh(id, owner: .random()) == .busy(remaining: Sample.lease))
                #expect(try await harness.finishRefresh(id, ifCredentialsRevision: 1, with: "refreshed"))
                #expect(try await harness.stored(id).credentials == Sample.sealed("refreshed", key: 2))
            },
            ConformanceCase("S22 another workspace's row, and one that is gone, are not sealed again") {
                harness in
                let id = try await harness.insertSample(Sample.sealed("old", key: 1))
                #expect(
                    try await !harness.store.reseal(
                        id, workspaceID: "wsp_two", replacing: Sample.sealed("old", key: 1),
                        with: Sample.sealed("new", key: 2)))
                #expect(try await harness.stored(id).credentials == Sample.sealed("old", key: 1))
                _ = try await harness.store.delete(id, workspaceID: Sample.workspaceID)
                #expect(try await !harness.reseal(id, from: Sample.sealed("old", key: 1), to: "new"))
            },
        ]
    }
}

extension StoreHarness {
    fileprivate func reseal(
        _ id: ConnectionID, from old: SealedCredentials, to text: String
    ) async throws -> Bool {
        try await store.reseal(
            id, workspaceID: Sample.workspaceID, replacing: old, with: Sample.sealed(text, key: 2))
    }

    fileprivate func listAll(notUnder keys: Set<UInt32>, limit: Int) async throws -> [String] {
        var ids: [ConnectionID] = []
        var next: String?
        while true {
            let batch = try await store.sealedConnections(
                notUnder: Set(keys.map { KeyID(rawValue: $0) }), after: next, limit: limit)
            #expect(batch.connections.count <= limit)
            ids += batch.connections.map(\.connection.id)
            next = batch.next
            guard next != nil else { return ids.map(\.description) }
        }
    }
}
