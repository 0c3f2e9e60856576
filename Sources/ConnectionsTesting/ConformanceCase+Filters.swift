import Connections
import StateTokens
import Testing

extension ConformanceCase {
    static var filterCases: [ConformanceCase] {
        [
            ConformanceCase("label, type and tag are compared to the letter") { harness in
                let one = try await harness.insertDue(at: nil, label: "One")
                let two = try await harness.insertDue(at: nil, label: "one")
                for (id, tags) in [(one, ["team": "a", "a.b": "\"'"]), (two, ["team": "A"])] {
                    _ = try await harness.store.update(
                        id, workspaceID: Sample.workspaceID, ifRevision: 1, ConnectionChanges(tags: tags))
                }
                try await harness.insertDue(at: nil, label: "untagged")
                #expect(try await harness.list(label: "One") == [one])
                #expect(try await harness.list(label: "On").isEmpty)
                #expect(try await harness.list(label: "One\0").isEmpty)
                #expect(try await harness.list(integrationType: "connectors").count == 3)
                #expect(try await harness.list(integrationType: "Connectors").isEmpty)
                #expect(try await harness.list(tag: .init(name: "team", value: "a")) == [one])
                #expect(try await harness.list(tag: .init(name: "team", value: "A")) == [two])
                #expect(try await harness.list(tag: .init(name: "a.b", value: "\"'")) == [one])
                for tag in [
                    ConnectionQuery.Tag(name: "Team", value: "a"), .init(name: "team", value: ""),
                    .init(name: "", value: "a"), .init(name: "a", value: "\"'"),
                    .init(name: "team", value: "a\0"), .init(name: "$.team", value: "a"),
                    .init(name: "' OR 1=1 --", value: "a"),
                ] {
                    #expect(try await harness.list(tag: tag).isEmpty, "\(tag)")
                }
            },
            ConformanceCase("a time before which something ends leaves out what ends then, later or never") {
                harness in
                let time = Timestamp(secondsSinceEpoch: 1_000)
                let early = time - .seconds(1)
                let first = try await harness.insertDue(at: nil, expiresAt: early, reauthorizeBy: time)
                let second = try await harness.insertDue(at: nil, expiresAt: time, reauthorizeBy: early)
                try await harness.insertDue(at: nil)
                #expect(try await harness.list(expiresBefore: time) == [first])
                #expect(try await harness.list(reauthorizeBefore: time) == [second])
                #expect(try await harness.list(expiresBefore: time, reauthorizeBefore: time).isEmpty)
                #expect(try await harness.list(expiresBefore: early).isEmpty)
                let stored = try await harness.stored(first).connection
                #expect(stored.reauthorizeBy == time)
            },
            ConformanceCase("a list of those among some names is in order, and among none is empty") {
                harness in
                var ids: [ConnectionID] = []
                for _ in 0..<4 {
                    ids.insert(try await harness.insertSample(), at: 0)
                    harness.clock.advance(by: .milliseconds(1))
                }
                let sample = try await harness.stored(ids[0]).connection
                let user = try #require(sample.userID)
                #expect(
                    try await harness.list(among: nil, [ids[3], ids[1]].map(\.description)) == [
                        ids[1], ids[3],
                    ])
                #expect(try await harness.list(among: [sample.integrationID, "other"], nil) == ids)
                #expect(try await harness.list(among: nil, nil, ["' OR 1=1 --", user]) == ids)
                #expect(
                    try await harness.list(among: [sample.integrationID], [ids[2].description], [user])
                        == [ids[2]])
                for names in [[], ["nobody"], ["%"], [user.uppercased()], ["a\0"]] {
                    #expect(try await harness.list(among: names, nil).isEmpty, "\(names)")
                    #expect(try await harness.list(among: nil, names).isEmpty, "\(names)")
                    #expect(try await harness.list(among: nil, nil, names).isEmpty, "\(names)")
                }
            },
            ConformanceCase("skip leaves out the first ones of a list, once, and cursors go on from there") {
                harness in
                var ids: [ConnectionID] = []
                for _ in 0..<6 {
                    ids.insert(try await harness.insertSample(), at: 0)
                    harness.clock.advance(by: .milliseconds(1))
                }
                let first = try await harness.store.connections(
                    matching: ConnectionQuery(workspaceID: Sample.workspaceID, skip: 1, limit: 2))
                #expect(first.connections.map(\.id) == Array(ids[1...2]))
                let cursor = try #require(first.nextCursor)
                let second = try await harness.store.connections(
                    matching: ConnectionQuery(workspaceID: Sample.workspaceID, limit: 2, cursor: cursor))
                #expect(second.connections.map(\.id) == Array(ids[3...4]))
                let skipping = try await harness.store.connections(
                    matching: ConnectionQuery(
                        workspaceID: Sample.workspaceID, skip: 2, limit: 2, cursor: cursor))
                #expect(skipping.connections.map(\.id) == [ids[5]])
                #expect(try await harness.list(skip: 6).isEmpty)
                #expect(try await harness.list(skip: 1_000_000).isEmpty)
                #expect(try await harness.list(skip: 0) == ids)
            },
        ]
    }
}

extension StoreHarness {
    fileprivate func list(
        among integrationIDs: [String]?, _ connectionIDs: [String]?, _ userIDs: [String]? = nil
    ) async throws -> [ConnectionID] {
        try await store.connections(
            matching: ConnectionQuery(
                workspaceID: Sample.workspaceID, integrationIDs: integrationIDs, connectionIDs: connectionIDs,
                userIDs: userIDs)
        ).connections.map(\.id)
    }

    fileprivate func list(
        integrationType: String? = nil, label: String? = nil, tag: ConnectionQuery.Tag? = nil,
        expiresBefore: Timestamp? = nil, reauthorizeBefore: Timestamp? = nil, skip: Int = 0
    ) async throws -> [ConnectionID] {
        try await store.connections(
            matching: ConnectionQuery(
                workspaceID: Sample.workspaceID, integrationType: integrationType, label: label, tag: tag,
                expiresBefore: expiresBefore, reauthorizeBefore: reauthorizeBefore, skip: skip)
        ).connections.map(\.id)
    }
}
