import Foundation
import TestSupport
import Testing

/// Integrations that the configuration file itself adds or changes.
@Suite("Integrations in the configuration file") struct OwnIntegrationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ text: String, _ arguments: String...) async throws -> CommandRun {
        try folder.write(text, to: "symbolon.yaml")
        return try await CommandRun(arguments + ["--config", "symbolon.yaml"], in: folder)
    }

    private static let three = """
        integrations:
          acme:
            inherits: generic
            label: Acme
            issuer: https://id.acme.example
            client_id: a
            client_secret: b
          acme-cli:
            inherits: generic
            authorization_endpoint: https://id.acme.example/authorize
            token_endpoint: https://id.acme.example/token
            revocation_endpoint: https://id.acme.example/revoke
            client_id: c
            client_authentication: none
            pkce: required
            default_scopes: [openid, offline_access]
            authorization: {parameters: {prompt: consent, audience: "https://api.acme.example"}}
          basic:
            documentation: https://basic.example/docs
            authorization_endpoint: https://basic.example/authorize
            token_endpoint: https://basic.example/token
            token: {authentication: client_secret_basic, parameters: {resource: x}}
            client_id: d
            client_secret: e
          gmail: {client_id: f, client_secret: g, pkce: supported}
        """

    @Test func `any number of servers is described beside their clients`() async throws {
        let list = try await run(Self.three, "integrations", "list", "--configured", "--json")
        #expect(list.status == 0, "\(list.everything)")
        let data = try #require(try list.json["data"] as? [[String: Any]])
        let ids = data.compactMap { $0["id"] as? String }
        #expect(Set(ids).isSuperset(of: ["acme", "acme-cli", "basic", "gmail"]))
        let shown = try await run(Self.three, "integrations", "show", "basic", "--json")
        #expect(try shown.json["client_authentication"] as? String == "client_secret_basic")
        let tested = try await run(Self.three, "integrations", "test", "acme-cli", "--offline", "--json")
        #expect(tested.status == 0, "\(tested.everything)")
        let check = try await run(Self.three, "config", "check")
        #expect(check.status == 0, "\(check.everything)")
        #expect(check.output.contains("integrations.acme-cli.revocation_endpoint"))
    }

    @Test func `a variable sets what it sets for any other integration`() async throws {
        try folder.write("integrations: {acme: {inherits: generic, client_id: a}}", to: "symbolon.yaml")
        let run = try await folder.symbolon(
            "integrations", "test", "acme", "--offline", "--config", "symbolon.yaml",
            environment: [
                "SYMBOLON_INTEGRATIONS_ACME_ISSUER": "https://id.acme.example",
                "SYMBOLON_INTEGRATIONS_ACME_CLIENT_AUTHENTICATION": "none",
            ])
        #expect(run.status == 0, "\(run.everything)")
    }

    @Test(arguments: [
        ("acme: {inherits: nothing}", "integrations.acme.inherits: there is no integration `nothing`"),
        ("acme: {inherits: generic, colour: red}", "unknown setting `integrations.acme.colour`"),
        ("acme: {inherits: generic, pkce: maybe}", "integrations.acme.pkce: must be one of"),
        ("acme: {inherits: generic, client_authentication: guess}", "client_authentication must be one of"),
        ("acme: {label: Acme}", "integrations.acme.documentation"),
        ("acme: {client_id: a}", "no integration `acme`"),
        ("acme: {inherits: [generic]}", "integrations.acme.inherits"),
        ("gmial: {client_id: a, client_secret: b}", "no integration `gmial`"),
        ("acme: {}", "no integration `acme`"),
        (
            "acme: {inherits: generic, token: {authentication: guess}}",
            "integrations.acme.token.authentication"
        ),
        (
            "acme: {inherits: generic, token: {parameters: {client_secret: x}}}",
            "integrations.acme.token.parameters"
        ),
        ("Acme: {inherits: generic}", "an id is 1 to 64"),
        (
            "acme: {inherits: salesforce, parameters: {instance: {pattern: '.*'}}}",
            "integrations.acme.token_endpoint: the caller would choose"
        ),
    ]) func `a mistake in an entry is named like one in a catalog file`(_ entry: String, _ said: String)
        async throws
    {
        for arguments in [["config", "check"], ["serve", "--port", "0"], ["doctor", "--offline"]] {
            try folder.write("integrations:\n  \(entry)\n", to: "symbolon.yaml")
            let run = try await CommandRun(arguments + ["--config", "symbolon.yaml"], in: folder)
            #expect(run.status == 3, "\(run.everything)")
            #expect(run.everything.contains(said), "\(run.everything)")
        }
    }
}
