import ConnectService
import Connections
import Integrations
import MetricsTestKit
import OAuth
import StateTokens
import Testing

@Suite("TicketVerifier") struct TicketVerifierTests {
    private var deployment: Deployment

    init() throws {
        deployment = try Deployment(catalog: Catalogs.sample("callback: {fields: [realmId]}"))
    }

    private func command(_ secret: Secret = .a, connectionID: String? = nil) -> InitiateCommand {
        InitiateCommand(
            integrationID: "sample", redirectURI: Deployment.redirectURI, binding: secret.binding,
            connectionID: connectionID, appState: "x")
    }

    private func ticket(_ secret: Secret = .a, userID: String? = nil, code: String = "c/1") throws -> String {
        try deployment.ticket(try deployment.begin(command(secret), userID: userID), code: code)
    }

    @Test func `the session that began a flow completes it`() throws {
        let flow = try deployment.begin(command())
        let query = "code=c%2F1&realmId=42&junk=x&state=\(flow.state)"
        guard case .handedOver(let destination, let ticket) = deployment.callback(query) else {
            Issue.record("not handed over")
            return
        }
        #expect(destination.redirectURI == Deployment.redirectURI && destination.appState == "x")
        let authorized = try deployment.complete(ticket, with: .a)
        #expect(authorized.verified.flowID == flow.flowID)
        #expect(authorized.stateText == flow.state)
        #expect(authorized.grant == AuthorizationGrant(code: "c/1", fields: ["realmId": "42"]))
        #expect(authorized.integration.id == "sample")
        #expect(authorized.endpoints.token.hasSuffix("/token/sample"))
    }

    // MARK: S11

    @Test func `S11 user A's flow cannot be completed by user B's session, and the other way round`() throws {
        let (a, b) = (try ticket(.a), try ticket(.b))
        #expect(deployment.refusal(of: a, with: .b) == .bindingMismatch)
        #expect(deployment.refusal(of: b, with: .a) == .bindingMismatch)
        _ = try deployment.complete(a, with: .a)
        _ = try deployment.complete(b, with: .b)
    }

    @Test(arguments: ["", " ", "the secret in the session of user ", "the secret in the session of user a"])
    func `S11 without the secret a ticket is worth nothing`(_ secret: String) throws {
        let ticket = try ticket()
        #expect(deployment.refusal(of: ticket, with: Secret(text: secret)) == .bindingMismatch)
        #expect(deployment.refusal(of: ticket, with: Secret(text: Secret.a.binding)) == .bindingMismatch)
        #expect(deployment.refusal(of: ticket, with: Secret(text: Secret.a.text + "\n")) == .bindingMismatch)
    }

