/// Providers that name the account in the token response or in the ID token.
extension DocumentedEntry {
    static let accountProviders: [DocumentedEntry] = [
        DocumentedEntry(
            id: "asana", authorization: "https://app.asana.com/-/oauth_authorize",
            token: "https://app.asana.com/-/oauth_token"),
        DocumentedEntry(
            id: "auth0", authorization: "https://acme.eu.auth0.com/authorize",
            token: "https://acme.eu.auth0.com/oauth/token", parameters: ["domain": "acme.eu.auth0.com"],
            required: ["openid", "email", "offline_access"], hasNonce: true),
        DocumentedEntry(
            id: "cognito", authorization: "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize",
            token: "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token",
            parameters: ["domain": "acme.auth.eu-west-1.amazoncognito.com"], required: ["openid", "email"],
            hasNonce: true, isBasic: true, clientFields: []),
        DocumentedEntry(
            id: "heroku", authorization: "https://id.heroku.com/oauth/authorize",
            token: "https://id.heroku.com/oauth/token", hasPKCE: false),
        DocumentedEntry(
            id: "huggingface", authorization: "https://huggingface.co/oauth/authorize",
            token: "https://huggingface.co/oauth/token", required: ["openid", "profile"], hasNonce: true),
        DocumentedEntry(
            id: "line", authorization: "https://access.line.me/oauth2/v2.1/authorize",
            token: "https://api.line.me/oauth2/v2.1/token", required: ["openid"], hasNonce: true),
        DocumentedEntry(
            id: "linkedin", authorization: "https://www.linkedin.com/oauth/v2/authorization",
            token: "https://www.linkedin.com/oauth/v2/accessToken", required: ["openid"], hasPKCE: false),
        DocumentedEntry(
            id: "miro", authorization: "https://miro.com/oauth/authorize",
            token: "https://api.miro.com/v1/oauth/token", separator: nil, hasPKCE: false),
        DocumentedEntry(
            id: "okta", authorization: "https://acme.okta.com/oauth2/v1/authorize",
            token: "https://acme.okta.com/oauth2/v1/token", parameters: ["domain": "acme.okta.com"],
            required: ["openid", "email", "offline_access"], hasNonce: true, isBasic: true,
            clientFields: []),
        DocumentedEntry(
            id: "orcid", authorization: "https://orcid.org/oauth/authorize",
            token: "https://orcid.org/oauth/token", hasPKCE: false),
        DocumentedEntry(
            id: "square", authorization: "https://connect.squareup.com/oauth2/authorize",
            token: "https://connect.squareup.com/oauth2/token", fixed: ["session": "false"], hasPKCE: false,
            body: "application/json"),
        DocumentedEntry(
            id: "stripe", authorization: "https://connect.stripe.com/oauth/authorize",
            token: "https://connect.stripe.com/oauth/token", hasPKCE: false),
        DocumentedEntry(
            id: "tiktok", authorization: "https://www.tiktok.com/v2/auth/authorize/",
            token: "https://open.tiktokapis.com/v2/oauth/token/", clientIDName: "client_key",
            separator: ",", hasPKCE: false, clientFields: ["client_key", "client_secret"]),
        DocumentedEntry(
            id: "twitch", authorization: "https://id.twitch.tv/oauth2/authorize",
            token: "https://id.twitch.tv/oauth2/token", required: ["openid"], hasPKCE: false,
            hasNonce: true),
        DocumentedEntry(
            id: "withings", authorization: "https://account.withings.com/oauth2_user/authorize2",
            token: "https://wbsapi.withings.net/v2/oauth2", separator: ",", hasPKCE: false,
            tokenFields: ["action": "requesttoken"]),
        DocumentedEntry(
            id: "xero", authorization: "https://login.xero.com/identity/connect/authorize",
            token: "https://identity.xero.com/connect/token",
            required: ["openid", "profile", "email", "offline_access"], hasNonce: true, isBasic: true,
            clientFields: []),
    ]
}
