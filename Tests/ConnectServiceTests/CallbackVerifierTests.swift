import ConnectService
import Connections
import Integrations
import OAuth
import StateTokens
import Testing

@Suite("CallbackVerifier") struct CallbackVerifierTests {
    private var deployment: Deployment

    init() throws { deployment = try Deployment(catalog: Catalogs.sample()) }

    @Test func `a code with a good state is authorized`() throws {
        let flow = try deployment.begin()
        guard case .authorized(let authorized) = deployment.callback("code=c%2F1&state=\(flow.state)") else {
            Issue.record("refused")
            return
        }
        #expect(authorized.grant.code == "c/1")
        #expect(authorized.stateText == flow.state)
        #expect(authorized.integration.id == "sample")
        #expect(authorized.verified.flowID == flow.flowID)
        #expect(
            authorized.destination.redirectURI == Deployment.redirectURI
                && authorized.destination.flowID == flow.flowID)
    }

    @Test(arguments: ["access_denied", "server_error", "login_required", "consent_required"])
    func `the provider's error is passed on`(_ code: String) throws {
        let flow = try deployment.begin()
        guard
            case .ended(let destination, let failure) = deployment.callback(
                "error=\(code)&error_description=No+thanks&state=\(flow.state)")
        else {
            Issue.record("not ended")
            return
        }
        #expect(failure == .provider(code: code, description: "No thanks"))
        #expect(destination.redirectURI == Deployment.redirectURI)
        #expect(destination.integrationID == "sample")
        #expect(destination.flowID == flow.flowID)
    }

    @Test func `S14 the provider's error reaches the app in a form that is fit for it`() throws {
        let flow = try deployment.begin()
        let query =
            "error=%3Cscript%3E&error_description=%3Cb%3E%0d%0aX:+\(String(repeating: "a", count: 400))&state="
        guard
            case .ended(_, .provider(let code, let description?)) = deployment.callback(query + flow.state)
        else {
            Issue.record("not ended")
            return
        }
        #expect(code == "unknown_error")
        #expect(description.unicodeScalars.allSatisfy { $0 == "…" || $0.value >= 0x20 && $0.isASCII })
        #expect(!description.contains { "<>\"".contains($0) })
        #expect(description.utf8.count <= 310)
    }

    // MARK: The state

    @Test func `S20 a callback without a state is refused`() throws {
        for query in [
            "", "code=a", "state=", "state=&code=a", "error=access_denied", "STATE=a&code=a", "&&&",
        ] {
            #expect(deployment.refusal(query) == .stateMissing, "\(query)")
        }
    }

    @Test(arguments: ["a", "a+b", "=", "AA==", "é", "%00", String(repeating: "A", count: 5_000), "AQ"])
    func `S01 a text that is no state is malformed`(_ text: String) {
        #expect(
            deployment.refusal("code=a&state=\(Query.encoded(text))") == .state(.malformed))
    }

    @Test(arguments: ["sample", "nowhere", "gmail", "", "unset", "../sample"])
    func `S01 a forged state leads to no look-up, whatever the path names`(_ path: String) throws {
        let forged = try deployment.begin().state.flipped
        #expect(deployment.refusal("code=a&state=\(forged)", on: path) == .state(.forged))
        #expect(
            deployment.refusal("error=a&iss=b&state=\(forged)", on: path) == .state(.forged)
        )
        #expect(deployment.refusal("state=\(forged)", on: path) == .state(.forged))
    }

    @Test
    mutating func
        `S01 a forged state is forged before workspace, redirect URI and integration are looked at`() throws
    {
        let forged = try deployment.begin().state.flipped
        deployment.workspaces = WorkspaceDirectory([])
        deployment.registry = try Deployment.registry(nil)
        #expect(deployment.refusal("code=a&state=\(forged)") == .state(.forged))
    }

    @Test func `S02 no changed octet of a state is accepted`() throws {
        let state = try deployment.begin().state
        for index in 0..<state.utf8.count {
            for replacement in ["A", "B", "_"] {
                var octets = Array(state.utf8)
                guard octets[index] != replacement.utf8.first else { continue }
                octets[index] = replacement.utf8.first ?? 0
                let verdict = deployment.callback("code=a&state=\(String(decoding: octets, as: UTF8.self))")
                guard case .refused(.state) = verdict else {
                    Issue.record("accepted at \(index): \(verdict)")
                    return
                }
            }
        }
    }

    @Test func `S05 the state of another deployment is forged`() throws {
        let other = try Deployment(catalog: Catalogs.sample(), publicURL: "https://other.example.com")
        #expect(
            deployment.refusal("code=a&state=\(try other.begin().state)") == .state(.forged)
        )
    }

    @Test func `a state of a key that is not in the ring names it`() throws {
        let state = try deployment.begin().state
        deployment.stateKeyring.replace(with: try TestKeys.ring([TestKeys.key(2)]))
        #expect(
            deployment.refusal("code=a&state=\(state)")
                == .state(.unknownKey(KeyID(rawValue: 1))))
    }

    @Test(arguments: ["code=a", "error=access_denied"])
    func `S33 a state under a disabled key causes no redirect`(_ query: String) throws {
        let state = try deployment.begin().state
        deployment.stateKeyring.replace(
            with: try TestKeys.ring([TestKeys.key(1, status: .disabled), TestKeys.key(2)]))
        let disabled = StateTokenError.disabledKey(KeyID(rawValue: 1))
        #expect(deployment.refusal("\(query)&state=\(state)") == .state(disabled))
        deployment.clock.advance(by: .seconds(3_600))
        #expect(
            deployment.refusal("\(query)&state=\(state)") == .state(disabled),
            "expired makes no difference")
    }

    @Test func `a state from the future is refused beyond the skew`() throws {
        let state = try deployment.begin().state
        deployment.clock.advance(by: .seconds(-60))
        guard case .authorized = deployment.callback("code=a&state=\(state)") else {
            Issue.record("clocks may differ by a minute")
            return
        }
        deployment.clock.advance(by: .seconds(-1))
        guard case .state(.notYetValid) = deployment.refusal("code=a&state=\(state)") else {
            Issue.record("a state from the future is believed")
            return
        }
    }

    @Test(arguments: ["code=a", "error=access_denied", "", "code=a&code_x=b"])
    func `an expired state still says where to go`(_ query: String) throws {
        let flow = try deployment.begin()
        deployment.clock.advance(by: .seconds(600))
        guard case .ended(let destination, let failure) = deployment.callback("\(query)&state=\(flow.state)")
        else {
            Issue.record("not ended")
            return
        }
        #expect(failure == .stateExpired)
        #expect(destination.redirectURI == Deployment.redirectURI)
    }

    @Test func `a state is good to its last second`() throws {
        let flow = try deployment.begin()
        deployment.clock.advance(by: .seconds(599))
        guard case .authorized = deployment.callback("code=a&state=\(flow.state)") else {
            Issue.record("refused")
            return
        }
    }

    @Test func `the parts of a refusal have names of their own for logs`() {
        let id = KeyID(rawValue: 7)
        let errors: [CallbackVerificationError] = [
            .stateMissing, .state(.malformed), .state(.unknownKey(id)), .state(.disabledKey(id)),
            .state(.forged), .state(.unreadable), .otherIntegration, .otherContext,
        ]
        #expect(Set(errors.map(\.name)).count == errors.count)
        #expect(errors.allSatisfy { $0.name.hasPrefix("state_") })
        #expect(errors.compactMap(\.keyID) == [id, id])
    }
}

extension Deployment {
    /// Why a callback is refused; `nil` if it is not.
    func refusal(_ query: String, on integrationID: String = "sample") -> CallbackVerificationError? {
        guard case .refused(let refusal) = callback(query, on: integrationID) else { return nil }
        return refusal
    }
}

extension String {
    /// With another last-but-one character, which belongs to the tag.
    var flipped: String {
        var octets = Array(utf8)
        octets[octets.count - 2] =
            octets[octets.count - 2] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        return String(decoding: octets, as: UTF8.self)
    }
}
