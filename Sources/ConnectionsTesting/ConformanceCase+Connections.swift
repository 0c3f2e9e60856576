import Connections
import StateTokens
import Testing

extension ConformanceCase {
    static var connectionCases: [ConformanceCase] {
        [
            ConformanceCase("S22 another workspace's connection is not found by any call, and stays as it is")
            { harness in
                let id = try await harness.insertSample()
                let before = try await harness.stored(id)
                let owner = try LeaseOwner.random()
                for other in ["wsp_two", "", "WSP_ONE", "wsp_one ", "wsp_%", "wsp_one\0", "wsp_one\0x"] {
                    #expect(try await harness.store.connection(id, workspaceID: other) == nil)
                    #expect(try await harness.store.credentials(of: id, workspaceID: other) == nil)
                    #expect(try await harness.store.delete(id, workspaceID: other) == nil)
                    let page = try await harness.store.connections(
                        matching: ConnectionQuery(workspaceID: other))
                    #expect(page == ConnectionPage(connections: [], nextCursor: nil))
                    await #expect(throws: StoreError.notFound) {
                        try await harness.store.update(
                            id, workspaceID: other, ifRevision: 1, ConnectionChanges(label: "x"))
                    }
                    #expect(
                        try await harness.store.beginRefresh(
                            id, workspaceID: other, ifCredentialsRevision: 1, owner: owner,
                            lease: Sample.lease)
                            == .notFound)
                    #expect(
                        try await !harness.store.finishRefresh(
                            id, workspaceID: other, ifCredentialsRevision: 1,
                            with: RefreshedGrant(credentials: Sample.sealed("x"), expiresAt: nil)))
                    #expect(
                        try await !harness.store.failRefresh(
                            id, workspaceID: other, owner: owner, status: nil, cooldown: .seconds(1)))
                }
                #expect(try await harness.stored(id) == before)
            },
            ConformanceCase("of connections that are inserted together those are new whose ids are not taken")
            { harness in
                let ids = try (0..<3).map { _ in try ConnectionID.random() }
                try await harness.store.insert(Sample.connection(ids[1]), Sample.sealed("old"))
                let before = try await harness.stored(ids[1])
                // The last one comes twice.
                let together = try [ids[0], ids[1], ids[2], ids[2]].enumerated().map { number, id in
                    SealedNewConnection(
                        connection: try Sample.connection(id), credentials: Sample.sealed("new \(number)"))
                }
                let inserted = try await harness.store.insert(together)
                #expect(inserted.map { $0?.id } == [ids[0], nil, ids[2], nil])
                #expect(try await harness.stored(ids[1]) == before)
                for (id, text) in [(ids[0], "new 0"), (ids[2], "new 2")] {
                    let stored = try await harness.stored(id)
                    #expect(stored.credentials == Sample.sealed(text))
                    #expect(inserted.contains(stored.connection))
                    let events = try await harness.store.events(of: id, workspaceID: Sample.workspaceID)
                    #expect(events?.map(\.type) == ["created"])
                }
            },
            ConformanceCase("of connections of which one cannot be stored none is inserted") { harness in
                let id = try ConnectionID.random()
                await #expect(throws: StoreError.self) {
                    _ = try await harness.store.insert([
                        SealedNewConnection(
                            connection: try Sample.connection(id), credentials: Sample.sealed()),
                        SealedNewConnection(
                            connection: try Sample.connection(.random(), userID: "nul\0"),
                            credentials: Sample.sealed()),
                    ])
                }
                #expect(try await harness.store.connection(id, workspaceID: Sample.workspaceID) == nil)
            },
            ConformanceCase("a change is made of the row as it is, and a rejected one changes nothing") {
                harness in
                let id = try await harness.insertSample()
                let note = EventNote(actor: "key_1")
                let changed = try await harness.store.update(
                    id, workspaceID: Sample.workspaceID, note: note
                ) { found -> Result<ConnectionChanges, StoreError> in
                    .success(ConnectionChanges(label: "\(found.label) \(found.revision)"))
                }
                #expect(try changed.get().label == "Gmail 1")
                let rejected = try await harness.store.update(
                    id, workspaceID: Sample.workspaceID, note: note
                ) { _ -> Result<ConnectionChanges, StoreError> in .failure(.revisionConflict) }
                #expect(rejected == .failure(.revisionConflict))
                #expect(try await harness.stored(id).connection == changed.get())
                let events = try await harness.store.events(of: id, workspaceID: Sample.workspaceID)
                #expect(events?.first?.actor == "key_1" && events?.count == 2)
                await #expect(throws: StoreError.notFound) {
                    _ = try await harness.store.update(
                        id, workspaceID: "wsp_other", note: note
                    ) { _ -> Result<ConnectionChanges, StoreError> in .success(ConnectionChanges()) }
                }
            },
            ConformanceCase("a deletion gives back what it deleted, once") { harness in
                let id = try await harness.insertSample(Sample.sealed("secret", key: 5))
                let before = try await harness.stored(id)
                #expect(
                    try await harness.store.delete(id, workspaceID: Sample.workspaceID) == .whole(before))
                #expect(try await harness.store.delete(id, workspaceID: Sample.workspaceID) == nil)
                #expect(try await harness.replica.connection(id, workspaceID: Sample.workspaceID) == nil)
                #expect(try await harness.store.credentials(of: id, workspaceID: Sample.workspaceID) == nil)
                #expect(try await harness.store.keyIDsInUse().isEmpty)
            },
            ConformanceCase("a key is in use for as long as a row names it") { harness in
                let first = try await harness.insertSample(Sample.sealed("1", key: 1))
                let second = try await harness.insertSample(Sample.sealed("2", key: .max))
                #expect(try await harness.store.keyIDsInUse() == [KeyID(rawValue: 1), KeyID(rawValue: .max)])
                #expect(try await harness.finishRefresh(first))
                #expect(try await harness.store.keyIDsInUse() == [KeyID(rawValue: 2), KeyID(rawValue: .max)])
                _ = try await harness.store.delete(second, workspaceID: Sample.workspaceID)
                #expect(try await harness.store.keyIDsInUse() == [KeyID(rawValue: 2)])
            },
            ConformanceCase("how a flow was bound to its user is kept, in every way there is") { harness in
                for binding in FlowBinding.allCases {
                    let id = try await harness.insert(Sample.connection(.random(), binding: binding))
                    #expect(try await harness.stored(id).connection.binding == binding)
                }
            },
            ConformanceCase("a store that works answers a ping") { harness in
                try await harness.store.ping()
            },
        ]
    }

    static var updateCases: [ConformanceCase] {
        [
            ConformanceCase("an update changes what it names, and counts") { harness in
                let id = try await harness.insertSample()
                harness.clock.advance(by: .seconds(3))
                let updated = try await harness.store.update(
                    id, workspaceID: Sample.workspaceID, ifRevision: 1, ConnectionChanges(label: "Mine"))
                #expect(updated.label == "Mine")
                #expect(updated.status == .active)
                #expect(updated.account?.id == "42")
                #expect((updated.revision, updated.credentialsRevision) == (2, 1))
                #expect(updated.updatedAt == harness.clock.now.timestamp)
                #expect(try await harness.stored(id).connection == updated)
                let next = try await harness.store.update(
                    id, workspaceID: Sample.workspaceID, ifRevision: 2,
                    ConnectionChanges(
                        status: ConnectionChanges.Status(.inactive, reason: "on leave"),
                        account: ProviderAccount(id: "43", label: nil)))
                #expect((next.status, next.statusReason, next.label) == (.inactive, "on leave", "Mine"))
                #expect(next.account == ProviderAccount(id: "43", label: nil))
            },
            ConformanceCase("tags and configuration are replaced whole, and stay through a refresh") {
                harness in
                let id = try await harness.insertSample()
                #expect(try await harness.stored(id).connection.tags == [:])
                let tags = ["team": "sales", "é\"\\": "", "plan": "🙂"]
                let tagged = try await harness.store.update(
                    id, workspaceID: Sample.workspaceID, ifRevision: 1,
                    ConnectionChanges(config: ["list": "7"], tags: tags))
                #expect((tagged.tags, tagged.config) == (tags, ["list": "7"]))
                #expect(try await harness.finishRefresh(id))
                let refreshed = try await harness.stored(id).connection
                #expect((refreshed.tags, refreshed.config) == (tags, ["list": "7"]))
                let cleared = try await harness.store.update(
                    id, workspaceID: Sample.workspaceID, ifRevision: refreshed.revision,
                    ConnectionChanges(tags: [:]))
                #expect((cleared.tags, cleared.config) == ([:], ["list": "7"]))
                #expect(try await harness.stored(id).connection == cleared)
            },
            ConformanceCase("an update based on another revision changes nothing") { harness in
                let id = try await harness.insertSample()
                let before = try await harness.stored(id)
                for revision in [0, 2, -1, Int64.max] {
                    await #expect(throws: StoreError.revisionConflict) {
                        try await harness.store.update(
                            id, workspaceID: Sample.workspaceID, ifRevision: revision,
                            ConnectionChanges(label: "x"))
                    }
                }
                #expect(try await harness.stored(id) == before)
            },
            ConformanceCase("of 20 updates of one revision at once, one is made") { harness in
                let id = try await harness.insertSample()
                let made = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            do {
                                _ = try await harness.store.update(
                                    id, workspaceID: Sample.workspaceID, ifRevision: 1,
                                    ConnectionChanges(label: "\(number)"))
                                return true
                            } catch StoreError.revisionConflict {
                                return false
                            }
                        }
                    }
                    return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                #expect(made == 1)
                #expect(try await harness.stored(id).connection.revision == 2)
            },
            ConformanceCase("nothing is updated that is not there") { harness in
                await #expect(throws: StoreError.notFound) {
                    try await harness.store.update(
                        .random(), workspaceID: Sample.workspaceID, ifRevision: 1,
                        ConnectionChanges(label: "x"))
                }
            },
        ]
    }
}
