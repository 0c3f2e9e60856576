import ConnectService
import Integrations
import StateTokens
import Testing

@Suite("InitiateFlow") struct InitiateFlowTests {
    private static let scopes = [
        "https://www.googleapis.com/auth/gmail.readonly", "https://www.googleapis.com/auth/gmail.send",
    ]
    private let deployment: Deployment

    init() throws {
        deployment = try Deployment(
            clientID: "1234.apps.googleusercontent.com",
            redirectURIs: [Self.redirectURI, Deployment.redirectURI])
    }

    /// 46 characters: the usual length.
    private static let redirectURI = "https://app.example.com/integrations/connected"

    @Test func `the example of Gmail gives a URL that reads back field by field`() throws {
        let flow = try deployment.begin(
            InitiateCommand(integrationID: "gmail", scopes: Self.scopes, redirectURI: Self.redirectURI))
        let url = Query.parse(url: flow.authorizationURL)
        #expect(url.base == "https://accounts.google.com/o/oauth2/v2/auth")
        let state = try deployment.codec.verify(flow.state, at: deployment.clock.now).state
        let expected = [
            "client_id": "1234.apps.googleusercontent.com", "response_type": "code",
            "redirect_uri": "https://connect.example.com/api/v1/oauth/callback/gmail",
            "scope": (Self.scopes + ["openid", "email"]).joined(separator: " "), "state": flow.state,
            "nonce": flow.flowID.nonce, "code_challenge_method": "S256",
            "code_challenge": try #require(state.codeVerifier).codeChallenge, "access_type": "offline",
            "prompt": "consent",
        ]
        #expect(url.fields == expected)
        #expect(url.count == expected.count, "no field comes twice")
        #expect(flow.integrationID == "gmail")
        #expect(flow.state.utf8.count <= 250)
        #expect(flow.authorizationURL.utf8.count <= 2_000)
    }

    @Test func `the state carries the flow's trace within its measure, and nothing of one without`() throws {
        var command = InitiateCommand(
            integrationID: "gmail", scopes: Self.scopes, redirectURI: Self.redirectURI)
        let plain = try deployment.begin(command)
        #expect(!plain.isTraced)
        command.traceID = TraceID(octets: Array(1...16))
        let flow = try deployment.begin(command)
        #expect(flow.isTraced)
        #expect(flow.state.utf8.count <= 290)
        #expect(flow.state.utf8.count > plain.state.utf8.count && plain.state.utf8.count <= 250)
        let state = try deployment.codec.verify(flow.state, at: deployment.clock.now).state
        #expect(state.traceID == command.traceID)
    }

