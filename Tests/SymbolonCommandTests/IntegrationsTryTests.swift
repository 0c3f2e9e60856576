import Foundation
import TestSupport
import Testing

@Suite("symbolon integrations try") struct IntegrationsTryTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `a flow of an integration is shown request by request, without any set-up`() async throws {
        let run = try await folder.symbolon("integrations", "try", "instagram")
        #expect(run.status == 0, "\(run.everything)")
        for part in [
            "instagram: the mirror is made of ", "> GET https://www.instagram.com/oauth/authorize?",
            "> POST https://api.instagram.com/oauth/access_token", "second exchange\n",
            "> GET https://graph.instagram.com/access_token?grant_type=ig_exchange_token",
            "the account is 1 (ada)",
            "> GET https://graph.instagram.com/refresh_access_token?access_token=a2&grant_type=ig_refresh_token",
            "revocation: left out, the entry has none",
        ] { #expect(run.output.contains(part), "\(part)") }
        #expect(
            run.output.hasSuffix(
                "instagram works: authorization, callback, exchange, second exchange, account, refresh\n"))
        #expect(try folder.fileNames.isEmpty)
    }

    private static let own = """
        integrations:
          acme:
            documentation: https://acme.example/docs
            authorization_endpoint: https://acme.example/authorize
            token_endpoint: https://acme.example/token
            token: {authentication: client_secret_basic}
            account: {id: claims.sub}
            required_scopes: [openid]
        """

    @Test func `an entry of a file is tried as strictly as it is written`() async throws {
        try folder.write(Self.own, to: "acme.yaml")
        let run = try await folder.symbolon("integrations", "try", "acme.yaml")
        #expect(run.status == 0, "\(run.everything)")
        #expect(run.output.contains("acme: the mirror is as strict as the entry"))
        #expect(run.output.contains("> authorization: Basic "))
        let quiet = try await folder.symbolon("integrations", "try", "acme.yaml", "--quiet")
        #expect(quiet.output == "acme works: authorization, callback, exchange, account, refresh\n")
        let json = try await folder.symbolon("integrations", "try", "acme.yaml", "--json").json
        let trial = try #require((json["trials"] as? [[String: Any]])?.first)
        #expect(trial["works"] as? Bool == true && (trial["steps"] as? [Any])?.count == 7)
    }

    @Test func `what sources show of the provider decides, and the status says so`() async throws {
        try folder.write(Self.own, to: "acme.yaml")
        try folder.write(
            """
            integrations:
              acme:
                seen: 2026-11-28
                sources: {docs: {url: 'https://acme.example/docs'}}
                facts:
                  authentication: {value: client_secret_post, agree: [docs]}
                example: {token_response: {access_token: a1}}
            """, to: "facts.yaml")
        let run = try await folder.symbolon(
            "integrations", "try", "acme.yaml", "--provenance", "facts.yaml")
        #expect(run.status == 1)
        #expect(run.output.contains("acme does not work: exchange: the client must use the body"))
        #expect(run.errors.contains("a flow does not come to its end: acme"))
    }

    private static let refusals: [([String], Int32)] = [
        (["nobody"], 1), (["none.yaml"], 3), (["acme.yaml", "--provenance", "none.yaml"], 3),
        (["acme.yaml", "--provenance", "acme.yaml"], 3), (["bad.yaml"], 3),
        (["gmail", "--provenance", "a", "--entry-only"], 2), ([], 2),
        (["zendesk", "--param", "subdomain=a.b"], 3), (["gmail", "--param", "other"], 2),
    ]

    @Test(arguments: refusals) func `what cannot be tried is said, with the status of its kind`(
        _ arguments: [String], _ status: Int32
    ) async throws {
        try folder.write(Self.own, to: "acme.yaml")
        try folder.write(Self.own.replacing("documentation", with: "documentations"), to: "bad.yaml")
        let run = try await CommandRun(["integrations", "try"] + arguments, in: folder)
        #expect(run.status == status, "\(run.everything)")
        #expect(run.output.isEmpty && !run.errors.isEmpty)
    }
}
