extension EmbeddedCatalog {
    static let zoom = CatalogFile(
        name: "embedded/zoom.yaml",
        text: """
            integrations:
              zoom:
                label: Zoom
                documentation: https://developers.zoom.us/docs/integrations/oauth/
                authorization_endpoint: https://zoom.us/oauth/authorize
                token_endpoint: https://zoom.us/oauth/token
                revocation_endpoint: https://zoom.us/oauth/revoke
                pkce: supported
                # With none asked for, the app's own scopes are granted.
                token: {authentication: client_secret_basic}
                response:
                  error_description: [error_description, reason]
                  fields: [api_url]
                # A refresh token ends when it is used, and after 90 days.
                refresh: {mode: rotates, token_lifetime: 7776000}
            """)
}
