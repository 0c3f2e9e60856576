import Foundation
import TestSupport
import Testing

@Suite("symbolon integrations show, in parts") struct IntegrationsShowTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `the authorization URL is one that a flow would have`() async throws {
        let run = try await folder.symbolon("integrations", "show", "gmail", "--url")
        #expect(run.status == 0, "\(run.everything)")
        let url = try #require(URLComponents(string: run.output.trimmingCharacters(in: .newlines)))
        let query = Dictionary(
            (url.queryItems ?? []).map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { first, _ in first })
        #expect(url.host == "accounts.google.com")
        #expect(query["client_id"] == "CLIENT_ID" && query["access_type"] == "offline")
        #expect(query["redirect_uri"] == "http://127.0.0.1:8080/api/v1/oauth/callback/gmail")
    }

    @Test func `the token request is shown as HTTP, and a secret that is configured is not`() async throws {
        let run = try await CommandRun(
            ["integrations", "show", "gmail", "--token-request"],
            environment: [
                "SYMBOLON_INTEGRATIONS_GMAIL_CLIENT_ID": "our-id",
                "SYMBOLON_INTEGRATIONS_GMAIL_CLIENT_SECRET": "canary-secret",
            ], in: folder)
        #expect(run.status == 0 && !run.everything.contains("canary"), "S23 \(run.everything)")
        #expect(run.output.hasPrefix("POST https://oauth2.googleapis.com/token\nAccept: application/json\n"))
        for part in [
            "grant_type=authorization_code", "code=CODE", "client_id=our-id", "client_secret=CLIENT_SECRET",
        ] {
            #expect(run.output.contains(part), "\(part)")
        }
    }

    @Test func `parameters are filled with what is given, else with the entry's example`() async throws {
        let given = try await folder.symbolon(
            "integrations", "show", "shopify", "--url", "--param", "shop=acme")
        #expect(given.output.hasPrefix("https://acme.myshopify.com/"), "\(given.everything)")
        let bad = try await folder.symbolon(
            "integrations", "show", "shopify", "--url", "--param", "shop=../x")
        #expect(bad.status == 2 && bad.output.isEmpty)
    }

    @Test func `what settings put in the place of the entry's is shown`() async throws {
        let environment = [
            "SYMBOLON_INTEGRATIONS_GMAIL_CLIENT_ID": "id", "SYMBOLON_INTEGRATIONS_GMAIL_SCOPES": "mine",
            "SYMBOLON_INTEGRATIONS_GMAIL_AUTHORIZATION_ENDPOINT": "https://id.example.com/a",
            "SYMBOLON_INTEGRATIONS_GMAIL_TOKEN_ENDPOINT": "https://id.example.com/t",
            "SYMBOLON_INTEGRATIONS_GMAIL_CLIENT_AUTHENTICATION": "client_secret_basic",
        ]
        // Whether or not anything is missing.
        for more in [[:], ["SYMBOLON_INTEGRATIONS_GMAIL_CLIENT_SECRET": "canary"]] {
            let all = environment.merging(more) { $1 }
            let json = try await CommandRun(
                ["integrations", "show", "gmail", "--json"], environment: all, in: folder
            ).json
            #expect(json["authorization_endpoint"] as? String == "https://id.example.com/a")
            #expect(json["token_endpoint"] as? String == "https://id.example.com/t")
            #expect(json["client_authentication"] as? String == "client_secret_basic")
            let run = try await CommandRun(["integrations", "show", "gmail"], environment: all, in: folder)
            #expect(run.status == 0 && !run.everything.contains("canary"), "S23 \(run.everything)")
            for part in [
                "https://id.example.com/a", "https://id.example.com/t", "Basic", "mine (by default)",
            ] {
                #expect(run.output.contains(part), "\(part): \(run.output)")
            }
            // The catalog's endpoint for revoking belongs to another server.
            #expect(!run.output.contains("googleapis.com/revoke") && !run.output.contains("in the body"))
        }
    }

    @Test func `with an issuer in the settings the endpoints are the issuer's`() async throws {
        let run = try await folder.symbolon(
            "integrations", "show", "gmail",
            environment: [
                "SYMBOLON_INTEGRATIONS_GMAIL_CLIENT_ID": "id",
                "SYMBOLON_INTEGRATIONS_GMAIL_CLIENT_SECRET": "s",
                "SYMBOLON_INTEGRATIONS_GMAIL_ISSUER": "https://id.example.com",
            ])
        #expect(run.output.contains("from the issuer https://id.example.com"), "\(run.everything)")
        #expect(!run.output.contains("oauth2.googleapis.com"))
    }

    @Test func `an entry is shown with those that it inherits from, and is a catalog file`() async throws {
        let run = try await folder.symbolon("integrations", "show", "gmail", "--entry")
        #expect(run.status == 0 && run.output.hasPrefix("integrations:\n  gmail:\n    inherits: google\n"))
        #expect(run.output.contains("\n  google:\n"))
        try folder.write(run.output, to: "mine.yaml")
        let check = try await folder.symbolon("integrations", "validate", "mine.yaml")
        #expect(check.status == 0, "\(check.everything)")
    }

    @Test(arguments: [
        (["gmail", "--url", "--entry"], 2), (["gmail", "--url", "--json"], 2), (["nothing", "--url"], 1),
        (["generic", "--url"], 3), (["apple", "--token-request"], 3), (["sandbox", "--entry"], 1),
    ])
    func `what cannot be shown is refused with a reason`(_ arguments: [String], _ status: Int) async throws {
        let run = try await CommandRun(["integrations", "show"] + arguments, in: folder)
        #expect(run.status == status && run.output.isEmpty && !run.errors.isEmpty, "\(run.everything)")
    }
}
