import Foundation
import TestSupport
import Testing

@Suite("symbolon integrations list and show") struct IntegrationsListTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `the list says which clients are configured, and what the others need`() async throws {
        let run = try await CommandRun(
            ["integrations", "list"],
            environment: [
                "SYMBOLON_INTEGRATIONS_GMAIL_CLIENT_ID": "id",
                "SYMBOLON_INTEGRATIONS_GMAIL_CLIENT_SECRET": "canary-secret",
                "SYMBOLON_INTEGRATIONS_SLACK_CLIENT_ID": "id",
            ], in: folder)
        #expect(run.status == 0)
        let lines = run.output.split(separator: "\n").map { $0.split(separator: "  ").map(String.init) }
        func client(_ id: String) -> String? {
            lines.first { $0.first == id }.flatMap {
                $0.count > 2 ? $0[2].drop { $0 == " " }.description : nil
            }
        }
        #expect(client("gmail") == "configured")
        #expect(client("sandbox") == "configured")
        #expect(client("slack") == "needs client_secret")
        #expect(client("notion") == "needs client_id, client_secret")
        #expect(client("apple") == "needs client_id, client_secret, key_id, key_issuer")
        #expect(run.output.contains("shop\n"))
        #expect(!run.everything.contains("canary"), "S23")
        #expect(try folder.fileNames.isEmpty)
    }

    @Test func `the list as JSON is what the API answers`() async throws {
        let run = try await folder.symbolon("integrations", "list", "--json")
        let data = try #require(try run.json["data"] as? [[String: Any]])
        // The catalog's, and the sandbox.
        #expect(data.count >= 251)
        let shopify = try #require(data.first { $0["id"] as? String == "shopify" })
        #expect(
            Set(shopify.keys) == [
                "id", "label", "documentation", "setup", "logo", "categories", "aliases", "status", "checked",
                "sandbox", "own_client",
                "sandbox_of", "configured", "connectable", "missing_settings", "redirect_uri",
                "auth_methods", "scopes", "default_scopes", "required_scopes", "pkce", "max_state_length",
                "params", "authorization_params", "refresh", "refresh_token_lifetime", "disconnecting_ends",
                "known_scopes", "refresh_token_idle_lifetime", "assumed_token_lifetime",
                "refresh_keeps_access_token", "api_base_url",
            ])
        #expect(shopify["configured"] as? Bool == false)
        #expect(
            shopify["missing_settings"] as? [String] == [
                "integrations.shopify.client_id", "integrations.shopify.client_secret",
            ])
        #expect(
            shopify["redirect_uri"] as? String == "http://127.0.0.1:8080/api/v1/oauth/callback/shopify")
        let parameter = try #require((shopify["params"] as? [[String: Any]])?.first)
        #expect(parameter["name"] as? String == "shop" && parameter["label"] as? String == "Shop")
        #expect(parameter["pattern"] is String && parameter["required"] as? Bool == true)
        let configured = try await folder.symbolon("integrations", "list", "--configured", "--json")
        #expect((try configured.json["data"] as? [[String: Any]])?.map { $0["id"] as? String } == ["sandbox"])
    }

    @Test func `one integration is shown with what to register and what to set`() async throws {
        let run = try await folder.symbolon("integrations", "show", "apple")
        #expect(run.status == 0)
        for part in [
            "http://127.0.0.1:8080/api/v1/oauth/callback/apple", "integrations.apple.client_secret_file",
            "SYMBOLON_INTEGRATIONS_APPLE_KEY_ID", "https://appleid.apple.com/auth/token",
            "signed with a private key", "https://developer.apple.com/",
        ] { #expect(run.output.contains(part), "\(part)") }
        let salesforce = try await folder.symbolon("integrations", "show", "salesforce")
        #expect(salesforce.output.contains("default: login.salesforce.com"))
        let json = try await folder.symbolon("integrations", "show", "x", "--json").json
        #expect(json["max_state_length"] as? Int == 500 && json["client_authentication"] as? String == "both")
    }

    @Test func `a picture of the operator's has a URL, and nothing else is one`() async throws {
        func run(_ path: String) async throws -> CommandRun {
            try await CommandRun(
                ["integrations", "list", "--search", "gmail", "--json"],
                environment: ["SYMBOLON_INTEGRATIONS_GMAIL_LOGO": path], in: folder)
        }
        _ = try folder.write("<svg xmlns='http://www.w3.org/2000/svg'/>", to: "logo.svg")
        let data = try await run("logo.svg").json["data"] as? [[String: Any]]
        let gmail = try #require(data?.first { $0["id"] as? String == "gmail" })
        #expect(
            gmail["logo"] as? String == "http://127.0.0.1:8080/connect/integrations/gmail/logo")
        #expect(gmail["configured"] as? Bool == false)
        _ = try folder.write("<html/>", to: "page.svg")
        _ = try folder.write("<svg/>" + String(repeating: " ", count: 64 * 1024), to: "large.svg")
        for path in ["page.svg", "large.svg", "none.svg", "."] {
            let refused = try await run(path)
            #expect(refused.status == 3, "\(path)")
            #expect(refused.errors.contains("integrations.gmail.logo must name a PNG or SVG file"))
        }
    }

    private static let own = """
        integrations:
          acme:
            label: Acme
            about: {setup: "https://example.com/apps", categories: [crm, sales], aliases: [roadrunner],
              checked: 2026-11-28, status: unproven}
            documentation: https://example.com/docs
            parameters:
              region:
                choices:
                  us: {label: United States, host: example.com}
                  eu: {label: Europe, host: example.eu}
              key: {from: client, secret: true}
            authorization_endpoint: https://{region.host}/authorize
            token_endpoint: https://{region.host}/token
            authorization: {parameters: {prompt: {override: true}}}
            token: {headers: {Api-Key: "{key}"}}
          xylem: {inherits: acme, label: Xylem, about: {status: proven}}
        """

    @Test func `people find an integration by its other names and its category`() async throws {
        _ = try folder.write(Self.own, to: "acme.yaml")
        let environment = [
            "SYMBOLON_CATALOG": "acme.yaml", "SYMBOLON_INTEGRATIONS_ACME_CLIENT_ID": "id",
            "SYMBOLON_INTEGRATIONS_ACME_CLIENT_SECRET": "canary-secret",
            "SYMBOLON_INTEGRATIONS_ACME_PARAMS_KEY": "canary-key",
        ]
        func run(_ arguments: String...) async throws -> CommandRun {
            try await CommandRun(["integrations"] + arguments, environment: environment, in: folder)
        }
        func ids(_ arguments: String...) async throws -> [String] {
            let run = try await CommandRun(
                ["integrations", "list", "--json"] + arguments, environment: environment, in: folder)
            return (try run.json["data"] as? [[String: Any]])?.compactMap { $0["id"] as? String } ?? []
        }
        #expect(try await ids("--search", "ROAD runner") == ["acme"])
        let sales = try await ids("--category", "sales")
        #expect(sales.contains("xylem") && sales.contains("acme") && !sales.contains("gmail"))
        let all = try await ids()
        let acme = try #require(all.firstIndex(of: "acme"))
        #expect(all.firstIndex(of: "xylem").map { $0 < acme } == true, "what is not proven comes last")
        #expect(all.firstIndex(of: "zoom").map { $0 < acme } == true)
        #expect(try await run("list", "--category", "birds").status == 2)
        #expect(try await run("show", "roadrunner").errors.contains("is it acme?"))
        let shown = try await run("show", "acme")
        for part in [
            "crm, sales", "roadrunner", "unproven, checked on 2026-11-28", "https://example.com/apps",
            "us: United States", "eu: Europe", "prompt", "integrations.acme.params.key",
            "SYMBOLON_INTEGRATIONS_ACME_PARAMS_KEY",
        ] { #expect(shown.output.contains(part), "\(part)") }
        let list = try await run("list")
        #expect(list.output.contains("Acme (unproven)") && !list.output.contains("Xylem (unproven)"))
        let check = try await CommandRun(["config", "check"], environment: environment, in: folder)
        #expect(check.output.contains("integrations.acme.params.key"))
        #expect(!(shown.everything + list.everything + check.everything).contains("canary"), "S23")
    }

    @Test func `an integration that does not exist is refused with those that are near`() async throws {
        let run = try await folder.symbolon("integrations", "show", "google")
        #expect(run.status == 1)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("google-calendar, google-chat"))
        #expect(
            try await folder.symbolon("integrations", "show", "nowhere").errors.contains("integrations list"))
    }
}
