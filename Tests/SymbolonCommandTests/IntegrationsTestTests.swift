import Foundation
import TestSupport
import Testing

@Suite("symbolon integrations test") struct IntegrationsTestTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func test(_ arguments: [String], _ environment: [String: String] = [:]) async throws -> CommandRun
    {
        var environment = environment
        if arguments.first == "local" {
            environment["SYMBOLON_CATALOG"] = "catalog.yaml"
            environment["SYMBOLON_INTEGRATIONS_LOCAL_CLIENT_ID"] = "id"
            environment["SYMBOLON_INTEGRATIONS_LOCAL_CLIENT_SECRET"] = "canary-secret"
        }
        let run = try await CommandRun(
            ["integrations", "test"] + arguments, environment: environment, in: folder)
        #expect(!run.everything.contains("canary"), "S23")
        return run
    }

    private func findings(_ run: CommandRun) throws -> [String: String] {
        let findings = try #require(try run.json["findings"] as? [[String: Any]])
        return Dictionary(
            findings.map { ($0["topic"] as? String ?? "", $0["verdict"] as? String ?? "") },
            uniquingKeysWith: { first, _ in first })
    }

    @Test func `endpoints that answer are good, whatever they answer`() async throws {
        let provider = try ProviderStub()
        try folder.write(provider.catalog(), to: "catalog.yaml")
        let run = try await test(["local", "--json"])
        #expect(run.status == 0, "\(run.everything)")
        #expect(
            try findings(run) == [
                "settings": "good", "authorization_url": "good", "authorization_endpoint": "good",
                "token_endpoint": "good", "redirect_uri": "note",
            ])
        let text = try await test(["local"])
        #expect(
            text.output.contains(
                "register http://127.0.0.1:8080/api/v1/oauth/callback/local at https://example.com/docs"))
    }

    @Test func `an endpoint that is not there exits with 4`() async throws {
        let port = try LoopbackPort.free()
        try folder.write(
            """
            integrations:
              local:
                documentation: https://example.com/docs
                authorization_endpoint: http://127.0.0.1:\(port)/authorize
                token_endpoint: http://127.0.0.1:\(port)/token
            """, to: "catalog.yaml")
        let run = try await test(["local", "--json"])
        #expect(run.status == 4)
        #expect(try findings(run)["token_endpoint"] == "bad")
        let offline = try await test(["local", "--json", "--offline"])
        #expect(offline.status == 0)
        #expect(try findings(offline)["endpoints"] == "unknown")
    }

    @Test func `a provider that never answers costs the time-out and no more`() async throws {
        let provider = try ProviderStub(isSilent: true)
        try folder.write(provider.catalog(), to: "catalog.yaml")
        let start = ContinuousClock.now
        let run = try await test(["local", "--timeout", "1"])
        #expect(run.status == 4)
        #expect(run.output.contains("does not answer in time"))
        #expect(start.duration(to: .now) < .seconds(10))
    }

    @Test func `a host that a caller names is looked up here behind a proxy, too, as in a flow`() async throws
    {
        let proxy = try ProviderStub()
        let run = try await test(
            ["gitea", "--param", "base=https://git.invalid"],
            [
                "SYMBOLON_INTEGRATIONS_GITEA_CLIENT_ID": "id",
                "SYMBOLON_PROVIDERS_PROXY": "http://127.0.0.1:\(proxy.port)",
            ])
        #expect(run.status == 4)
        #expect(run.output.contains("has a name that does not resolve here"), "\(run.everything)")
    }

    @Test func `missing settings are named with their variables, and exit with 3`() async throws {
        let run = try await test(["gmail"])
        #expect(run.status == 3)
        #expect(run.output.contains("integrations.gmail.client_id is missing"))
        #expect(run.output.contains("SYMBOLON_INTEGRATIONS_GMAIL_CLIENT_SECRET"))
        #expect(run.errors.contains("2 things are wrong"))
    }

    @Test func `the issuer's document is read, and another issuer's refused`() async throws {
        let good = try ProviderStub { port in
            """
            {"issuer": "http://127.0.0.1:\(port)", "authorization_endpoint": "http://127.0.0.1:\(port)/a",
             "token_endpoint": "http://127.0.0.1:\(port)/t"}
            """
        }
        func settings(_ port: Int) -> [String: String] {
            [
                "SYMBOLON_INTEGRATIONS_GENERIC_CLIENT_ID": "id",
                "SYMBOLON_INTEGRATIONS_GENERIC_CLIENT_SECRET": "s",
                "SYMBOLON_INTEGRATIONS_GENERIC_ISSUER": "http://127.0.0.1:\(port)",
            ]
        }
        let run = try await test(["generic", "--json"], settings(good.port))
        #expect(run.status == 0, "\(run.everything)")
        #expect(try findings(run)["discovery"] == "good")
        let other = try ProviderStub { _ in
            #"{"issuer": "https://evil.example", "authorization_endpoint": "https://evil.example/a", "token_endpoint": "https://evil.example/t"}"#
        }
        let refused = try await test(["generic", "--json"], settings(other.port))
        #expect(refused.status == 4)
        #expect(try findings(refused)["discovery"] == "bad")
    }

    @Test func `template parameters are asked for, and checked`() async throws {
        let shopify = [
            "SYMBOLON_INTEGRATIONS_SHOPIFY_CLIENT_ID": "id",
            "SYMBOLON_INTEGRATIONS_SHOPIFY_CLIENT_SECRET": "s",
        ]
        let without = try await test(["shopify", "--offline"], shopify)
        #expect(without.status == 0)
        #expect(without.output.contains("give --param shop=VALUE"))
        let with = try await test(["shopify", "--offline", "--param", "shop=acme"], shopify)
        #expect(with.output.contains("characters, with a state of"))
        let bad = try await test(["shopify", "--offline", "--param", "shop=attacker.example/"], shopify)
        #expect(bad.status == 1)
        #expect(try await test(["shopify", "--param", "shop"], shopify).status == 2)
    }
}
