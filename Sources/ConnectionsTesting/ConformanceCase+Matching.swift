import Connections
import StateTokens
import Testing

extension ConformanceCase {
    /// A flow whose account has a connection already.
    static var matchingCases: [ConformanceCase] {
        [
            ConformanceCase(
                "a connection of the same user, client and account is found, and the claim stays held"
            ) {
                harness in
                let id = try await harness.insert(try connection())
                let (flow, owner) = try await harness.newFlow()
                let second = try connection()
                let error = await #expect(throws: StoreError.self) {
                    try await harness.store.finish(
                        flow: flow, owner: owner, as: .created(second, Sample.sealed("2", key: 2)))
                }
                guard case .alreadyConnected(let found)? = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                #expect(try await harness.stored(id).connection == found)
                #expect(try await harness.store.connection(second.id, workspaceID: Sample.workspaceID) == nil)
                // A change in between does no harm.
                _ = try await harness.store.update(
                    id, workspaceID: Sample.workspaceID, ifRevision: 1, ConnectionChanges(label: "x"))
                let renewal = renewing(found, ConnectionMatch(second), second.terms)
                for _ in 0..<2 {
                    #expect(
                        try await harness.store.finish(
                            flow: flow, owner: owner, as: .renewed(renewal, Sample.sealed("2", key: 2))))
                }
                let stored = try await harness.stored(id)
                #expect(stored.credentials == Sample.sealed("2", key: 2) && stored.connection.revision == 3)
                #expect(
                    try await harness.replica.claim(
                        flow: flow, codeHash: Sample.code(), owner: .random(), lease: Sample.lease,
                        keep: Sample.keep) == .finished(.success(id)))
            },
            ConformanceCase(
                "S22 S38 another workspace, user, integration, client, account or tenant is no match"
            ) {
                harness in
                let id = try await harness.insert(try connection())
                let others: [NewConnection] = [
                    try connection(workspaceID: "wsp_two"), try connection(userID: "usr_two"),
                    try connection(userID: nil), try connection(integrationID: "other"),
                    try connection(clientID: "theirs"), try connection(clientID: nil),
                    try connection(accountID: "A"), try connection(accountID: nil),
                    try connection(config: ["realm": "acme"]), try connection(isNew: true),
                ]
                for other in others {
                    try await harness.insert(other)
                    #expect(
                        try await harness.store.connection(other.id, workspaceID: other.workspaceID) != nil)
                }
                #expect(try await harness.stored(id).connection.revision == 1)
            },
            ConformanceCase("a match is renewed only as long as it is one") { harness in
                let id = try await harness.insert(try connection())
                let (flow, owner) = try await harness.newFlow()
                let second = try connection()
                let found = try await harness.stored(id).connection
                let renewal = renewing(found, ConnectionMatch(second), second.terms)
                _ = try await harness.store.update(
                    id, workspaceID: Sample.workspaceID, ifRevision: 1, ConnectionChanges(userID: "usr_two"))
                await #expect(throws: StoreError.revisionConflict) {
                    try await harness.store.finish(
                        flow: flow, owner: owner, as: .renewed(renewal, Sample.sealed("2", key: 2)))
                }
                #expect(
                    try await harness.store.finish(
                        flow: flow, owner: owner, as: .created(second, Sample.sealed("2", key: 2))))
                #expect(try await harness.stored(id).connection.userID == "usr_two")
            },
            ConformanceCase(
                "of twenty flows of one account at once on two replicas, one makes the connection"
            ) {
                harness in
                let made = try await withThrowingTaskGroup(of: ConnectionID.self) { group in
                    for number in 0..<20 {
                        let store = number.isMultiple(of: 2) ? harness.store : harness.replica
                        let (flow, owner) = try await harness.newFlow()
                        let one = try connection()
                        group.addTask {
                            do throws(StoreError) {
                                _ = try await store.finish(
                                    flow: flow, owner: owner, as: .created(one, Sample.sealed()))
                                return one.id
                            } catch .alreadyConnected(let found) {
                                return found.id
                            }
                        }
                    }
                    return try await group.reduce(into: Set()) { $0.insert($1) }
                }
                #expect(made.count == 1)
                let page = try await harness.store.connections(
                    matching: ConnectionQuery(workspaceID: Sample.workspaceID))
                #expect(Set(page.connections.map(\.id)) == made)
            },
        ]
    }

    private static func connection(
        workspaceID: String = Sample.workspaceID, userID: String? = "usr_one",
        integrationID: String = "gmail", clientID: String? = "ours", accountID: String? = "a",
        config: [String: String] = [:], isNew: Bool = false
    ) throws -> NewConnection {
        let sample = try Sample.connection(.random())
        return NewConnection(
            id: sample.id, workspaceID: workspaceID, userID: userID, integrationID: integrationID, label: "x",
            terms: GrantTerms(
                authMethodID: "oauth2", scopesRequested: [], scopesGranted: [], config: config,
                account: accountID.map { ProviderAccount(id: $0, label: nil) }, binding: .direct,
                flowID: sample.terms.flowID, expiresAt: nil,
                facts: GrantFacts(client: clientID.map { ClientFingerprint(clientID: $0) })),
            renewsWithin: isNew ? nil : AccountScope([.init("realm", defaultValue: "master")]))
    }

    private static func renewing(
        _ found: Connection, _ match: ConnectionMatch?, _ terms: GrantTerms
    ) -> ConnectionRenewal {
        ConnectionRenewal(
            id: found.id, workspaceID: found.workspaceID, ifRevision: found.revision, ifMatching: match,
            terms: terms)
    }
}

extension StoreHarness {
    /// A flow that is held, and its owner.
    fileprivate func newFlow() async throws -> (FlowID, LeaseOwner) {
        let flow = try #require(FlowID(octets: try LeaseOwner.random().octets))
        return (flow, try await holdFlow(flow, try Sample.code()))
    }
}
