import Foundation
import TestSupport
import Testing

@Suite("symbolon integrations new") struct IntegrationsNewTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func discovery(_ more: String = "") -> @Sendable (Int) -> String {
        { port in
            """
            {"issuer": "http://127.0.0.1:\(port)",
             "authorization_endpoint": "http://127.0.0.1:\(port)/authorize",
             "token_endpoint": "http://127.0.0.1:\(port)/token",
             "revocation_endpoint": "http://127.0.0.1:\(port)/revoke"\(more)}
            """
        }
    }

    @Test func `an entry is written from a discovery document, and the service takes it as it is`()
        async throws
    {
        let provider = try ProviderStub(
            body: discovery(
                """
                , "code_challenge_methods_supported": ["plain", "S256"], "scopes_supported": ["openid", "email", "other"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic"]
                """))
        let issuer = "http://127.0.0.1:\(provider.port)"
        let run = try await folder.symbolon(
            "integrations", "new", "acme", "--issuer", issuer, "--documentation", "https://acme.example/docs",
            "--label", "Acme \"1\"")
        #expect(run.status == 0, "\(run.everything)")
        #expect(
            run.output == """
                integrations:
                  acme:
                    label: "Acme \\"1\\""
                    documentation: "https://acme.example/docs"
                    issuer: "\(issuer)"
                    authorization_endpoint: "\(issuer)/authorize"
                    token_endpoint: "\(issuer)/token"
                    revocation_endpoint: "\(issuer)/revoke"
                    pkce: supported
                    required_scopes: [openid]
                    default_scopes: [email]
                    token: {authentication: client_secret_basic}
                    account: {id: claims.sub, label: [claims.email, claims.preferred_username]}

                """)
        try folder.write(run.output, to: "acme.yaml")
        let check = try await folder.symbolon(
            "integrations", "validate", "acme.yaml", "--allow-insecure-loopback")
        #expect(check.status == 0 && check.output == "acme\n", "\(check.everything)")
    }

    @Test func `two endpoints make an entry, too`() async throws {
        let run = try await folder.symbolon(
            "integrations", "new", "acme", "--documentation", "https://acme.example/docs",
            "--authorization-endpoint", "https://acme.example/a", "--token-endpoint", "https://acme.example/t"
        )
        #expect(run.status == 0 && run.output.contains("token_endpoint: \"https://acme.example/t\""))
        #expect(!run.output.contains("pkce") && !run.output.contains("issuer"))
    }

    @Test(arguments: [
        (["acme"], 2), (["acme", "--documentation", "https://a.example"], 2),
        (["acme", "--documentation", "https://a.example", "--token-endpoint", "https://a.example/t"], 2),
        (
            [
                "acme", "--documentation", "https://a.example", "--issuer", "https://a.example",
                "--token-endpoint",
                "https://a.example/t",
            ], 2
        ),
        (
            [
                "Acme Inc", "--documentation", "https://a.example", "--authorization-endpoint",
                "https://a.example/a",
                "--token-endpoint", "https://a.example/t",
            ], 1
        ),
        (
            [
                "acme", "--documentation", "https://a.example", "--authorization-endpoint",
                "ftp://a.example/a",
                "--token-endpoint", "https://a.example/t",
            ], 1
        ),
        (["acme", "--documentation", "https://a.example", "--issuer", "http://127.0.0.1:9"], 4),
    ])
    func `what makes no entry is refused with a reason`(_ arguments: [String], _ status: Int) async throws {
        let run = try await CommandRun(["integrations", "new"] + arguments, in: folder)
        #expect(run.status == status && run.output.isEmpty && !run.errors.isEmpty, "\(run.everything)")
    }

    @Test func `a document of another issuer, or without a flow with codes, makes no entry`() async throws {
        let other = try ProviderStub(body: { _ in #"{"issuer": "https://other.example"}"# })
        let bare = try ProviderStub(body: { #"{"issuer": "http://127.0.0.1:\#($0)"}"# })
        for (provider, status, words) in [
            (other, 4, "https://other.example"), (bare, 1, "authorization_endpoint"),
        ] {
            let run = try await folder.symbolon(
                "integrations", "new", "acme", "--issuer", "http://127.0.0.1:\(provider.port)",
                "--documentation",
                "https://acme.example/docs")
            #expect(
                run.status == status && run.output.isEmpty && run.errors.contains(words),
                "\(run.everything)")
        }
    }
}
