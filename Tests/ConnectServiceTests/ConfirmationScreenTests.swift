import ConnectService
import Connections
import Integrations
import OAuth
import StateTokens
import Testing

/// `confirm: screen`: the user answers on our page before anything is exchanged.
@Suite("Confirmation screen") struct ConfirmationScreenTests {
    private var deployment: Deployment

    init() throws {
        deployment = try Deployment(catalog: Catalogs.sample("callback: {fields: [realmId]}"))
        deployment.workspaces = try Self.workspaces(.screen)
    }

    private static func workspaces(
        _ confirmation: ConfirmationMode?, label: String? = "Acme",
        integrations: [String: WorkspaceIntegration] = [:]
    ) throws -> WorkspaceDirectory {
        try Deployment.workspaces(
            [Deployment.redirectURI], label: label, confirmation: confirmation, integrations: integrations)
    }

    private func command(binding: String? = nil, screen: Bool = false, label: String? = "Ada")
        -> InitiateCommand
    {
        var command = InitiateCommand(
            integrationID: "sample", scopes: ["read", "write"], redirectURI: Deployment.redirectURI,
            binding: binding, appState: "x")
        command.screen = screen
        command.userLabel = label
        return command
    }

    private func state(of flow: InitiatedFlow) throws -> FlowState {
        try deployment.codec.verify(flow.state, at: deployment.clock.now).state
    }

    private func question(_ flow: InitiatedFlow, _ query: String = "code=c1") throws -> ScreenQuestion {
        guard case .asked(let question) = deployment.callback("\(query)&state=\(flow.state)") else {
            Issue.record("not asked")
            throw TicketVerificationError.unavailable
        }
        return question
    }

    private func refusal(of ticket: String, in changed: Deployment? = nil) async -> TicketVerificationError? {
        do throws(TicketVerificationError) {
            _ = try await (changed ?? deployment).verifyTicket.verifyScreen(ticket)
            return nil
        } catch {
            return error
        }
    }

    // MARK: What is asked

    @Test func `S43 the callback asks by the names in the state and the configuration, and yes is a flow`()
        async throws
    {
        let flow = try deployment.begin(command(), userID: "usr_1")
        let question = try question(
            flow, "code=c%2F1&realmId=42&scope=admin&user_label=Mallory&app=Evil&integration=Evil")
        #expect(question.appName == "Acme" && question.userName == "Ada")
        #expect(question.scopes == ["read", "write"])
        #expect(question.destination.redirectURI == Deployment.redirectURI)
        #expect(question.destination.flowID == flow.flowID && question.destination.appState == "x")
        let authorized = try await deployment.verifyTicket.verifyScreen(question.ticket)
        #expect(authorized.verified.flowID == flow.flowID && authorized.stateText == flow.state)
        #expect(authorized.grant.code == "c/1" && authorized.grant.fields == ["realmId": "42"])
    }

    @Test mutating func `what the app left out is named by its id, or not at all`() throws {
        deployment.workspaces = try Self.workspaces(.screen, label: nil)
        #expect(try question(try deployment.begin(command())).appName == Deployment.workspaceID)
        for (label, id, name) in [
            (nil, "usr_1", "usr_1"), ("", "usr_1", "usr_1"), (nil, nil, nil), ("Ada", nil, "Ada"),
        ] as [(String?, String?, String?)] {
            let flow = try deployment.begin(command(label: label), userID: id)
            #expect(try question(flow).userName == name)
        }
    }

    @Test(arguments: [256, 257]) func `a name of more than 256 octets begins no flow`(_ count: Int) throws {
        let command = command(label: "é" + String(repeating: "x", count: count - 2))
        if count == 256 {
            _ = try deployment.begin(command)
        } else {
            #expect(throws: InitiateError.userLabelTooLong) { try deployment.begin(command) }
        }
    }

    @Test(arguments: [
        "\u{202E}adA", "Ada\u{2066}", "Ada\nLovelace", "Ada\u{0}", "\u{200B}Ada", "\u{E000}", "   ",
    ])
    func `S43 a name that hides or turns what stands beside it begins no flow`(_ name: String) throws {
        #expect(throws: InitiateError.invalidUserLabel) { try deployment.begin(command(label: name)) }
    }

    @Test(arguments: ["Ada Lovelace", "עדה לאבלייס", "Ada 👩‍🔬", "A"])
    func `a name in any script begins a flow`(_ name: String) throws {
        #expect(try question(try deployment.begin(command(label: name))).userName == name)
    }

    @Test mutating func `a flow that asks nobody carries neither the question nor the name`() throws {
        let bound = try state(of: try deployment.begin(command(binding: Secret.a.binding)))
        #expect(!bound.screen && bound.userLabel == nil && bound.binding != nil)
        deployment.workspaces = try Self.workspaces(nil)
        let direct = try state(of: try deployment.begin(command()))
        #expect(!direct.screen && direct.userLabel == nil)
    }

    // MARK: Where it is asked

    static let places: [(ConfirmationMode?, ConfirmationMode?, ConfirmationMode?, ConfirmationMode?)] = [
        (nil, nil, nil, nil), (.screen, nil, nil, .screen), (nil, .screen, nil, .screen),
        (nil, nil, .screen, .screen), (.required, .screen, .screen, .required),
        (.screen, .required, .screen, .required), (.screen, .screen, .required, .required),
        (.screen, .screen, .screen, .screen), (.required, nil, nil, .required),
    ]

