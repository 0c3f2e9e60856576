extension EmbeddedCatalog {
    static let apple = CatalogFile(
        name: "embedded/apple.yaml",
        text: """
            integrations:
              apple:
                label: Sign in with Apple
                documentation: https://developer.apple.com/documentation/signinwithapplerestapi
                issuer: https://appleid.apple.com
                authorization_endpoint: https://appleid.apple.com/auth/authorize
                token_endpoint: https://appleid.apple.com/auth/token
                revocation_endpoint: https://appleid.apple.com/auth/revoke
                # The documentation knows none; the nonce ties the code to the flow.
                pkce: none
                authorization:
                  nonce: always
                  parameters:
                    # With any scope the answer comes as a form, or not at all.
                    response_mode: form_post
                default_scopes: [name, email]
                # The name and address come at the first authorization only, and never again.
                callback: {fields: [user]}
                token:
                  signed_client_secret: {audience: https://appleid.apple.com, lifetime: 300}
                # A refresh token has no end.
                refresh: {mode: stable}
                account: {id: claims.sub, label: claims.email}
            """)
}
