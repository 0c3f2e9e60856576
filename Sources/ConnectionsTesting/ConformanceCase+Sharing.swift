import Connections
import StateTokens
import Testing

extension ConformanceCase {
    static var sharingCases: [ConformanceCase] {
        [
            ConformanceCase("S45 those who share a grant have its client and account, in any workspace") {
                harness in
                let client = ClientFingerprint(clientID: "ours")
                let reach = RevocationReach(client: client, integrationIDs: ["gmail", "google-drive"])
                func insert(
                    _ integrationID: String = "gmail", account: String?, user: String? = nil,
                    of clientID: String? = "ours", in workspaceID: String = Sample.workspaceID
                ) async throws -> ConnectionID {
                    let sample = try Sample.connection(
                        .random(), workspaceID: workspaceID, userID: user, integrationID: integrationID)
                    return try await harness.insert(
                        NewConnection(
                            id: sample.id, workspaceID: workspaceID, userID: user,
                            integrationID: integrationID, label: "x",
                            terms: GrantTerms(
                                authMethodID: "oauth2", scopesRequested: [], scopesGranted: [], config: [:],
                                account: account.map { ProviderAccount(id: $0, label: nil) },
                                binding: .direct, flowID: sample.terms.flowID, expiresAt: nil,
                                facts: GrantFacts(client: clientID.map { ClientFingerprint(clientID: $0) }))))
                }
                let first = try await insert(account: "a", user: "u")
                let wanted: Set<ConnectionID> = [
                    try await insert(account: "a"), try await insert("google-drive", account: "a"),
                    try await insert(account: "a", of: nil), try await insert(account: "a", in: "wsp_two"),
                    try await insert(account: nil), try await insert(account: nil, user: "u"),
                ]
                _ = try await insert(account: "b")
                _ = try await insert(account: "a", of: "theirs")
                _ = try await insert("slack", account: "a")
                _ = try await insert(account: nil, user: "v")
                let owner = GrantOwner(
                    reach: reach, accountID: "a", userID: "u", integrationID: "gmail", config: [:],
                    except: first)
                let found = try await harness.store.sharers(of: owner)
                #expect(Set(found.map(\.id)) == Set(wanted.map { Optional($0) }))
                #expect(found.count { $0.workspaceID == "wsp_two" } == 1)
                let deletion = try await harness.store.delete(
                    first, workspaceID: Sample.workspaceID, reach: reach, takesLease: true)
                guard case .deleted(.whole, let sharers) = deletion else {
                    Issue.record("\(deletion)")
                    return
                }
                #expect(Set(sharers) == Set(found))
            },
            ConformanceCase("S45 those at another server or tenant share no grant, however many they are") {
                harness in
                let scope = AccountScope([
                    .init("host", form: .host), .init("realm", defaultValue: "master"),
                ])
                let reach = RevocationReach(
                    client: ClientFingerprint(clientID: "ours"), integrationIDs: ["gmail"],
                    scopes: ["gmail": scope])
                func insert(_ config: [String: String]) async throws -> ConnectionID {
                    let sample = try Sample.connection(.random())
                    return try await harness.insert(
                        NewConnection(
                            id: sample.id, workspaceID: sample.workspaceID, userID: nil,
                            integrationID: "gmail", label: "x",
                            terms: GrantTerms(
                                authMethodID: "oauth2", scopesRequested: [], scopesGranted: [],
                                config: config, account: ProviderAccount(id: "1", label: nil),
                                binding: .direct, flowID: sample.terms.flowID, expiresAt: nil)))
                }
                for number in 0..<205 { _ = try await insert(["host": "\(number).example.com"]) }
                let first = try await insert(["host": "a.example.com"])
                for realm in ["Master", ""] {
                    _ = try await insert(["host": "a.example.com", "realm": realm])
                }
                let wanted: Set<ConnectionID?> = [
                    try await insert(["host": "A.example.com", "realm": "master"]),
                    try await insert(["host": "https://a.example.com/"]), try await insert([:]),
                ]
                let owner = GrantOwner(
                    reach: reach, accountID: "1", userID: nil, integrationID: "gmail",
                    config: ["host": "a.example.com"], except: first)
                #expect(Set(try await harness.store.sharers(of: owner).map(\.id)) == wanted)
            },
            ConformanceCase(
                "S45 of twenty deletions at once that share a grant, one sees that it is the last"
            ) {
                harness in
                let reach = RevocationReach(
                    client: ClientFingerprint(clientID: "ours"), integrationIDs: ["gmail"])
                var ids: [ConnectionID] = []
                for _ in 0..<20 { ids.append(try await harness.insertSample()) }
                let last = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for (number, id) in ids.enumerated() {
                        let store = number.isMultiple(of: 2) ? harness.store : harness.replica
                        group.addTask {
                            let deletion = try await store.delete(
                                id, workspaceID: Sample.workspaceID, reach: reach, takesLease: true)
                            if case .deleted(_, sharers: []) = deletion { return true }
                            return false
                        }
                    }
                    return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                #expect(last == 1)
            },
            ConformanceCase("a text with a NUL is rejected, not cut, and matches nothing") { harness in
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code())
                let ending = FlowEnding.created(
                    try Sample.connection(.random(), userID: "usr_one\0x"), Sample.sealed())
                let error = StoreError.corrupt(reason: "a NUL character in user_id")
                await #expect(throws: error) {
                    try await harness.store.finish(flow: Sample.flow(), owner: owner, as: ending)
                }
                // The claim is still the caller's.
                #expect(
                    try await harness.store.finish(
                        flow: Sample.flow(), owner: owner, as: .failed(.exchangeTimedOut)))
                try await harness.insertSample()
                let query = ConnectionQuery(workspaceID: Sample.workspaceID, userID: "usr_one\0x")
                #expect(try await harness.store.connections(matching: query).connections.isEmpty)
            },
            ConformanceCase("a claim's lease lasts no longer than its length after the clock went back") {
                harness in
                let flow = try Sample.flow()
                let owner = try await harness.holdFlow(flow, Sample.code())
                harness.clock.advance(by: .seconds(-7_200))
                #expect(
                    try await harness.claim(flow, Sample.code(), owner: .random()) == .pending(sameCode: true)
                )
                harness.clock.advance(by: Sample.lease)
                #expect(
                    try await harness.claim(flow, Sample.code(), owner: .random())
                        == .finished(.failure(.restart)))
                #expect(
                    try await !harness.store.finish(
                        flow: flow, owner: owner, as: .failed(.exchangeTimedOut)))
            },
            ConformanceCase("a connection that is over is found by its status, and by no other") { harness in
                func insert(_ facts: GrantFacts) async throws -> ConnectionID {
                    let sample = try Sample.connection(.random())
                    return try await harness.insert(
                        NewConnection(
                            id: sample.id, workspaceID: sample.workspaceID, userID: nil,
                            integrationID: "gmail", label: "x",
                            terms: GrantTerms(
                                authMethodID: "oauth2", scopesRequested: [], scopesGranted: [], config: [:],
                                account: nil, binding: .direct, flowID: sample.terms.flowID,
                                expiresAt: Timestamp(secondsSinceEpoch: 100), facts: facts)))
                }
                let over = try await insert(GrantFacts(isExpiryFinal: true))
                let refreshable = try await insert(GrantFacts())
                func list(_ status: ConnectionStatus, at seconds: Int64) async throws -> Set<ConnectionID> {
                    let query = ConnectionQuery(
                        workspaceID: Sample.workspaceID, status: status,
                        now: Timestamp(secondsSinceEpoch: seconds))
                    return Set(try await harness.store.connections(matching: query).connections.map(\.id))
                }
                #expect(try await list(.active, at: 99) == [over, refreshable])
                #expect(try await list(.expired, at: 99).isEmpty)
                #expect(try await list(.active, at: 100) == [refreshable])
                #expect(try await list(.expired, at: 100) == [over])
            },
        ]
    }
}
