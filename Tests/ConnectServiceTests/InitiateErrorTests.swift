import Access
import ConnectService
import Integrations
import StateTokens
import Testing

@Suite("InitiateError") struct InitiateErrorTests {
    private let deployment: Deployment

    init() throws {
        deployment = try Deployment(
            catalog: """
                integrations:
                \(Catalogs.entry(id: "sample"))
                \(Catalogs.entry(id: "short", "max_state_length: 128"))
                \(Catalogs.entry(id: "medium", "max_state_length: 250"))
                \(Catalogs.entry(id: "chosen", "authorization: {parameters: {prompt: {value: consent, override: true}, login_hint: {override: true}, audience: fixed}}"))
                \(Catalogs.entry(id: "unset"))
                  discovered:
                    documentation: https://example.com/docs
                    issuer: https://issuer.example.com
                  shop:
                    documentation: https://example.com/docs
                    parameters: {shop: {label: Shop, kind: label}, tenant: {label: Tenant, kind: segment, default: common}}
                    authorization_endpoint: https://{shop}.shops.example/{tenant}/authorize
                    token_endpoint: https://{shop}.shops.example/{tenant}/token
                  hosted:
                    documentation: https://example.com/docs
                    parameters: {host: {label: Host, kind: host}}
                    authorization_endpoint: https://{host}/authorize
                    token_endpoint: https://{host}/token
                    token: {authentication: none}
                """)
    }

    private func error(
        _ change: (inout InitiateCommand) -> Void = { _ in }, integrationID: String = "sample",
        workspaceID: String = Deployment.workspaceID
    ) -> InitiateError? {
        var command = InitiateCommand(integrationID: integrationID)
        change(&command)
        do throws(InitiateError) {
            _ = try deployment.initiate.begin(command, workspaceID: workspaceID, userID: nil)
            return nil
        } catch {
            return error
        }
    }

