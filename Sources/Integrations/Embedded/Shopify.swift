extension EmbeddedCatalog {
    static let shopify = CatalogFile(
        name: "embedded/shopify.yaml",
        text: """
            integrations:
              shopify:
                label: Shopify
                documentation: "https://shopify.dev/docs/apps/build/authentication-authorization/\
            authenticate-standalone-apps"
                parameters:
                  shop:
                    label: Shop
                    description: "The shop's name before .myshopify.com"
                    pattern: "[A-Za-z0-9][A-Za-z0-9-]*"
                authorization_endpoint: https://{shop}.myshopify.com/admin/oauth/authorize
                token_endpoint: https://{shop}.myshopify.com/admin/oauth/access_token
                # The documentation knows none; the callback is signed.
                pkce: none
                authorization:
                  omit: [response_type]
                  parameters:
                    # `per-user` asks for a token that ends with the user's session.
                    "grant_options[]": {override: true}
                scope: {separator: ","}
                default_scopes: [read_products]
                callback:
                  signature: {method: sorted_hmac_sha256, parameter: hmac}
                  expected: {shop: "{shop}.myshopify.com"}
                  fields: [shop]
                token:
                  omit: [redirect_uri]
                  # Otherwise the token neither expires nor refreshes.
                  parameters: {expiring: "1"}
                response:
                  fields: [associated_user.id]
                refresh: {mode: rotates}
                account: {id: callback.shop, label: [associated_user.email, callback.shop]}
            """)
}
