import Access
import ConnectService
import Connections
import Integrations
import OAuth
import StateTokens
import Testing

/// What a limited API key may do.
@Suite("AccessLimits") struct AccessLimitsTests {
    private static let connection = "conn_AAAAAAAAAAAAAAAAAAAAAA"
    private let deployment: Deployment

    init() throws { deployment = try Deployment(catalog: Catalogs.sample()) }

    private var rules: ScopeRules? { deployment.registry.integration("sample")?.scope }

    @Test func `S49 no list is no limit, and what has no name is beyond each that is set`() {
        #expect(AccessLimits().isEmpty)
        #expect(AccessLimits().breach(integrationID: nil, connectionID: nil, userID: nil) == nil)
        #expect(CredentialReach(AccessLimits()).limits == nil)
        for limit in AccessLimits.Limit.allCases {
            #expect(!AccessLimits().excludes(nil, by: limit))
        }
        let limits = AccessLimits(integrationIDs: ["a"], connectionIDs: ["b"], userIDs: ["c"], scopes: ["d"])
        for (limit, name) in zip(AccessLimits.Limit.allCases, ["a", "b", "c", "d"]) {
            #expect(!limits.excludes(name, by: limit))
            for other in [nil, "", name.uppercased(), name + " ", name + "\0"] {
                #expect(limits.excludes(other, by: limit), "\(limit)")
            }
        }
    }

    @Test func `S49 names are compared by octets`() {
        let limits = AccessLimits(userIDs: ["caf\u{e9}"])
        #expect("caf\u{e9}" == "cafe\u{301}")
        #expect(limits.excludes("cafe\u{301}", by: .users))
    }

    // MARK: Flows

    private func begin(
        _ limits: AccessLimits, userID: String? = nil, _ change: (inout InitiateCommand) -> Void = { _ in }
    ) throws(InitiateError) -> FlowState {
        var command = InitiateCommand(integrationID: "sample")
        change(&command)
        let flow = try deployment.initiate.begin(
            command, workspaceID: Deployment.workspaceID, userID: userID, within: limits)
        do {
            return try deployment.codec.verify(flow.state, at: deployment.clock.now).state
        } catch {
            throw .unavailable
        }
    }

    static let beyond: [(AccessLimits.Limit, AccessLimits, @Sendable (inout InitiateCommand) -> Void)] = [
        (.integrations, AccessLimits(integrationIDs: ["gmail", "Sample"]), { _ in }),
        (.integrations, AccessLimits(integrationIDs: ["gmail"]), { $0.integrationID = "nowhere" }),
        (.connections, AccessLimits(connectionIDs: [connection]), { _ in }),
        (
            .connections, AccessLimits(connectionIDs: [connection]),
            { $0.connectionID = "conn_BAAAAAAAAAAAAAAAAAAAAA" }
        ),
        (.users, AccessLimits(userIDs: ["user_1", "user_2"]), { _ in }),
        (.scopes, AccessLimits(scopes: ["read"]), { $0.scopes = ["read", "write"] }),
        (.scopes, AccessLimits(scopes: ["read"]), { $0.scopes = ["READ"] }),
        (.scopes, AccessLimits(scopes: ["admin"]), { _ in }),
    ]

    @Test(arguments: beyond.indices) func `S49 a flow beyond a key's limits is rejected`(_ index: Int) {
        let (limit, limits, ask) = Self.beyond[index]
        #expect(throws: InitiateError.limited(limit)) { try begin(limits, ask) }
    }

