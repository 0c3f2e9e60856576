extension EmbeddedCatalog {
    static let atlassian = CatalogFile(
        name: "embedded/atlassian.yaml",
        text: """
            integrations:
              atlassian:
                label: Atlassian
                documentation: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/
                authorization_endpoint: https://auth.atlassian.com/authorize
                token_endpoint: https://auth.atlassian.com/oauth/token
                # The documentation knows no PKCE for these apps.
                pkce: none
                authorization:
                  parameters:
                    audience: api.atlassian.com
                    prompt: consent
                # Without offline_access there is no refresh token.
                required_scopes: [offline_access]
                default_scopes: ["read:me"]
                token: {body: json}
                # A refresh token ends when it is used, and after 90 days without use.
                refresh: {mode: rotates, token_lifetime: 7776000}
              confluence:
                inherits: atlassian
                label: Confluence
                documentation: https://developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps/
                default_scopes: ["read:confluence-content.all", "read:confluence-space.summary"]
              jira:
                inherits: atlassian
                label: Jira
                documentation: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/
                default_scopes: ["read:jira-work", "read:jira-user"]
            """)
}
