import Encodings
import Integrations
import Mirrors
import OAuth
import Testing

/// What providers do otherwise than RFC 6749, each in an entry that needs it: the requests show that it is done.
@Suite("Oddities of providers") struct OddityTests {
    struct Oddity: Sendable, CustomTestStringConvertible {
        let name: String
        let id: String
        var has: [String] = []
        var lacks: [String] = []

        var testDescription: String { "\(name): \(id)" }
    }

    private func flow(_ id: String) throws -> ClientFlow {
        let documented = try #require(DocumentedIntegration.every.first { $0.id == id })
        return ClientFlow(try documented.configured(), documented.facts)
    }

    private func check(_ text: String, _ oddity: Oddity) {
        for part in oddity.has { #expect(text.contains(part), "\(text)") }
        for part in oddity.lacks { #expect(!text.contains(part), "\(text)") }
    }

    @Test(arguments: [
        Oddity(name: "host from a parameter", id: "zendesk", has: ["https://acme.zendesk.com/"]),
        Oddity(name: "default host", id: "salesforce", has: ["https://login.salesforce.com/"]),
        Oddity(name: "static parameters", id: "gmail", has: ["&access_type=offline", "&prompt=consent"]),
        Oddity(
            name: "value of the client, and no client_id", id: "amazon-selling-partner",
            has: ["application_id=amzn1.sp.solution."], lacks: ["client_id=", "response_type="]),
        Oddity(name: "random per request", id: "apple", has: ["nonce=NONCE", "response_mode=form_post"]),
        Oddity(name: "no response type", id: "clickup", lacks: ["response_type="]),
        Oddity(
            name: "another response type", id: "followupboss", has: ["response_type=auth_code"],
            lacks: ["response_type=code"]),
        Oddity(
            name: "query in the fragment", id: "apollo",
            has: ["https://app.apollo.io/#/oauth/authorize?", "client_id=client"], lacks: ["apollo.io/?"]),
        Oddity(
            name: "document of a server, which is the audience", id: "smart-on-fhir",
            has: ["aud=https%3A%2F%2Fehr.example.com%2Ffhir"]),
        Oddity(name: "renamed parameter", id: "tiktok", has: ["client_key=client"], lacks: ["client_id="]),
        Oddity(name: "comma between scopes", id: "slack", has: ["scope=one%2Ctwo"]),
        Oddity(name: "plus between scopes as it is", id: "unsplash", has: ["one+two%3A"]),
        Oddity(name: "no scope", id: "notion", lacks: ["scope="]),
        Oddity(name: "scope that turns refresh on", id: "onedrive", has: ["offline_access"]),
        Oddity(name: "PKCE required", id: "airtable", has: ["code_challenge_method=S256"]),
        Oddity(name: "PKCE refused", id: "slack", lacks: ["code_challenge"]),
        Oddity(name: "method in lower case", id: "canva", has: ["code_challenge_method=s256"]),
        Oddity(
            name: "order and fragment", id: "wechat",
            has: ["?appid=client&redirect_uri=", "#wechat_redirect"]),
        Oddity(name: "redirect URI by its name", id: "ebay", lacks: ["connect.example.com"]),
        Oddity(name: "redirect URI kept with the app", id: "help-scout", lacks: ["redirect_uri="]),
    ]) func `an authorization request has what its provider wants`(_ oddity: Oddity) throws {
        check(try flow(oddity.id).authorizationURL(), oddity)
    }

    private func text(_ request: ProviderRequest) -> String {
        let headers = request.headers.map { "\($0.name): \($0.value)" }
        return
            (["\(request.method.rawValue) \(request.url)"] + headers + [
                String(decoding: request.body, as: UTF8.self)
            ]).joined(separator: "\n")
    }

    private func grant(_ flow: ClientFlow) -> AuthorizationGrant {
        let kept = Set(flow.integration.integration.callback.fields)
        return AuthorizationGrant(
            code: "C", fields: flow.facts.example.callback.filter { kept.contains($0.key) })
    }

    @Test(arguments: [
        Oddity(name: "Basic", id: "figma", has: ["Authorization: Basic "], lacks: ["client_secret="]),
        Oddity(name: "no secret", id: "lichess", lacks: ["client_secret", "Authorization"]),
        Oddity(name: "Basic and client_id", id: "x", has: ["Authorization: Basic ", "client_id=client"]),
        Oddity(name: "secret as the user", id: "stripe-app", has: ["Authorization: Basic c2VjcmV0Og=="]),
        Oddity(name: "signed secret", id: "apple", has: ["client_secret=ey"]),
        Oddity(
            name: "JSON and a version", id: "notion",
            has: [#""grant_type":"authorization_code""#, "Notion-Version: 2025-09-03"]),
        Oddity(
            name: "GET with other names", id: "wechat",
            has: ["GET https://api.weixin.qq.com/sns/oauth2/access_token?", "appid=client", "secret=secret"]),
        Oddity(name: "further parameter", id: "withings", has: ["action=requesttoken"]),
        Oddity(name: "state again", id: "naver", has: ["state=STATE"]),
        Oddity(name: "Accept", id: "github", has: ["Accept: application/json"]),
        Oddity(name: "User-Agent", id: "reddit", has: ["User-Agent: linux:symbolon:v1"]),
        Oddity(
            name: "token URL from a choice in the callback", id: "zoho-crm",
            has: ["https://accounts.zoho.com/oauth/v2/token"]),
        Oddity(
            name: "token URL from the callback", id: "lightspeed-retail",
            has: ["https://acme.retail.lightspeed.app/api/1.0/token"]),
        Oddity(name: "no grant type", id: "clickup", lacks: ["grant_type", "redirect_uri"]),
        Oddity(
            name: "JSON without grant type", id: "clover", has: [#""code":"C""#],
            lacks: ["grant_type", "redirect_uri"]),
        Oddity(name: "secret in the body at first", id: "keap", has: ["client_secret=secret"]),
        Oddity(
            name: "assertion that the client signs", id: "login-gov-sandbox",
            has: ["client_assertion=ey", "client_assertion_type=urn%3Aietf%3Aparams"],
            lacks: ["client_secret", "Authorization", "client_id"]),
        Oddity(
            name: "POST with a query", id: "bullhorn",
            has: ["POST https://auth-emea.bullhornstaffing.com/oauth/token?", "client_secret=secret"],
            lacks: ["Content-Type"]),
        Oddity(
            name: "header with the tenant's number", id: "walmart",
            has: ["WM_PARTNER.ID: 43423324", "Authorization: Basic "], lacks: ["client_secret"]),
        Oddity(
            name: "another grant type", id: "tiktok-shop",
            has: [
                "GET https://auth.tiktok-shops.com/api/v2/token/get?", "grant_type=authorized_code",
                "auth_code=C",
            ],
            lacks: ["grant_type=authorization_code"]),
    ]) func `a token request has what its provider wants`(_ oddity: Oddity) throws {
        let flow = try flow(oddity.id)
        check(text(try flow.exchange(grant(flow))), oddity)
    }

    @Test(arguments: [
        Oddity(
            name: "URL of its own, no grant type", id: "figma",
            has: ["https://api.figma.com/v1/oauth/refresh"],
            lacks: ["grant_type"]),
        Oddity(
            name: "access token for a newer one", id: "instagram",
            has: ["GET https://graph.instagram.com/refresh_access_token?", "access_token=T"],
            lacks: ["client_secret"]),
        Oddity(
            name: "another authentication", id: "keap", has: ["Authorization: Basic "],
            lacks: ["client_secret"]),
        Oddity(
            name: "no secret", id: "clover", has: ["https://api.clover.com/oauth/v2/refresh"],
            lacks: ["client_secret", "grant_type"]),
        Oddity(name: "further parameter", id: "withings", has: ["action=requesttoken"]),
    ]) func `a refresh has what its provider wants`(_ oddity: Oddity) throws {
        let flow = try flow(oddity.id)
        let request = try ProviderRequest.refresh(
            flow.integration, endpoints: flow.endpoints(grant(flow)), refreshToken: "T")
        check(text(try #require(request)), oddity)
    }

    @Test func `a scope has the flow's environment in it`() throws {
        let flow = try flow("dynamics-365")
        let endpoints = try flow.integration.endpoints(
            parameters: ["organization": "https://contoso.crm4.dynamics.com/"])
        #expect(
            flow.integration.scopes(requested: [], endpoints: endpoints).first
                == "https://contoso.crm4.dynamics.com/user_impersonation")
        #expect(throws: ParameterError.self) {
            try flow.integration.endpoints(parameters: ["organization": "crm.dynamics.com.example"])
        }
    }
}