    @Test func `S49 a flow within a key's limits begins, with the scopes of its own that they allow`() throws
    {
        #expect(try begin(AccessLimits(integrationIDs: ["sample"])).scopes == ["read", "write"])
        #expect(try begin(AccessLimits(scopes: ["other", "read"])).scopes == ["read"])
        #expect(
            try begin(AccessLimits(scopes: ["other", "read"])) { $0.scopes = ["other"] }.scopes == ["other"])
        let state = try begin(AccessLimits(connectionIDs: [Self.connection])) {
            $0.connectionID = Self.connection
        }
        #expect(state.connectionID == Self.connection)
        #expect(try begin(AccessLimits(userIDs: ["user_1"]), userID: "user_1").userID == "user_1")
    }

    @Test func `S49 a key for one user acts for that user, and one for several for none`() throws {
        func principal(_ users: [String]) throws -> Principal {
            try APIKeyTable([key(AccessLimits(userIDs: users))]).principal(
                for: "sym_1", at: deployment.clock.now)
        }
        #expect(try principal(["user_1"]).userID == "user_1")
        #expect(try principal(["user_1", "user_2"]).userID == nil)
        #expect(try principal([]).userID == nil && principal([]).limits == nil)
    }

    @Test func `S49 the flow that a key completes is within its limits`() throws {
        let state = try begin(AccessLimits(), userID: "user_1") { $0.connectionID = Self.connection }
        func breach(_ limits: AccessLimits) -> AccessLimits.Limit? { limits.breach(by: state, under: rules) }
        #expect(breach(AccessLimits(integrationIDs: ["gmail"])) == .integrations)
        #expect(breach(AccessLimits(connectionIDs: ["conn_BAAAAAAAAAAAAAAAAAAAAA"])) == .connections)
        #expect(breach(AccessLimits(userIDs: ["user_2"])) == .users)
        #expect(breach(AccessLimits(scopes: ["read"])) == .scopes)
        #expect(
            breach(
                AccessLimits(
                    integrationIDs: ["sample"], connectionIDs: [Self.connection], userIDs: ["user_1"],
                    scopes: ["read", "write"])) == nil)
    }

    // MARK: Imports and revocations

    @Test func `S49 an import is within a key's limits, and says what its grant is good for`() {
        func breach(_ limits: AccessLimits, scope: String? = "read write") -> AccessLimits.Limit? {
            limits.breach(
                by: ImportCommand(
                    integrationID: "sample", credentials: HeldCredentials(accessToken: "a", scope: scope),
                    userID: "user_1"), under: rules)
        }
        #expect(breach(AccessLimits(integrationIDs: ["gmail"])) == .integrations)
        // No list names a connection that is yet to be made.
        #expect(breach(AccessLimits(connectionIDs: [Self.connection])) == .connections)
        #expect(breach(AccessLimits(userIDs: ["user_2"])) == .users)
        #expect(breach(AccessLimits(scopes: ["read"])) == .scopes)
        for scope in [nil, "", " "] {
            #expect(breach(AccessLimits(scopes: ["read"]), scope: scope) == .scopes)
        }
        #expect(breach(AccessLimits(scopes: ["read", "write"])) == nil)
    }

    @Test func `S49 a revocation's filter stays within a key's limits by itself`() {
        func breach(_ limits: AccessLimits, _ integration: String?, _ user: String?) -> AccessLimits.Limit? {
            limits.breach(by: RevocationFilter(workspaceID: "w", integrationID: integration, userID: user))
        }
        let limits = AccessLimits(integrationIDs: ["sample"], userIDs: ["user_1"])
        #expect(breach(limits, "sample", "user_1") == nil)
        #expect(breach(limits, nil, "user_1") == .integrations)
        #expect(breach(limits, "gmail", "user_1") == .integrations)
        #expect(breach(limits, "sample", nil) == .users)
        #expect(breach(limits, "sample", "user_2") == .users)
        #expect(breach(AccessLimits(connectionIDs: [Self.connection]), "sample", nil) == .connections)
    }

    @Test
    func `S49 a second grant's scopes are within the limits by the names that they were asked for with`()
        throws
    {
        let catalog = try Catalog(
            files: [
                CatalogFile(
                    name: "test.yaml",
                    text: Catalogs.sample(
                        at: "http://127.0.0.1:9",
                        "scope: {second_list: {parameter: user_scope, prefix: \"user:\"}}"))
            ], allowsInsecureLoopback: true)
        let rules = catalog["sample"]?.scope
        #expect(rules?.secondList?.prefix == "user:")
        let limits = AccessLimits(scopes: ["read", "user:read"])
        #expect(limits.breach(bySecondGrant: "read", under: rules) == nil)
        #expect(limits.breach(bySecondGrant: nil, under: rules) == nil)
        for scope in ["write", "read write", "user:read"] {
            #expect(limits.breach(bySecondGrant: scope, under: rules) == .scopes)
        }
        #expect(AccessLimits(scopes: ["read"]).breach(bySecondGrant: "read", under: rules) == .scopes)
        #expect(AccessLimits().breach(bySecondGrant: "write", under: rules) == nil)
    }

    // MARK: Sessions

    private func key(_ limits: AccessLimits) -> APIKey {
        APIKey(
            id: "key_1", hash: APIKeyHash(of: "sym_1"), label: "", workspaceIDs: [Deployment.workspaceID],
            permissions: [.initiate, .read, .admin], limits: limits, createdAt: TestKeys.start, expiresAt: nil
        )
    }

    private func session(
        _ limits: AccessLimits, _ change: (inout SessionCommand) -> Void = { _ in }
    ) throws -> Session {
        let codec = SessionCodec(sealer: deployment.stateSealer, audience: deployment.settings.publicURL)
        let maker = CreateSession(
            settings: deployment.settings, codec: codec, integrations: deployment.registry,
            workspaces: deployment.workspaces, now: { [clock = deployment.clock] in clock.now })
        var command = SessionCommand(userID: "user_1")
        change(&command)
        let principal = try APIKeyTable([key(limits)]).principal(for: "sym_1", at: deployment.clock.now)
        let created = try maker.create(command, workspaceID: Deployment.workspaceID, for: principal)
        return try codec.verify(created.token, at: deployment.clock.now)
    }

    static let unmade: [(AccessLimits.Limit, AccessLimits, @Sendable (inout SessionCommand) -> Void)] = [
        (
            .integrations, AccessLimits(integrationIDs: ["gmail"]),
            { $0.integrationIDs = ["gmail", "sample"] }
        ),
        (
            .connections, AccessLimits(connectionIDs: [connection]),
            { $0.connectionID = "conn_BAAAAAAAAAAAAAAAAAAAAA" }
        ),
        (.users, AccessLimits(userIDs: ["user_2"]), { _ in }),
        (.scopes, AccessLimits(scopes: ["read"]), { $0.scopes = ["read", "write"] }),
    ]

    @Test(arguments: unmade.indices) func `S49 a session beyond its key is not made`(_ index: Int) {
        let (limit, limits, ask) = Self.unmade[index]
        #expect(throws: SessionCreationError.limited(limit)) { try session(limits, ask) }
    }

    @Test func `S49 what a session leaves open its key limits, as the key is now`() throws {
        let open = try session(AccessLimits())
        func begin(_ limits: AccessLimits) throws -> FlowState {
            let principal = try APIKeyTable([key(limits)]).principal(
                for: open, madeBy: "key_1", at: deployment.clock.now)
            let flow = try deployment.initiate.begin(
                InitiateCommand(integrationID: "sample"), in: open, within: principal.limits)
            return try deployment.codec.verify(flow.state, at: deployment.clock.now).state
        }
        #expect(try begin(AccessLimits()).scopes == ["read", "write"])
        #expect(try begin(AccessLimits(scopes: ["read"])).scopes == ["read"])
        #expect(throws: InitiateError.sessionForbids(.integration)) {
            try begin(AccessLimits(integrationIDs: ["gmail"]))
        }
        #expect(throws: InitiateError.sessionForbids(.connection)) {
            try begin(AccessLimits(connectionIDs: [Self.connection]))
        }
        #expect(throws: InitiateError.sessionForbids(.scopes)) { try begin(AccessLimits(scopes: ["admin"])) }
        #expect(throws: AccessError.sessionEnded) { try begin(AccessLimits(userIDs: ["user_2"])) }
    }
}