    @Test(arguments: places.indices)
    mutating func `S43 the strictest of workspace, integration and both holds`(_ index: Int) throws {
        let (workspace, general, own, expected) = Self.places[index]
        deployment.workspaces = try Self.workspaces(
            workspace, integrations: own.map { ["sample": WorkspaceIntegration(confirmation: $0)] } ?? [:])
        deployment.settings = ServiceSettings(
            publicURL: deployment.settings.publicURL,
            confirmation: ConfirmationRequirement(integrations: general.map { ["sample": $0] } ?? [:]))
        if expected == .required {
            #expect(throws: InitiateError.bindingRequired) { try deployment.begin(command()) }
            #expect(throws: InitiateError.bindingRequired) { try deployment.begin(command(screen: true)) }
        } else {
            #expect(try state(of: try deployment.begin(command())).screen == (expected == .screen))
            #expect(try state(of: try deployment.begin(command(screen: true))).screen)
        }
    }

    @Test mutating func `S37 S43 a flow is asked about if it began so, and if it is to be now`() throws {
        let sealed = try deployment.begin(command())
        deployment.workspaces = try Self.workspaces(nil)
        #expect(try question(sealed).userName == "Ada")
        let before = try deployment.begin(command())
        guard case .authorized = deployment.callback("code=a&state=\(before.state)") else {
            Issue.record("not authorized")
            return
        }
        deployment.workspaces = try Self.workspaces(.screen)
        #expect(try question(before).userName == nil)
    }

    @Test func `a binding proves more than the page, so nobody is asked`() throws {
        let flow = try deployment.begin(command(binding: Secret.a.binding))
        guard case .handedOver = deployment.callback("code=a&state=\(flow.state)") else {
            Issue.record("not handed over")
            return
        }
        var both = try state(of: flow)
        both.screen = true
        guard case .handedOver = deployment.callback("code=a&state=\(try deployment.seal(both))") else {
            Issue.record("not handed over")
            return
        }
    }

    @Test func `the provider's error asks nobody`() throws {
        let flow = try deployment.begin(command())
        #expect(
            deployment.end("error=access_denied&state=\(flow.state)")
                == .provider(code: "access_denied", description: nil))
    }

    // MARK: The ticket

    @Test
    func `S05 S43 a ticket of the page and one for the app's server are worth nothing in each other's place`()
        async throws
    {
        let asked = try question(try deployment.begin(command())).ticket
        #expect(deployment.refusal(of: asked, with: .a) == .ticket(.unopened(.forged)))
        let bound = try deployment.begin(command(binding: Secret.a.binding))
        let handed = try deployment.ticket(bound, code: "a")
        #expect(await refusal(of: handed) == .ticket(.unopened(.forged)))
        for text in [bound.state, "", "AAAA", bound.flowID.description] {
            guard case .ticket(.unopened) = await refusal(of: text) else {
                Issue.record("\(text) is a ticket")
                continue
            }
        }
    }

    @Test func `S11 S43 a flow with a binding is not completed by the page, whatever its ticket`()
        async throws
    {
        let bound = try deployment.begin(command(binding: Secret.a.binding))
        let ticket = try deployment.tickets.encode(
            Ticket(issuedAt: deployment.clock.now, stateText: bound.state, code: "a"), as: .screen,
            at: deployment.clock.now)
        #expect(await refusal(of: ticket) == .bound)
    }

    @Test func `S43 an answer is good for two minutes`() async throws {
        let ticket = try question(try deployment.begin(command())).ticket
        deployment.clock.advance(by: .seconds(119))
        #expect(await refusal(of: ticket) == nil)
        deployment.clock.advance(by: .seconds(1))
        #expect(await refusal(of: ticket) == .ticket(.expired))
    }

    @Test func `S37 S43 what changed while the page was open ends it`() async throws {
        let ticket = try question(try deployment.begin(command())).ticket
        #expect(await refusal(of: ticket) == nil)
        for (workspaces, expected) in [
            (try Self.workspaces(.required), .standing(.changed)),
            (
                try Deployment.workspaces(["https://app.example.com/elsewhere"]),
                .standing(.redirectURINotAllowed)
            ),
        ] as [(WorkspaceDirectory, TicketVerificationError)] {
            var changed = deployment
            changed.workspaces = workspaces
            let found = await refusal(of: ticket, in: changed)
            #expect(found == expected)
        }
        var changed = deployment
        changed.registry = try Deployment.registry(Catalogs.sample(), clientID: "another")
        let found = await refusal(of: ticket, in: changed)
        #expect(found == .standing(.changed))
    }

    @Test func `S33 a key that was disabled meanwhile ends it`() async throws {
        let ticket = try question(try deployment.begin(command())).ticket
        deployment.stateKeyring.replace(
            with: try TestKeys.ring([TestKeys.key(1, status: .disabled), TestKeys.key(2)]))
        #expect(
            await refusal(of: ticket)
                == .ticket(.unopened(.disabledKey(KeyID(rawValue: 1)))))
    }

    @Test func `S08 a question is asked again with a ticket of its own, until its state has expired`()
        async throws
    {
        let first = try question(try deployment.begin(command()))
        let flow = try await deployment.verifyTicket.verifyScreen(first.ticket)
        deployment.clock.advance(by: .seconds(100))
        let second = try #require(try deployment.verifyTicket.question(again: flow))
        #expect(second.ticket != first.ticket && second.userName == "Ada" && second.appName == "Acme")
        deployment.clock.advance(by: .seconds(100))
        #expect(await refusal(of: first.ticket) == .ticket(.expired))
        #expect(await refusal(of: second.ticket) == nil)
        deployment.clock.advance(by: .seconds(399))
        let last = try deployment.verifyTicket.question(again: flow)
        #expect(last != nil)
        deployment.clock.advance(by: .seconds(1))
        let late = try deployment.verifyTicket.question(again: flow)
        #expect(late == nil)
    }
}
