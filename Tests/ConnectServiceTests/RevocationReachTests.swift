import ConnectService
import Connections
import Testing

/// What one revocation ends, by the entry, decides which other connections of an account keep a grant from being revoked.
@Suite("What a revocation ends") struct RevocationReachTests {
    private static let workspaceID = Deployment.workspaceID

    struct Case: Sendable, CustomTestStringConvertible {
        let ends: String
        /// Where the other integration of the same client revokes.
        let endpoint: String
        let result: RevocationOutcome

        var testDescription: String { "\(ends), \(endpoint)" }
    }

    /// Two integrations of one provider and one client.
    private func bench(_ ends: String, _ endpoint: String = "revoke") async throws -> FlowBench {
        try await FlowBench { url in
            Catalogs.sample(at: url, "revocation: {ends: \(ends)}")
                + "  cousin: {inherits: sample, label: Cousin, revocation_endpoint: '\(url)/\(endpoint)'}\n"
        }
    }

    /// A whole flow, which ends in a connection of this account.
    private func connect(
        _ bench: FlowBench, _ integrationID: String, account: String = "account-1", code: String
    ) async throws -> ConnectionID {
        bench.endpoint.answer(
            .json(Grant.json(token: "access-\(code)", refresh: "refresh-\(code)", account: account)))
        let authorized = try bench.deployment.authorized(
            code: code,
            InitiateCommand(integrationID: integrationID, redirectURI: Deployment.redirectURI))
        let conclusion = await bench.completion().complete(authorized, binding: .direct)
        guard case .finished(.success(let id)) = conclusion else {
            Issue.record("no connection: \(conclusion)")
            throw StoreError.notFound
        }
        return id
    }

    private func end(_ id: ConnectionID, _ bench: FlowBench) async throws -> RevocationOutcome? {
        try await bench.disconnect().end(id, workspaceID: Self.workspaceID)?.revocation
    }

    @Test(arguments: [
        Case(ends: "token", endpoint: "revoke", result: .revoked),
        Case(ends: "token", endpoint: "other", result: .revoked),
        Case(ends: "grant", endpoint: "revoke", result: .shared),
        Case(ends: "grant", endpoint: "other", result: .revoked),
        Case(ends: "client", endpoint: "revoke", result: .shared),
        Case(ends: "client", endpoint: "other", result: .shared),
    ])
    func `S45 the account's connection of another integration keeps what one revocation ends`(
        _ one: Case
    ) async throws {
        let bench = try await bench(one.ends, one.endpoint)
        let first = try await connect(bench, "sample", code: "a")
        let cousin = try await connect(bench, "cousin", code: "b")
        let done = try await bench.disconnect().end(first, workspaceID: Self.workspaceID)
        let others = one.result == .shared ? [cousin] : []
        #expect(done == Disconnection(revocation: one.result, others: others))
        let revoked = bench.endpoint.revocations.map { $0.fields["token"] }
        #expect(revoked == (one.result == .shared ? [] : ["refresh-a"]))
        #expect(try await bench.read(cousin).connection.status == .active)
    }

    @Test(arguments: ["grant", "client"])
    func `S45 the account's last connection takes the grant with it`(_ ends: String) async throws {
        let bench = try await bench(ends)
        let ids = [
            try await connect(bench, "sample", code: "a"), try await connect(bench, "cousin", code: "b"),
        ]
        #expect(try await end(ids[0], bench) == .shared)
        #expect(try await end(ids[1], bench) == .revoked)
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["refresh-b"])
    }

    @Test(arguments: ["token", "grant", "client"])
    func `another account's connection is no reason to keep a grant`(_ ends: String) async throws {
        let bench = try await bench(ends)
        let first = try await connect(bench, "sample", code: "a")
        _ = try await connect(bench, "cousin", account: "account-2", code: "b")
        #expect(try await end(first, bench) == .revoked)
    }

    @Test(arguments: ["grant", "client"])
    func `another client's grant is no reason to keep one, though it is the same account's`(
        _ ends: String
    ) async throws {
        let bench = try await bench(ends)
        let first = try await connect(bench, "sample", code: "a")
        _ = try await connect(bench, "cousin", code: "b")
        try await bench.tamper(
            "UPDATE connections SET client = zeroblob(16) WHERE integration_id = 'cousin'")
        #expect(try await end(first, bench) == .revoked)
    }
}
