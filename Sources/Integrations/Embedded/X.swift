extension EmbeddedCatalog {
    static let x = CatalogFile(
        name: "embedded/x.yaml",
        text: """
            integrations:
              x:
                label: X
                documentation: https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token
                authorization_endpoint: https://x.com/i/oauth2/authorize
                token_endpoint: https://api.x.com/2/oauth2/token
                revocation_endpoint: https://api.x.com/2/oauth2/revoke
                max_state_length: 500
                pkce: required
                # Without offline.access there is no refresh token.
                required_scopes: [offline.access]
                default_scopes: [tweet.read, users.read]
                # A confidential client; `authentication: none` for an app of another type.
                token: {authentication: both}
                refresh: {mode: rotates}
            """)
}
