extension EmbeddedCatalog {
    static let linear = CatalogFile(
        name: "embedded/linear.yaml",
        text: """
            integrations:
              linear:
                label: Linear
                documentation: https://linear.app/developers/oauth-2-0-authentication
                authorization_endpoint: https://linear.app/oauth/authorize
                token_endpoint: https://api.linear.app/oauth/token
                revocation_endpoint: https://api.linear.app/oauth/revoke
                pkce: supported
                authorization:
                  parameters:
                    # Lets a user who has connected one workspace choose another.
                    prompt: {value: consent, override: true}
                    actor: {override: true}
                scope: {separator: ","}
                default_scopes: [read]
                refresh: {mode: rotates}
            """)
}
