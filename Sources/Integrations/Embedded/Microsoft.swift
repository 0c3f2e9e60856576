extension EmbeddedCatalog {
    static let microsoft = CatalogFile(
        name: "embedded/microsoft.yaml",
        text: """
            integrations:
              microsoft:
                label: Microsoft
                documentation:
                  https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow
                parameters:
                  tenant:
                    label: Tenant
                    description: "The directory's id or domain, or one of: common, organizations, consumers"
                    kind: segment
                    pattern: "[A-Za-z0-9.-]{1,253}"
                    default: common
                authorization_endpoint: https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize
                token_endpoint: https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token
                pkce: supported
                authorization:
                  parameters:
                    response_mode: query
                    prompt: {override: true}
                    login_hint: {override: true}
                    domain_hint: {override: true}
                # Without offline_access there is no refresh token.
                required_scopes: [offline_access]
                default_scopes: ["https://graph.microsoft.com/User.Read"]
                # Each refresh gives a new token, and the old one stays good.
                refresh: {mode: stable}
                account: {id: claims.oid, label: claims.preferred_username}
            """)
}