    @Test func `nothing is wrong with the command that the others change`() { #expect(error() == nil) }

    @Test(arguments: ["", "nowhere", "Sample", "sample ", "sample/../gmail", "google", "*"])
    func `an integration that is not in the catalog is not found`(_ id: String) {
        #expect(error(integrationID: id) == .integrationNotFound(id))
    }

    @Test func `only what the entry lets callers choose is taken, and within bounds`() {
        func error(_ parameters: [String: String], of id: String) -> InitiateError? {
            self.error({ $0.authorizationParameters = parameters }, integrationID: id)
        }
        let known = ["prompt", "login_hint"]
        #expect(error(["prompt": "login", "login_hint": "a"], of: "chosen") == nil)
        #expect(
            error(["b": "1", "audience": "1", "prompt": "login"], of: "chosen")
                == .authorizationParametersNotAllowed(["audience", "b"], known: known))
        for name in ["state", "redirect_uri", "client_id", "scope", "code_challenge", "nonce", "Prompt", ""] {
            #expect(
                error([name: "x"], of: "chosen") == .authorizationParametersNotAllowed([name], known: known))
        }
        #expect(
            error(["prompt": "x"], of: "sample") == .authorizationParametersNotAllowed(["prompt"], known: []))
        let long = String(repeating: "é", count: InitiateFlow.maximumAuthorizationParameterLength)
        #expect(error(["prompt": long + "é"], of: "chosen") == .authorizationParameterTooLong("prompt"))
        guard case .urlTooLong = error(["prompt": long], of: "chosen") else {
            Issue.record("the URL has its own limit")
            return
        }
    }

    @Test func `S28 label and tags have at most 512 octets together`() {
        let most = ["a": String(repeating: "é", count: 100), "b": String(repeating: "x", count: 200)]
        #expect(
            error {
                $0.tags = most; $0.label = String(repeating: "é", count: 55)
            } == nil)
        #expect(
            error {
                $0.tags = most; $0.label = String(repeating: "é", count: 55) + "x"
            }
                == .annotationsTooLong(byteCount: 513, limit: 512, areTags: true))
        #expect(
            error {
                $0.tags = most; $0.label = String(repeating: "é", count: 55); $0.tags["c"] = ""
            }
                == .annotationsTooLong(byteCount: 513, limit: 512, areTags: true))
        #expect(
            error { $0.label = String(repeating: "é", count: 257) }
                == .annotationsTooLong(byteCount: 514, limit: 512, areTags: false))
        let long = Dictionary(
            uniqueKeysWithValues: (0..<10).map { ("\($0)", String(repeating: "x", count: 200)) })
        #expect(error { $0.tags = long } == .annotationsTooLong(byteCount: 2010, limit: 512, areTags: true))
    }

    @Test func `where a provider takes short states, label and tags can make one too long`() {
        func error(_ label: String, _ tags: [String: String] = [:]) -> InitiateError? {
            self.error(
                {
                    $0.label = label; $0.tags = tags
                }, integrationID: "medium")
        }
        let long = String(repeating: "x", count: 120)
        #expect(error("Ada's", ["plan": "pro"]) == nil)
        for error in [error(long), error("", ["plan": long]), error("", [long: ""])] {
            guard case .stateTooLong(_, 250) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }

    @Test func `an integration without its client says what is missing`() {
        guard case .integrationNotConfigured("unset", let settings) = error(integrationID: "unset") else {
            Issue.record("it was configured")
            return
        }
        #expect(settings.missing == ["integrations.unset.client_id", "integrations.unset.client_secret"])
    }

    @Test func `an issuer that has not been read yet is pending`() {
        #expect(error(integrationID: "discovered") == .discoveryPending("discovered"))
    }

    @Test(arguments: ["", "oauth", "OAUTH2", "api_key", "oauth2 "])
    func `an auth method that the integration lacks is not found`(_ method: String) {
        #expect(
            error({ $0.authMethodID = method }) == .authMethodNotFound(method, known: ["oauth2"]))
    }

    @Test(arguments: [
        ("", RedirectURIError.notAbsolute), ("//evil.example", .notAbsolute),
        ("/\\evil.example", .forbiddenCharacter),
        ("javascript:alert(1)", .forbiddenScheme),
        ("https://app.example.com/connected#", .forbiddenCharacter),
        ("https://user@app.example.com/connected", .userInformation),
        ("http://app.example.com/connected", .insecure),
        ("https://app.example.com/%0aconnected", .forbiddenCharacter), ("https:///connected", .badHost),
        ("https://app.example.com/\u{212a}", .forbiddenCharacter),
    ])
    func `S13 what is no redirect URI is refused`(_ uri: String, _ reason: RedirectURIError) {
        #expect(error({ $0.redirectURI = uri }) == .redirectURI(.invalid(reason)))
    }

    @Test(arguments: [
        "https://app.example.com/", "https://app.example.com/connected/",
        "https://app.example.com/connected?a=b",
        "https://evil.example/connected", "http://127.0.0.1/connected",
        "https://app.example.com:443/connected",
    ])
    func `S13 a redirect URI that is not listed is refused`(_ uri: String) {
        #expect(error({ $0.redirectURI = uri }) == .redirectURI(.notListed))
    }

    @Test(arguments: ["", "wsp_12345678", "wsp_1234567890"])
    func `S37 a workspace that is not there begins no flow`(_ workspaceID: String) {
        for redirectURI in [nil, Deployment.redirectURI] {
            #expect(error({ $0.redirectURI = redirectURI }, workspaceID: workspaceID) == .workspaceUnknown)
        }
    }

    @Test(arguments: ["", " ", "a b", "a\"b", "a\\b", "é", "a\n", "a\0", String(repeating: "a", count: 513)])
    func `a text that is no scope is refused by its place`(_ scope: String) {
        #expect(error({ $0.scopes = ["read", scope, "write"] }) == .invalidScope(index: 1))
    }

    @Test(arguments: [
        "", "A", String(repeating: "A", count: 42), String(repeating: "A", count: 44),
        String(repeating: "A", count: 42) + "B", String(repeating: "A", count: 42) + "=",
        String(repeating: "A", count: 42) + "+",
    ])
    func `S11 a text that is no SHA-256 in base64url is no binding`(_ text: String) {
        #expect(
            error({
                $0.binding = text; $0.redirectURI = Deployment.redirectURI
            }) == .invalidBinding)
    }

    @Test func `S11 a ticket needs somewhere to go`() {
        #expect(error({ $0.binding = Secret.a.binding }) == .redirectURIRequired)
    }

    @Test(arguments: ["", String(repeating: "a", count: 65)])
    func `a text that is no connection id is refused`(_ id: String) {
        #expect(error({ $0.connectionID = id }) == .invalidConnectionID)
    }

    @Test func `an app state has 128 characters at most`() {
        #expect(error({ $0.appState = String(repeating: "a", count: 128) }) == nil)
        #expect(error({ $0.appState = String(repeating: "é", count: 128) }) == nil)
        #expect(error({ $0.appState = String(repeating: "a", count: 129) }) == .appStateTooLong)
        #expect(error({ $0.appState = "e" + String(repeating: "\u{301}", count: 128) }) == .appStateTooLong)
    }

    @Test func `a state that the provider would cut is refused with the numbers`() throws {
        guard case .stateTooLong(let count?, limit: 128) = error(integrationID: "short") else {
            Issue.record("it was not too long")
            return
        }
        #expect(count > 128)
    }

    @Test func `a state that the format cannot carry is refused with its limit`() {
        let scopes = (0..<40).map {
            String(repeating: Character(Unicode.Scalar(UInt8(0x41 + $0))), count: 40)
        }
        .filter { !$0.contains("\\") }
        #expect(
            error({ $0.scopes = scopes })
                == .stateTooLong(characterCount: nil, limit: StateTokenCodec.maximumCharacterCount))
    }

    @Test func `a URL over 2,000 characters is refused with the numbers`() {
        // Shared prefixes cost the state little, and the URL everything.
        let scopes = (10..<60).map { String(repeating: "a", count: 40) + "\($0)" }
        guard case .urlTooLong(let count, limit: 2_000) = error({ $0.scopes = scopes }) else {
            Issue.record("it was not too long")
            return
        }
        #expect(count > 2_000)
    }

    @Test(arguments: [
        "", ".", "..", "a/b", "a%2fb", "a?b", "a#b", "a@b", "a:b", "a\\b", "a b", "é", "{x}", "../evil",
        "a\n",
        String(repeating: "a", count: 254),
    ])
    func `S19 a parameter cannot leave its path segment`(_ tenant: String) {
        guard
            case .invalidParameter(name: "tenant", _) = error(
                { $0.parameters = ["shop": "acme", "tenant": tenant] }, integrationID: "shop")
        else {
            Issue.record("accepted: \(tenant)")
            return
        }
        guard
            case .invalidParameter(name: "tenant", _) = error(
                { $0.parameters = ["tenant": tenant] }, integrationID: "microsoft")
        else {
            Issue.record("accepted: \(tenant)")
            return
        }
    }

    @Test(arguments: [
        "", "evil.example", "acme.evil", "acme.", ".acme", "-acme", "acme-", "acme/", "acme#", "acme?",
        "acme@evil", "acme:80",
        "acme%2e", "acme\\", "a b", "áçme", "acme\0", "[::1]", "{tenant}", "acme\u{3002}evil",
        String(repeating: "a", count: 64),
    ])
    func `S19 a parameter cannot move the host`(_ shop: String) {
        guard
            case .invalidParameter(name: "shop", _) = error(
                { $0.parameters = ["shop": shop] }, integrationID: "shop")
        else {
            Issue.record("accepted: \(shop)")
            return
        }
    }

    @Test(arguments: [
        "", "localhost", "127.0.0.1", "10.0.0.1", "2130706433", "0x7f.1", "[::1]", "a.example:8080",
        "a.example/path",
        "user@a.example", "http://a.example", "a.example?x", "a.example#x", "a..example", ".example",
        "a.example\\b", "a.0x7f",
    ])
    func `S19 a host of the user's own is a name and nothing else`(_ host: String) {
        guard
            case .invalidParameter(name: "host", _) = error(
                { $0.parameters = ["host": host] }, integrationID: "hosted")
        else {
            Issue.record("accepted: \(host)")
            return
        }
    }

    @Test func `S19 parameters that are missing or unknown are named`() {
        guard case .invalidParameter(name: "shop", _) = error(integrationID: "shop"),
            case .invalidParameter(name: "tenant", _) = error({ $0.parameters = ["tenant": "a"] }),
            case .invalidParameter(name: "scope", _) = error({ $0.parameters = ["scope": "a"] })
        else {
            Issue.record("accepted")
            return
        }
    }

    @Test func `S33 without an enabled key no flow begins`() throws {
        deployment.stateKeyring.replace(with: try TestKeys.ring([TestKeys.key(1, status: .disabled)]))
        #expect(error() == .noSealingKey)
    }
}
