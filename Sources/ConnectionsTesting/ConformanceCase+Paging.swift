import Connections
import Testing

extension ConformanceCase {
    static var pagingCases: [ConformanceCase] {
        [
            ConformanceCase("pages give each connection once, the newest first, ties by id") { harness in
                var ids: [[ConnectionID]] = []
                for _ in 0..<3 {
                    var moment: [ConnectionID] = []
                    for _ in 0..<4 { moment.append(try await harness.insertSample()) }
                    ids.append(
                        moment.sorted {
                            Array($0.description.utf8).lexicographicallyPrecedes($1.description.utf8)
                        })
                    harness.clock.advance(by: .milliseconds(1))
                }
                let expected = ids.joined().reversed() as [ConnectionID]
                for limit in [1, 2, 3, 5, 11, 12, 13, 1000] {
                    #expect(try await harness.listAll(limit: limit) == expected)
                }
            },
            ConformanceCase("a last page that is full says that it is the last") { harness in
                for _ in 0..<2 { _ = try await harness.insertSample() }
                let page = try await harness.store.connections(
                    matching: ConnectionQuery(workspaceID: Sample.workspaceID, limit: 2))
                #expect(page.connections.count == 2)
                #expect(page.nextCursor == nil)
            },
            ConformanceCase("a cursor keeps its place whatever is inserted or deleted") { harness in
                var ids: [ConnectionID] = []
                for _ in 0..<4 {
                    ids.append(try await harness.insertSample())
                    harness.clock.advance(by: .milliseconds(1))
                }
                let first = try await harness.store.connections(
                    matching: ConnectionQuery(workspaceID: Sample.workspaceID, limit: 2))
                #expect(first.connections.map(\.id) == [ids[3], ids[2]])
                let cursor = try #require(first.nextCursor)
                _ = try await harness.insertSample()
                _ = try await harness.store.delete(ids[2], workspaceID: Sample.workspaceID)
                let second = try await harness.replica.connections(
                    matching: ConnectionQuery(workspaceID: Sample.workspaceID, limit: 2, cursor: cursor))
                #expect(second.connections.map(\.id) == [ids[1], ids[0]])
                #expect(second.nextCursor == nil)
            },
            ConformanceCase("a filter leaves out what does not match it to the letter") { harness in
                let wanted = try await harness.insert(
                    Sample.connection(
                        .random(), userID: "usr_two", integrationID: "slack", status: .expired))
                try await harness.insert(
                    Sample.connection(.random(), userID: "usr_two", integrationID: "slack"))
                try await harness.insert(Sample.connection(.random(), userID: nil, status: .expired))
                func list(_ query: ConnectionQuery) async throws -> [ConnectionID] {
                    try await harness.store.connections(matching: query).connections.map(\.id)
                }
                let workspaceID = Sample.workspaceID
                #expect(
                    try await list(
                        ConnectionQuery(
                            workspaceID: workspaceID, integrationID: "slack", status: .expired,
                            userID: "usr_two"))
                        == [wanted])
                #expect(
                    try await list(ConnectionQuery(workspaceID: workspaceID, integrationID: "slack")).count
                        == 2)
                #expect(
                    try await list(ConnectionQuery(workspaceID: workspaceID, status: .expired)).count == 2)
                #expect(
                    try await list(ConnectionQuery(workspaceID: workspaceID, userID: "usr_two")).count == 2)
                for integrationID in ["Slack", "sl", "%", "' OR 1=1 --"] {
                    #expect(
                        try await list(
                            ConnectionQuery(workspaceID: workspaceID, integrationID: integrationID)
                        ).isEmpty)
                }
                #expect(try await list(ConnectionQuery(workspaceID: workspaceID, userID: "")).isEmpty)
                #expect(try await list(ConnectionQuery(workspaceID: workspaceID, status: .testing)).isEmpty)
            },
            ConformanceCase("a cursor that no page bore is an error") { harness in
                let id = try await harness.insertSample()
                let genuine = ConnectionCursor(createdAt: harness.clock.now, id: id).text
                for cursor in [
                    "", "A", "=", id.description, "conn_", genuine + "A", String(genuine.dropLast()),
                    " " + genuine,
                    "B" + genuine.dropFirst(), "' OR 1=1 --",
                ] {
                    await #expect(throws: StoreError.badCursor, "\(cursor)") {
                        try await harness.store.connections(
                            matching: ConnectionQuery(workspaceID: Sample.workspaceID, cursor: cursor))
                    }
                }
            },
        ]
    }
}

extension StoreHarness {
    fileprivate func listAll(limit: Int) async throws -> [ConnectionID] {
        var ids: [ConnectionID] = []
        var cursor: String?
        repeat {
            let page = try await store.connections(
                matching: ConnectionQuery(workspaceID: Sample.workspaceID, limit: limit, cursor: cursor))
            #expect(page.connections.count <= limit)
            ids += page.connections.map(\.id)
            cursor = page.nextCursor
        } while cursor != nil && ids.count < 100
        return ids
    }
}
