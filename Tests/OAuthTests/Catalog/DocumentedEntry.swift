import Integrations
import OAuth
import Testing

/// What a provider's documentation says of its requests, transcribed from there and not from the entry.
struct DocumentedEntry: Sendable, CustomTestStringConvertible {
    let id: String
    /// Scheme, host and path.
    let authorization: String
    let token: String
    /// Template parameters to try it with.
    var parameters: [String: String] = [:]
    /// Parameters that every authorization request has, besides those of the flow.
    var fixed: [String: String] = [:]
    /// What the authorization request calls the client's id.
    var clientIDName = "client_id"
    /// Nil: the provider has no scope parameter.
    var separator: String? = " "
    /// Scopes that every request has, whatever is asked for.
    var required: [String] = []
    var hasResponseType = true
    var hasPKCE = true
    var hasNonce = false
    var maxStateLength: Int?

    var body = "application/x-www-form-urlencoded"
    var isBasic = false
    /// Of the client, in the token request's body.
    var clientFields: [String] = ["client_id", "client_secret"]
    var sendsRedirectURI = true
    /// Further fields of the token request's body.
    var tokenFields: [String: String] = [:]

    var testDescription: String { id }

    static func configured(_ id: String) throws -> ConfiguredIntegration {
        let integration = try #require(try Catalog()[id])
        var settings = IntegrationSettings(clientID: "client", clientSecret: ClientSecret("secret"))
        if integration.token.signedClientSecret != nil {
            settings.clientSecret = ClientSecret(TestKey.p256)
            settings.keyID = "ABC123DEFG"
            settings.keyIssuer = "DEF123GHIJ"
        }
        if integration.hasConfiguredEndpoints {
            settings.authorizationEndpoint = "https://example.com/authorize"
            settings.tokenEndpoint = "https://example.com/token"
        }
        return try ConfiguredIntegration(integration, settings: settings)
    }
}

extension DocumentedEntry {
    private static let atlassian = "https://auth.atlassian.com/authorize"
    private static let atlassianToken = "https://auth.atlassian.com/oauth/token"
    private static let audience = ["audience": "api.atlassian.com", "prompt": "consent"]

    static let all = single + accountProviders + googleProducts + microsoftProducts

    private static let single: [DocumentedEntry] = [
        DocumentedEntry(
            id: "apple", authorization: "https://appleid.apple.com/auth/authorize",
            token: "https://appleid.apple.com/auth/token", fixed: ["response_mode": "form_post"],
            hasPKCE: false, hasNonce: true),
        DocumentedEntry(
            id: "atlassian", authorization: atlassian, token: atlassianToken, fixed: audience,
            required: ["offline_access"], hasPKCE: false, body: "application/json"),
        DocumentedEntry(
            id: "confluence", authorization: atlassian, token: atlassianToken, fixed: audience,
            required: ["offline_access"], hasPKCE: false, body: "application/json"),
        DocumentedEntry(
            id: "jira", authorization: atlassian, token: atlassianToken, fixed: audience,
            required: ["offline_access"], hasPKCE: false, body: "application/json"),
        DocumentedEntry(
            id: "dropbox", authorization: "https://www.dropbox.com/oauth2/authorize",
            token: "https://api.dropboxapi.com/oauth2/token", fixed: ["token_access_type": "offline"],
            maxStateLength: 2000),
        DocumentedEntry(
            id: "generic", authorization: "https://example.com/authorize",
            token: "https://example.com/token"),
        DocumentedEntry(
            id: "github", authorization: "https://github.com/login/oauth/authorize",
            token: "https://github.com/login/oauth/access_token"),
        DocumentedEntry(
            id: "hubspot", authorization: "https://app.hubspot.com/oauth/authorize",
            token: "https://api.hubapi.com/oauth/2026-03/token", required: ["oauth"]),
        DocumentedEntry(
            id: "linear", authorization: "https://linear.app/oauth/authorize",
            token: "https://api.linear.app/oauth/token", fixed: ["prompt": "consent"], separator: ","),
        DocumentedEntry(
            id: "notion", authorization: "https://api.notion.com/v1/oauth/authorize",
            token: "https://api.notion.com/v1/oauth/token", fixed: ["owner": "user"], separator: nil,
            hasPKCE: false, body: "application/json", isBasic: true, clientFields: []),
        DocumentedEntry(
            id: "salesforce", authorization: "https://acme.my.salesforce.com/services/oauth2/authorize",
            token: "https://acme.my.salesforce.com/services/oauth2/token",
            parameters: ["instance": "acme.my.salesforce.com"], required: ["refresh_token"]),
        DocumentedEntry(
            id: "shopify", authorization: "https://acme.myshopify.com/admin/oauth/authorize",
            token: "https://acme.myshopify.com/admin/oauth/access_token", parameters: ["shop": "acme"],
            separator: ",", hasResponseType: false, hasPKCE: false, sendsRedirectURI: false,
            tokenFields: ["expiring": "1"]),
        DocumentedEntry(
            id: "slack", authorization: "https://slack.com/oauth/v2/authorize",
            token: "https://slack.com/api/oauth.v2.access", separator: ",", hasPKCE: false, isBasic: true,
            clientFields: []),
        DocumentedEntry(
            id: "x", authorization: "https://x.com/i/oauth2/authorize",
            token: "https://api.x.com/2/oauth2/token", required: ["offline.access"], maxStateLength: 500,
            isBasic: true, clientFields: ["client_id"]),
        DocumentedEntry(
            id: "zoom", authorization: "https://zoom.us/oauth/authorize",
            token: "https://zoom.us/oauth/token", separator: nil, isBasic: true, clientFields: []),
    ]
}
