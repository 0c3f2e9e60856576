import Access
import ConnectService
import StateTokens
import Testing

/// What a connect session is made of, when it is over, and what its flows may be.
@Suite("Connect sessions") struct SessionTests {
    private static let origin = "https://app.example.com"
    private var deployment: Deployment
    private let sessions: SessionCodec
    private let key: APIKey

    init() throws {
        deployment = try Deployment(catalog: Catalogs.sample())
        deployment.workspaces = try Self.workspaces()
        sessions = SessionCodec(
            sealer: deployment.stateSealer, audience: deployment.settings.publicURL)
        key = Self.key()
    }

    private static func key(
        workspaces: [String] = [Deployment.workspaceID],
        _ permissions: Set<Permission> = [.initiate, .read, .admin],
        expiresAt: Timestamp? = nil
    ) -> APIKey {
        APIKey(
            id: "key_1", hash: APIKeyHash(of: "sym_1"), label: "", workspaceIDs: workspaces,
            permissions: permissions, createdAt: TestKeys.start, expiresAt: expiresAt)
    }

    private static func workspaces(
        confirms: Bool = false, origins: [String] = [origin], notBefore: Timestamp? = nil
    ) throws -> WorkspaceDirectory {
        WorkspaceDirectory([
            Workspace(
                id: Deployment.workspaceID,
                redirectURIs: RedirectURIAllowlist([try RedirectURI(Deployment.redirectURI)]),
                confirmation: confirms ? .required : nil,
                origins: OriginAllowlist(try origins.map { try #require(WebOrigin($0)) }),
                sessionsNotBefore: notBefore)
        ])
    }

    private func principal(_ key: APIKey? = nil) throws -> Principal {
        try APIKeyTable([key ?? self.key]).principal(for: "sym_1", at: deployment.clock.now)
    }

    private func create(
        _ command: SessionCommand = SessionCommand(userID: "user_1"), by principal: Principal? = nil,
        settings: ServiceSettings? = nil
    ) throws -> CreatedSession {
        let maker = CreateSession(
            settings: settings ?? deployment.settings, codec: sessions, integrations: deployment.registry,
            workspaces: deployment.workspaces, now: { [clock = deployment.clock] in clock.now })
        return try maker.create(
            command, workspaceID: Deployment.workspaceID, for: try principal ?? self.principal())
    }

    private func session(_ change: (inout SessionCommand) -> Void) throws -> Session {
        var command = SessionCommand(userID: "user_1")
        change(&command)
        return try sessions.verify(try create(command).token, at: deployment.clock.now)
    }

    private func verifier(_ workspaces: WorkspaceDirectory? = nil) -> SessionVerifier {
        SessionVerifier(
            codec: sessions, workspaces: workspaces ?? deployment.workspaces,
            publicURL: deployment.settings.publicURL, now: { [clock = deployment.clock] in clock.now })
    }

    // MARK: Making

    @Test func `a session carries what it was made for, and its page has it in the fragment`() throws {
        let command = SessionCommand(
            userID: "user_1", userLabel: "Ada Lovelace", integrationIDs: ["sample"], scopes: ["read"],
            redirectURI: Deployment.redirectURI, tags: ["plan": "team"], label: "Mail",
            origins: [Self.origin],
            mayDisconnect: true, lifetime: .seconds(600))
        let created = try create(command)
        #expect(created.connectURL == "https://connect.example.com/connect/wsp_123456789#\(created.token)")
        #expect(created.expiresAt == deployment.clock.now + .seconds(600))
        let session = try sessions.verify(created.token, at: deployment.clock.now)
        #expect(session.maker == .apiKey(id: "key_1"))
        #expect(session.workspaceID == Deployment.workspaceID)
        #expect(session.userID == "user_1")
        #expect(session.userLabel == "Ada Lovelace")
        #expect(session.integrationIDs == ["sample"])
        #expect(session.scopes == ["read"])
        #expect(session.redirectURI == Deployment.redirectURI)
        #expect(session.label == "Mail")
        #expect(session.tags == ["plan": "team"])
        #expect(session.origins == [Self.origin])
        #expect(session.mayRead && session.mayDisconnect)
    }

    @Test func `a session lives 30 minutes unless it is asked for another time`() throws {
        #expect(try create().expiresAt == deployment.clock.now + .seconds(1800))
        #expect(throws: SessionCreationError.lifetimeTooLong(longest: .seconds(1800))) {
            try create(SessionCommand(userID: "user_1", lifetime: .seconds(1801)))
        }
    }

    @Test func `S42 a session may read only if its maker may, and disconnect only if asked and allowed`()
        throws
    {
        let narrow = try principal(Self.key([.initiate]))
        let session = try sessions.verify(try create(by: narrow).token, at: deployment.clock.now)
        #expect(!session.mayRead && !session.mayDisconnect)
        #expect(throws: SessionCreationError.permissionMissing(.admin)) {
            try create(SessionCommand(userID: "user_1", mayDisconnect: true), by: narrow)
        }
        #expect(try !self.session { _ in }.mayDisconnect)
    }

