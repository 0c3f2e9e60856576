extension EmbeddedCatalog {
    static let generic = CatalogFile(
        name: "embedded/generic.yaml",
        text: """
            integrations:
              generic:
                label: OAuth 2.0
                documentation: https://www.rfc-editor.org/rfc/rfc6749
                # The operator names the issuer, or the authorization endpoint and the token endpoint.
                configured_endpoints: true
                pkce: supported
                account: {id: claims.sub, label: [claims.email, claims.preferred_username]}
            """)
}