    @Test(arguments: ["wsp_other", "", "wsp_12345678", "WSP_123456789"])
    func `S11 S22 another workspace's credential completes nothing`(_ workspaceID: String) throws {
        let ticket = try ticket()
        #expect(
            deployment.refusal(of: ticket, with: .a, workspaceID: workspaceID) == .otherWorkspace)
    }

    @Test(
        arguments: [
            ("user_a", "user_b", false), ("user_a", "user_a", true), ("user_a", nil, true),
            (nil, "user_b", false), (nil, nil, true), ("\u{e9}", "e\u{301}", false),
        ] as [(String?, String?, Bool)])
    func `S11 a credential that names a user completes that user's flows only`(
        _ owner: String?, _ caller: String?, _ isAllowed: Bool
    ) throws {
        let ticket = try ticket(userID: owner)
        let refusal = deployment.refusal(of: ticket, with: .a, userID: caller)
        #expect(refusal == (isAllowed ? nil : .otherUser))
    }

    @Test
    mutating func `S11 where the workspace requires a binding, a flow without one is stopped everywhere`()
        throws
    {
        let before = try deployment.begin()
        deployment.workspaces = try Deployment.workspaces(
            [Deployment.redirectURI], confirmation: .required)
        // The attacker's own initiate, with the binding stripped.
        #expect(throws: InitiateError.bindingRequired) { try deployment.begin() }
        #expect(throws: InitiateError.bindingRequired) {
            try deployment.begin(InitiateCommand(integrationID: "sample"))
        }
        // One from before the requirement.
        #expect(deployment.end("code=a&state=\(before.state)") == .restart)
        _ = try deployment.complete(try ticket(), with: .a)
    }

    @Test mutating func `S11 an integration may require a binding, and the others go on without`() throws {
        deployment.registry = try Deployment.registry(
            "integrations:\n" + ["sample", "plain"].map { Catalogs.entry(id: $0) }.joined())
        let before = try deployment.begin("sample")
        deployment.settings = ServiceSettings(
            publicURL: deployment.settings.publicURL,
            confirmation: ConfirmationRequirement(integrations: ["sample": .required]))
        #expect(throws: InitiateError.bindingRequired) { try deployment.begin("sample") }
        #expect(deployment.end("code=a&state=\(before.state)") == .restart)
        let plain = try deployment.begin("plain")
        guard case .authorized = deployment.callback("code=a&state=\(plain.state)", on: "plain") else {
            Issue.record("stopped")
            return
        }
        _ = try deployment.complete(try ticket(), with: .a)
    }

    @Test func `S11 S12 a ticket of a flow without a binding completes nothing, whatever the secret`() throws
    {
        let flow = try deployment.begin()
        let ticket = try deployment.tickets.encode(
            Ticket(issuedAt: deployment.clock.now, stateText: flow.state, code: "a"), at: deployment.clock.now
        )
        for text in ["", flow.state, flow.flowID.description] {
            #expect(deployment.refusal(of: ticket, with: Secret(text: text)) == .unbound)
        }
    }

    @Test func `S12 a state, a flow id or a callback is no ticket`() throws {
        let flow = try deployment.begin(command())
        #expect(deployment.refusal(of: flow.state, with: .a) == .ticket(.unopened(.forged)))
        #expect(
            deployment.refusal(of: flow.flowID.description, with: .a)
                == .ticket(.unopened(.malformed)))
        #expect(
            deployment.refusal(of: "code=a&state=\(flow.state)", with: .a)
                == .ticket(.unopened(.malformed)))
        #expect(deployment.refusal(of: "", with: .a) == .ticket(.unopened(.malformed)))
    }

    // MARK: What stands

    @Test mutating func `S37 a workspace that is gone, or a redirect URI off its list, ends a ticket`() throws
    {
        let ticket = try ticket()
        deployment.workspaces = try Deployment.workspaces([Deployment.redirectURI], id: "wsp_other")
        #expect(deployment.refusal(of: ticket, with: .a) == .standing(.redirectURINotAllowed))
        deployment.workspaces = try Deployment.workspaces([Deployment.redirectURI + "/"])
        #expect(deployment.refusal(of: ticket, with: .a) == .standing(.redirectURINotAllowed))
    }

    @Test mutating func `S35 S37 an integration that is gone or changed ends a ticket`() throws {
        let ticket = try ticket()
        deployment.registry = try Deployment.registry(nil)
        #expect(deployment.refusal(of: ticket, with: .a) == .standing(.changed))
        deployment.registry = try Deployment.registry(Catalogs.sample(), clientID: "another")
        #expect(deployment.refusal(of: ticket, with: .a) == .standing(.changed))
        deployment.registry = try Deployment.registry(
            Catalogs.sample().replacing("/token/sample", with: "/token/other"))
        #expect(deployment.refusal(of: ticket, with: .a) == .standing(.changed))
    }

    @Test func `S37 a binding without a redirect URI hands nothing over`() throws {
        var state = try deployment.codec.verify(
            try deployment.begin(command()).state, at: deployment.clock.now
        ).state
        state.redirectURI = nil
        #expect(deployment.end("code=a&state=\(try deployment.seal(state))") == .restart)
    }

    @Test func `S33 a key that was disabled meanwhile ends the flow at the callback and after it`() throws {
        let flow = try deployment.begin(command())
        let ticket = try deployment.ticket(flow, code: "a")
        deployment.stateKeyring.replace(
            with: try TestKeys.ring([TestKeys.key(1, status: .disabled), TestKeys.key(2)]))
        let id = KeyID(rawValue: 1)
        #expect(
            deployment.refusal("code=a&state=\(flow.state)") == .state(.disabledKey(id)))
        #expect(
            deployment.refusal(of: ticket, with: .a) == .ticket(.unopened(.disabledKey(id))))
    }

    @Test func `a ticket that is too old is refused`() throws {
        let ticket = try ticket()
        deployment.clock.advance(by: .seconds(119))
        _ = try deployment.complete(ticket, with: .a)
        deployment.clock.advance(by: .seconds(1))
        #expect(deployment.refusal(of: ticket, with: .a) == .ticket(.expired))
    }

    @Test func `S20 a code of 2,300 octets and a callback of 16 kB are handed over`() throws {
        let flow = try deployment.begin(command())
        let code = String(repeating: "0.AVMA_x", count: 288)
        #expect(try deployment.complete(try deployment.ticket(flow, code: code), with: .a).grant.code == code)
        let rest = 16_384 - flow.state.utf8.count - "state=&code=".utf8.count
        let longest = String(repeating: "c", count: rest)
        let ticket = try deployment.ticket(flow, code: longest)
        #expect(try deployment.complete(ticket, with: .a).grant.code == longest)
    }

    @Test func `the provider's error needs no ticket`() throws {
        let flow = try deployment.begin(command())
        #expect(
            deployment.end("error=access_denied&error_description=No&state=\(flow.state)")
                == .provider(code: "access_denied", description: "No"))
        deployment.clock.advance(by: .seconds(600))
        #expect(deployment.end("code=a&state=\(flow.state)") == .stateExpired)
    }

    @Test func `refusals are counted by their reason`() throws {
        let metrics = TestMetrics()
        let counts = TicketCounts(metrics: metrics)
        let verify = TicketVerifier(
            tickets: deployment.tickets, standing: deployment.standing, counts: counts,
            now: { [deployment] in deployment.clock.now })
        let ticket = try ticket()
        for (text, secret) in [(ticket, Secret.b), (ticket, .b), ("AAAA", .a), (ticket, .a)] {
            _ = try? verify.verifyNow(
                CompleteCommand(ticket: text, bindingSecret: secret.text),
                workspaceID: Deployment.workspaceID, userID: nil)
        }
        func refused(_ reason: String) -> Int64? {
            try? metrics.expectCounter("symbolon_ticket_refusals_total", [("reason", reason)]).totalValue
        }
        #expect(refused("binding_mismatch") == 2 && refused("ticket_malformed") == 1)
        #expect(refused("ticket_forged") == nil)
    }
}

extension Deployment {
    /// The ticket that a flow's callback hands over.
    func ticket(_ flow: InitiatedFlow, code: String) throws -> String {
        let verdict = callback("state=\(flow.state)&code=\(code)", on: flow.integrationID)
        guard case .handedOver(_, let ticket) = verdict else {
            Issue.record("not handed over: \(verdict)")
            throw TicketVerificationError.unavailable
        }
        return ticket
    }

    func complete(
        _ ticket: String, with secret: Secret, workspaceID: String = workspaceID, userID: String? = nil
    ) throws(TicketVerificationError) -> AuthorizedFlow {
        try verifyTicket.verifyNow(
            CompleteCommand(ticket: ticket, bindingSecret: secret.text), workspaceID: workspaceID,
            userID: userID)
    }

    /// Why a ticket completes nothing; `nil` if it would.
    func refusal(
        of ticket: String, with secret: Secret, workspaceID: String = workspaceID, userID: String? = nil
    ) -> TicketVerificationError? {
        do throws(TicketVerificationError) {
            _ = try complete(ticket, with: secret, workspaceID: workspaceID, userID: userID)
            return nil
        } catch {
            return error
        }
    }
}
