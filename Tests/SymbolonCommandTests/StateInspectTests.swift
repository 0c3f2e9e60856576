import Foundation
import StateTokens
import TestSupport
import Testing

@Suite("symbolon state inspect") struct StateInspectTests {
    let samples: StateSamples

    init() throws { samples = try StateSamples() }

    @Test func `a valid state is explained whole, but for its secrets`() async throws {
        let token = try samples.token(StateSamples.full(issuedAt: .now() - .seconds(30)))
        let run = try await samples.inspect(token.text)
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        for text in [
            "valid", "\(token.text.count) characters", token.flowID.description, "ab000000, sealing", "holds",
            "gmail", "00c0ffee", "oauth2", "wsp_123456789", "usr_7", "openid",
            "https://www.googleapis.com/auth/gmail.readonly", "https://app.example.com/done?x=1",
            "yes; the code verifier is not shown", "yes: confirm mode", "subdomain = acme", "conn_9", "tab=3",
            String(repeating: "a5", count: 16), "(in 9 minutes)",
        ] { #expect(run.output.contains(text), "\(text)") }
        for secret in StateSamples.secrets { #expect(!run.everything.contains(secret)) }
        #expect(try !KeyringSecrets(in: samples.folder, "state.keyring").leak(in: run))
    }

    @Test func `JSON says the same, without the secrets`() async throws {
        let token = try samples.token()
        let run = try await samples.inspect(token.text, "--json")
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        let json = try run.json
        #expect(
            Set(json.keys) == [
                "verdict", "explanation", "characters", "octets", "record_octets", "flow_id", "key_id",
                "key_state",
                "tag_holds", "state",
            ])
        #expect(json["verdict"] as? String == "valid")
        #expect(json["flow_id"] as? String == token.flowID.description)
        #expect(json["tag_holds"] as? Bool == true)
        #expect(json["characters"] as? Int == token.text.count)
        let state = try #require(json["state"] as? [String: Any])
        #expect(
            Set(state.keys) == [
                "issued_at", "expires_at", "lifetime", "integration_id", "fingerprint", "auth_method_id",
                "workspace_id", "user_id", "scopes", "redirect_uri", "pkce", "binding", "params",
                "connection_id",
                "app_state", "label", "tags", "trace_id", "screen", "user_label", "new",
            ])
        #expect(state["pkce"] as? Bool == true)
        #expect(state["params"] as? [String: String] == ["subdomain": "acme"])
        #expect(state["tags"] as? [String: String] == ["plan": "pro"])
        for secret in StateSamples.secrets { #expect(!run.everything.contains(secret)) }
    }

    @Test func `a connect session is told from a state, and shown`() async throws {
        let token = try samples.session { session in
            session.userLabel = "Ada"
            session.integrationIDs = ["gmail"]
            session.scopes = ["openid"]
            session.parameters = ["subdomain": "acme"]
            session.redirectURI = "https://app.example.com/done"
            session.tags = ["plan": "pro"]
            session.label = "Mail"
            session.connectionID = "conn_9"
            session.origins = ["https://app.example.com"]
            session.mayRead = true
        }
        let run = try await samples.inspect(token)
        #expect(run.status == 0, "\(run.everything)")
        for text in [
            "session", "holds", "key_1", "wsp_123456789", "usr_7", "Ada", "see its user's connections",
            "gmail",
            "openid", "subdomain = acme", "https://app.example.com/done", "plan = pro", "Mail", "conn_9",
        ] { #expect(run.output.contains(text), "\(text)") }
        #expect(!run.output.contains("disconnect"))
        let json = try await samples.inspect(token, "--json").json
        #expect(json["verdict"] as? String == "session" && json["state"] is NSNull)
        let session = try #require(json["session"] as? [String: Any])
        #expect(
            Set(session.keys) == [
                "issued_at", "expires_at", "lifetime", "credential_id", "workspace_id", "user_id",
                "user_label",
                "integrations", "scopes", "params", "redirect_uri", "tags", "label", "connection_id",
                "origins",
                "read", "disconnect",
            ])
        #expect(session["lifetime"] as? Int == 1800 && session["disconnect"] as? Bool == false)
        #expect(!run.everything.contains(token))
        let keyless = try await samples.folder.symbolon("state", "inspect", token)
        #expect(keyless.status == 0 && !keyless.output.contains("usr_7"))
    }

    @Test func `what a state does not carry is said to be absent`() async throws {
        let token = try samples.token(StateSamples.minimal())
        let run = try await samples.inspect(token.text, "--json")
        #expect(run.status == 0)
        let state = try #require(run.json["state"] as? [String: Any])
        for name in [
            "user_id", "redirect_uri", "connection_id", "app_state", "label", "trace_id", "user_label",
        ] {
            #expect(state[name] is NSNull, "\(name)")
        }
        #expect(state["pkce"] as? Bool == false)
        #expect(state["scopes"] as? [String] == [])
        let people = try await samples.inspect(token.text)
        #expect(people.output.contains("binding       no"))
    }

    @Test(arguments: ["%@", "%@\n", "  %@\r\n\n"])
    func `a token is read from standard input`(_ form: String) async throws {
        let token = try samples.token()
        let run = try await samples.inspect("-", input: form.replacing("%@", with: token.text))
        #expect(run.status == 0)
        #expect(run.output.contains(token.flowID.description))
    }

    @Test func `a folder stands for the keyring in it, and the URL need not be canonical`() async throws {
        let run = try await samples.folder.symbolon(
            "state", "inspect", samples.token().text, "--keyring", ".", "--public-url",
            "HTTPS://Connect.Example.com:443/")
        #expect(run.status == 0)
    }

    @Test func `without keys it says what can be read without keys`() async throws {
        let token = try samples.token()
        let run = try await samples.folder.symbolon("state", "inspect", token.text)
        #expect(run.status == 0)
        for text in ["not checked", "ab000000", token.flowID.description, "\(token.text.count) characters"] {
            #expect(run.output.contains(text))
        }
        #expect(run.errors.contains("--keyring and --public-url"))
        #expect(!run.everything.contains("wsp_123456789"))
        let json = try await samples.folder.symbolon("state", "inspect", token.text, "--json")
        #expect(try json.json["verdict"] as? String == "unchecked")
        #expect(try json.json["tag_holds"] is NSNull)
        #expect(try json.json["state"] is NSNull)
        #expect(json.errors.isEmpty)
    }

    @Test func `a retired key still opens`() async throws {
        let samples = try StateSamples(statuses: [.retired, .enabled])
        let run = try await samples.inspect(samples.token(key: 0).text)
        #expect(run.status == 0)
        #expect(run.output.contains("ab000000, retired"))
    }

    @Test func `what others wrote cannot give orders to a terminal`() async throws {
        var state = StateSamples.full()
        state.appState = "\u{1b}]0;owned\u{7}\u{202e}"
        let run = try await samples.inspect(samples.token(state).text)
        #expect(run.status == 0)
        #expect(run.output.contains(#"\u{1b}]0;owned\u{7}\u{202e}"#))
        #expect(!run.output.contains("\u{1b}") && !run.output.contains("\u{7}"))
    }

    /// - Parameter publicURL: as the configuration has it.
    private func configure(_ publicURL: String = StateSamples.publicURL) throws {
        try samples.folder.write(
            """
            public_url: \(publicURL)
            keyrings: {state: state.keyring, connections: connections.keyring}
            credentials: {api_keys: api-keys.json}
            store: sqlite:symbolon.sqlite
            workspaces: workspaces.yaml
            """, to: "symbolon.yaml")
    }

    @Test(arguments: [["--config", "symbolon.yaml"], []])
    func `the configuration has keyring and public URL`(_ options: [String]) async throws {
        try configure()
        let run = try await CommandRun(
            ["state", "inspect", samples.token().text] + options,
            environment: options.isEmpty ? ["SYMBOLON_CONFIG": "symbolon.yaml"] : [:], in: samples.folder)
        #expect(run.status == 0 && run.output.contains("holds"), "\(run.everything)")
    }

    @Test func `what is given goes before the configuration`() async throws {
        try configure("https://other.example.com")
        let token = try samples.token().text
        let other = try await samples.folder.symbolon("state", "inspect", token, "--config", "symbolon.yaml")
        #expect(other.status == 1 && other.errors.contains("the tag does not match"), "\(other.everything)")
        let run = try await samples.folder.symbolon(
            "state", "inspect", token, "--config", "symbolon.yaml", "--public-url", StateSamples.publicURL)
        #expect(run.status == 0, "\(run.everything)")
    }

    @Test func `a configuration that is bad or lacks its keyring is said to be so`() async throws {
        let token = try samples.token().text
        try samples.folder.write("public_url: https://connect.example.com", to: "symbolon.yaml")
        let bad = try await samples.folder.symbolon("state", "inspect", token, "--config", "symbolon.yaml")
        #expect(bad.status == 3 && bad.errors.contains("Missing: keyrings.state"), "\(bad.errors)")
        let missing = try await samples.folder.symbolon("state", "inspect", token, "--config", "none.yaml")
        #expect(missing.status == 3 && missing.errors.contains("none.yaml"))
        try samples.folder.write("{}", to: "symbolon.yaml")
        let development = try await samples.folder.symbolon(
            "state", "inspect", token, "--config", "symbolon.yaml")
        #expect(development.status == 3 && development.errors.contains(".symbolon/state.keyring"))
    }
}