    @Test func `S28 a state that a trace would make too long goes without it`() throws {
        func deployment(limit: Int) throws -> Deployment {
            try Deployment(
                catalog: "integrations:\n" + Catalogs.entry(id: "sample", "max_state_length: \(limit)"))
        }
        var command = InitiateCommand(integrationID: "sample")
        let length = try deployment(limit: 500).begin(command).state.utf8.count
        command.traceID = TraceID(octets: Array(1...16))
        let limited = try deployment(limit: length)
        let traced = command
        let flow = try limited.begin(traced)
        #expect(!flow.isTraced && flow.state.utf8.count == length)
        #expect(try limited.codec.verify(flow.state, at: limited.clock.now).state.traceID == nil)
        // What is too long without a trace stays so.
        #expect(throws: InitiateError.stateTooLong(characterCount: length, limit: 64)) {
            try deployment(limit: 64).begin(traced)
        }
    }

    @Test func `a URL that a trace would make too long goes without it`() throws {
        let traceID = TraceID(octets: Array(1...16))
        // A scope is in the state and in the URL: it grows until only the trace is too much.
        let untraced = try (100..<512).first { count in
            var command = InitiateCommand(
                integrationID: "gmail",
                scopes: ["a", "b", "c"].map { $0 + String(repeating: "x", count: count) })
            command.traceID = traceID
            return try !deployment.begin(command).isTraced
        }
        #expect(untraced != nil)
    }

    @Test func `the state says whether a new connection is wanted, which is no renewal`() throws {
        var command = InitiateCommand(integrationID: "gmail")
        func state() throws -> FlowState {
            try deployment.codec.verify(deployment.begin(command).state, at: deployment.clock.now).state
        }
        #expect(try !state().newConnection)
        command.newConnection = true
        #expect(try state().newConnection)
        command.connectionID = "conn_AAAAAAAAAAAAAAAAAAAAAA"
        #expect(throws: InitiateError.newWithConnectionID) { try deployment.begin(command) }
    }

    @Test func `the state carries the whole flow`() throws {
        let flow = try deployment.begin(
            InitiateCommand(
                integrationID: "microsoft", scopes: ["User.Read"], redirectURI: Self.redirectURI,
                parameters: ["tenant": "contoso.example"], connectionID: "conn_AAAAAAAAAAAAAAAAAAAAAA",
                appState: "back to /a?b=c", label: "Ada's mail", tags: ["plan": "pro", "é": ""]),
            userID: "user_1")
        let verified = try deployment.codec.verify(flow.state, at: deployment.clock.now)
        let state = verified.state
        #expect(verified.flowID == flow.flowID)
        #expect(state.issuedAt == deployment.clock.now)
        #expect(state.lifetime == deployment.settings.stateLifetime)
        #expect(state.integrationID == "microsoft")
        #expect(state.authMethodID == "oauth2")
        #expect(state.workspaceID == Deployment.workspaceID)
        #expect(state.userID == "user_1")
        #expect(state.scopes == ["User.Read", "openid", "profile", "email", "offline_access"])
        #expect(state.redirectURI == Self.redirectURI)
        #expect(state.parameters == ["tenant": "contoso.example"])
        #expect(state.connectionID == "conn_AAAAAAAAAAAAAAAAAAAAAA")
        #expect(state.appState == "back to /a?b=c")
        #expect(state.label == "Ada's mail" && state.tags == ["plan": "pro", "é": ""])
        #expect(state.binding == nil)
    }

    @Test func `S16 every flow has a challenge of its own, and never its verifier in the URL`() throws {
        var challenges: Set<String> = []
        for _ in 0..<500 {
            let flow = try deployment.begin("gmail")
            let fields = Query.parse(url: flow.authorizationURL).fields
            let state = try deployment.codec.verify(flow.state, at: deployment.clock.now).state
            let verifier = try #require(state.codeVerifier)
            #expect(!flow.authorizationURL.contains(verifier.text))
            challenges.insert(try #require(fields["code_challenge"]))
        }
        #expect(challenges.count == 500)
    }

    @Test func `S16 a provider without PKCE gets no challenge, and its state no verifier`() throws {
        let flow = try deployment.begin("slack")
        let fields = Query.parse(url: flow.authorizationURL).fields
        #expect(fields["code_challenge"] == nil)
        #expect(fields["code_challenge_method"] == nil)
        #expect(try deployment.codec.verify(flow.state, at: deployment.clock.now).state.codeVerifier == nil)
    }

    @Test func `without scopes the integration's own are asked for`() throws {
        let scope = Query.parse(url: try deployment.begin("gmail").authorizationURL).fields["scope"]
        #expect(scope == "https://www.googleapis.com/auth/gmail.readonly openid email")
    }

    @Test func `scopes that the integration needs are always asked for`() throws {
        let flow = try deployment.begin(InitiateCommand(integrationID: "microsoft", scopes: ["Mail.Read"]))
        let scope = try #require(Query.parse(url: flow.authorizationURL).fields["scope"])
        #expect(scope == "Mail.Read openid profile email offline_access")
    }

    @Test func `a flow without redirect URI ends on our own page`() throws {
        let flow = try deployment.begin(InitiateCommand(integrationID: "gmail"))
        #expect(try deployment.codec.verify(flow.state, at: deployment.clock.now).state.redirectURI == nil)
    }

    @Test func `an empty app state is none`() throws {
        let flow = try deployment.begin(InitiateCommand(integrationID: "gmail", appState: ""))
        #expect(try deployment.codec.verify(flow.state, at: deployment.clock.now).state.appState == nil)
    }

    @Test func `an empty label is none, and without label and tags a state is as long as before`() throws {
        let plain = try deployment.begin(InitiateCommand(integrationID: "gmail"))
        let flow = try deployment.begin(InitiateCommand(integrationID: "gmail", label: "", tags: [:]))
        #expect(try deployment.codec.verify(flow.state, at: deployment.clock.now).state.label == nil)
        #expect(flow.state.utf8.count == plain.state.utf8.count)
    }

    @Test func `label and tags count towards the state's length`() throws {
        let plain = try deployment.begin(InitiateCommand(integrationID: "gmail"))
        let flow = try deployment.begin(
            InitiateCommand(integrationID: "gmail", label: "Ada", tags: ["plan": "pro"]))
        // "Ada" with its length, how many tags there are, "plan" and "pro" with their lengths: 14 octets.
        #expect(flow.state.utf8.count - plain.state.utf8.count == 19)
    }

    @Test func `a nonce is sent with openid, and is the flow's`() throws {
        let flow = try deployment.begin(InitiateCommand(integrationID: "gmail", scopes: ["openid"]))
        let fields = Query.parse(url: flow.authorizationURL).fields
        #expect(fields["nonce"] == flow.flowID.nonce)
        #expect(flow.flowID.nonce != flow.flowID.description)
        let other = try deployment.begin(InitiateCommand(integrationID: "gmail", scopes: ["openid"]))
        #expect(other.flowID.nonce != flow.flowID.nonce)
    }

    @Test func `a template parameter stands in the authorization endpoint`() throws {
        func base(_ parameters: [String: String]) throws -> String {
            let command = InitiateCommand(integrationID: "microsoft", parameters: parameters)
            return Query.parse(url: try deployment.begin(command).authorizationURL).base
        }
        #expect(try base([:]) == "https://login.microsoftonline.com/common/oauth2/v2.0/authorize")
        #expect(
            try base(["tenant": "contoso.example"])
                == "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/authorize")
    }

    @Test func `S29 a thousand flows differ in everything and leave the parts as they were`() throws {
        var states: Set<String> = []
        var flows: Set<FlowID> = []
        for _ in 0..<1_000 {
            let flow = try deployment.begin("gmail")
            states.insert(flow.state)
            flows.insert(flow.flowID)
        }
        #expect(states.count == 1_000)
        #expect(flows.count == 1_000)
    }
}