    @Test func `S42 a token's session has its user, and never outlives it`() throws {
        func token(_ rest: Int) -> Principal {
            Principal(
                credentialID: "jwt:app", workspaceIDs: [Deployment.workspaceID], permissions: [.initiate],
                userID: "user_1", kind: .token, expiresAt: deployment.clock.now + .seconds(rest))
        }
        let created = try create(by: token(60))
        #expect(created.expiresAt == deployment.clock.now + .seconds(60))
        let session = try sessions.verify(created.token, at: deployment.clock.now)
        #expect(session.maker == .token(id: "jwt:app"))
        #expect(throws: SessionCreationError.otherUser) {
            try create(SessionCommand(userID: "user_2"), by: token(60))
        }
        for rest in [0, -30] {
            #expect(throws: SessionCreationError.credentialEnding) { try create(by: token(rest)) }
        }
    }

    @Test func `S11 where flows must be confirmed there are no sessions`() throws {
        var other = self
        other.deployment.workspaces = try Self.workspaces(confirms: true)
        #expect(throws: SessionCreationError.bindingRequired) { try other.create() }
        let settings = ServiceSettings(
            publicURL: deployment.settings.publicURL,
            confirmation: ConfirmationRequirement(isUniversal: true))
        #expect(throws: SessionCreationError.bindingRequired) { try create(settings: settings) }
    }

    static let refused: [(SessionCreationError, @Sendable (inout SessionCommand) -> Void)] = [
        (.invalidUserID, { $0.userID = "" }), (.invalidUserID, { $0.userID = "a\u{0}" }),
        (.invalidUserID, { $0.userID = String(repeating: "a", count: 129) }),
        (.invalidUserLabel, { $0.userLabel = "" }), (.invalidUserLabel, { $0.userLabel = "a\u{202e}b" }),
        (.invalidUserLabel, { $0.userLabel = "a\nb" }),
        (.integrationNotFound(index: 1), { $0.integrationIDs = ["sample", "nowhere"] }),
        (.invalidScope(index: 0), { $0.scopes = ["a b"] }),
        (
            .unknownParameter(name: "shop"),
            {
                $0.parameters = ["shop": "a"]; $0.integrationIDs = ["sample"]
            }
        ),
        (.redirectURI(.notListed), { $0.redirectURI = "https://app.example.com/other" }),
        (.redirectURI(.invalid(.insecure)), { $0.redirectURI = "http://app.example.com/" }),
        (.invalidConnectionID, { $0.connectionID = "x" }),
        (.originNotListed(index: 0), { $0.origins = ["https://evil.example"] }),
        (.originNotListed(index: 1), { $0.origins = ["https://app.example.com", "*"] }),
        (.annotationsTooLong, { $0.tags = ["a": String(repeating: "x", count: 512)] }),
        (.tooLong, { $0.parameters = ["tenant": String(repeating: "x", count: 4000)] }),
    ]

    @Test(arguments: refused.indices) func `S42 a session that its flows could not use is refused`(
        _ index: Int
    ) throws {
        let (error, change) = Self.refused[index]
        var command = SessionCommand(userID: "user_1")
        change(&command)
        #expect(throws: error) { try create(command) }
    }

    // MARK: Its end

    @Test func `S42 a session ends with its key, its key's workspace and its workspace's word`() throws {
        let session = try session { $0.mayDisconnect = true }
        let now = deployment.clock.now
        func principal(_ key: APIKey) throws -> Principal {
            try APIKeyTable([key]).principal(for: session, madeBy: "key_1", at: now)
        }
        #expect(try principal(key).permissions == [.initiate, .read, .admin])
        #expect(throws: AccessError.sessionEnded) { try principal(key.revoked()) }
        #expect(throws: AccessError.sessionEnded) { try principal(Self.key(expiresAt: now)) }
        #expect(throws: AccessError.sessionEnded) { try principal(Self.key(workspaces: ["wsp_other"])) }
        #expect(throws: AccessError.sessionEnded) {
            try APIKeyTable([]).principal(for: session, madeBy: "key_1", at: now)
        }
        let text = try create().token
        #expect(try verifier().verifyNow(text).userID == "user_1")
        #expect(try verifier(Self.workspaces(notBefore: now)).verifyNow(text).userID == "user_1")
        #expect(throws: SessionVerificationError.ended) {
            try verifier(Self.workspaces(notBefore: now + .seconds(1))).verifyNow(text)
        }
        #expect(throws: SessionVerificationError.ended) {
            try verifier(WorkspaceDirectory([])).verifyNow(text)
        }
        deployment.clock.advance(by: .seconds(1800))
        #expect(throws: SessionVerificationError.ended) { try verifier().verifyNow(text) }
        #expect(throws: SessionVerificationError.invalid) { try verifier().verifyNow("AQ") }
    }

    @Test
    func `S42 a key that is narrowed narrows its sessions, and one that is widened does not widen them`()
        throws
    {
        func permissions(_ session: Session, _ key: APIKey) throws -> Set<Permission> {
            try APIKeyTable([key]).principal(for: session, madeBy: "key_1", at: deployment.clock.now)
                .permissions
        }
        let wide = try session { $0.mayDisconnect = true }
        #expect(try permissions(wide, Self.key([.initiate])) == [.initiate])
        #expect(try permissions(wide, Self.key([.read])) == [.read])
        #expect(try permissions(wide, Self.key([.credentials])).isEmpty)
        let narrow = try sessions.verify(
            try create(by: try principal(Self.key([.initiate]))).token, at: deployment.clock.now)
        #expect(try permissions(narrow, key) == [.initiate])
    }

    @Test func `S42 a session's holder lacks every permission but its own, and has one workspace`() throws {
        let principal = try APIKeyTable([Self.key(Set(Permission.allCases))]).principal(
            for: try session { $0.mayDisconnect = true }, madeBy: "key_1", at: deployment.clock.now)
        #expect(throws: AccessError.sessionForbids) { try principal.require(.credentials) }
        #expect(try principal.workspaceID(choosing: "wsp_other") == Deployment.workspaceID)
        #expect(principal.bucketID != "key_1")
        #expect(principal.credentialID == "session:key_1")
    }

    // MARK: Origins

    @Test func `S42 a session's origins are those that it and its workspace list, and our own`() throws {
        let session = try session { $0.origins = [Self.origin] }
        let text = try sessions.encode(session, at: deployment.clock.now)
        #expect(verifier().allows(Self.origin, host: nil, for: session))
        #expect(verifier().mayRead(Self.origin, text))
        #expect(verifier().allows("https://connect.example.com", host: nil, for: session))
        #expect(verifier().allows("http://localhost:8080", host: "localhost:8080", for: session))
        #expect(!verifier().mayRead("https://connect.example.com", text))
        for other in ["null", "", "https://evil.example", "https://app.example.com.evil.example", "*"] {
            #expect(!verifier().allows(other, host: "connect.example.com", for: session), "\(other)")
            #expect(!verifier().mayRead(other, text), "\(other)")
        }
        // The workspace's list is asked again.
        let emptied = verifier(try Self.workspaces(origins: []))
        #expect(!emptied.allows(Self.origin, host: nil, for: session))
        #expect(!emptied.mayRead(Self.origin, text))
        let without = try self.session { _ in }
        #expect(!verifier().allows(Self.origin, host: nil, for: without))
        #expect(!verifier().mayRead(Self.origin, "AQ"))
    }

    // MARK: Flows

    private func state(_ session: Session, _ change: (inout InitiateCommand) -> Void = { _ in }) throws
        -> FlowState
    {
        var command = InitiateCommand(integrationID: "sample")
        change(&command)
        let flow = try deployment.initiate.begin(command, in: session)
        return try deployment.codec.verify(flow.state, at: deployment.clock.now).state
    }

    @Test func `S11 a session's flow bears its user and its limits, and asks on our page`() throws {
        let session = try session {
            $0.userLabel = "Ada"
            $0.redirectURI = Deployment.redirectURI
            $0.connectionID = "conn_AAAAAAAAAAAAAAAAAAAAAA"
            $0.scopes = ["read", "other"]
            $0.label = "Mail"
            $0.tags = ["plan": "team"]
        }
        let state = try state(session)
        #expect(state.label == "Mail")
        #expect(state.tags == ["plan": "team"])
        #expect(state.workspaceID == Deployment.workspaceID)
        #expect(state.userID == "user_1")
        #expect(state.screen)
        #expect(state.userLabel == "Ada")
        #expect(state.redirectURI == Deployment.redirectURI)
        #expect(state.connectionID == "conn_AAAAAAAAAAAAAAAAAAAAAA")
        // Of the integration's own scopes, those that the session allows.
        #expect(state.scopes == ["read"])
    }

    @Test func `S43 the name that the user reads on our page is the session's, and not its holder's`() throws
    {
        let named = try state(try session { $0.userLabel = "Ada" }) { $0.userLabel = "Mallory" }
        #expect(named.userLabel == "Ada")
        let nameless = try state(try session { _ in }) { $0.userLabel = "Mallory" }
        #expect(nameless.userLabel == nil)
    }

    @Test func `a session's connection outranks a wish for a new one, which its flows may have otherwise`()
        throws
    {
        let id = "conn_AAAAAAAAAAAAAAAAAAAAAA"
        let bound = try state(try session { $0.connectionID = id }) { $0.newConnection = true }
        #expect(bound.connectionID == id && !bound.newConnection)
        #expect(try state(try session { _ in }) { $0.newConnection = true }.newConnection)
        for session in [try session { $0.connectionID = id }, try session { _ in }] {
            #expect(throws: InitiateError.newWithConnectionID) {
                try state(session) {
                    $0.connectionID = id
                    $0.newConnection = true
                }
            }
        }
    }

    @Test func `a session for one integration asks for its own scopes, and a flow may ask for fewer`() throws
    {
        let session = try session {
            $0.integrationIDs = ["sample"]
            $0.scopes = ["read", "other"]
        }
        #expect(try state(session).scopes == ["read", "other"])
        #expect(try state(session) { $0.scopes = ["other"] }.scopes == ["other"])
        #expect(try state(try self.session { _ in }).scopes == ["read", "write"])
    }

    static let forbidden:
        [(SessionLimit, @Sendable (inout SessionCommand) -> Void, @Sendable (inout InitiateCommand) -> Void)] =
            [
                (.integration, { $0.integrationIDs = ["gmail"] }, { _ in }),
                (.integration, { $0.integrationIDs = ["sample"] }, { $0.integrationID = "gmail" }),
                (.scopes, { $0.scopes = ["read"] }, { $0.scopes = ["read", "write"] }),
                (.scopes, { $0.scopes = ["read"] }, { $0.scopes = ["admin"] }),
                (.scopes, { $0.scopes = ["admin"] }, { _ in }),
                (.redirectURI, { _ in }, { $0.redirectURI = Deployment.redirectURI }),
                (
                    .redirectURI, { $0.redirectURI = Deployment.redirectURI },
                    { $0.redirectURI = "https://app.example.com/other" }
                ),
                (
                    .connection, { $0.connectionID = "conn_AAAAAAAAAAAAAAAAAAAAAA" },
                    { $0.connectionID = "conn_BAAAAAAAAAAAAAAAAAAAAA" }
                ),
                (.label, { $0.label = "Mail" }, { $0.label = "Other" }),
                (.label, { _ in }, { $0.label = "Mail" }),
                (.tags, { $0.tags = ["plan": "team"] }, { $0.tags = ["plan": "free"] }),
                (.tags, { _ in }, { $0.tags = ["plan": "team"] }),
                (.binding, { _ in }, { $0.binding = String(repeating: "A", count: 43) }),
                (
                    .parameters, { $0.parameters = ["tenant": "contoso.example"] },
                    {
                        $0.integrationID = "microsoft"
                        $0.parameters = ["tenant": "evil.example"]
                    }
                ),
            ]

    @Test(arguments: forbidden.indices) func `S42 a flow beyond a session's limits is refused`(_ index: Int)
        throws
    {
        let (limit, make, ask) = Self.forbidden[index]
        let session = try session(make)
        #expect(throws: InitiateError.sessionForbids(limit)) { try state(session, ask) }
    }

    @Test func `S42 a session's parameters are its flows', where the integration has them`() throws {
        let session = try session { $0.parameters = ["tenant": "contoso.example"] }
        #expect(
            try state(session) { $0.integrationID = "microsoft" }.parameters == ["tenant": "contoso.example"])
        #expect(try state(session).parameters.isEmpty)
    }

    @Test func `S11 where an integration must be confirmed a session's flow is refused`() throws {
        var other = self
        other.deployment.settings = ServiceSettings(
            publicURL: deployment.settings.publicURL,
            confirmation: ConfirmationRequirement(integrations: ["sample": .required]))
        let session = try session { _ in }
        #expect(throws: InitiateError.bindingRequired) { try other.state(session) }
    }
}
