extension EmbeddedCatalog {
    static let hubspot = CatalogFile(
        name: "embedded/hubspot.yaml",
        text: """
            integrations:
              hubspot:
                label: HubSpot
                documentation: https://developers.hubspot.com/docs/api-reference/auth-oauth-v3/guide
                authorization_endpoint: https://app.hubspot.com/oauth/authorize
                token_endpoint: https://api.hubapi.com/oauth/v3/token
                pkce: supported
                scope:
                  # `optional:tickets` asks for the scope tickets, which the user's account may lack.
                  second_list: {parameter: optional_scope, prefix: "optional:"}
                required_scopes: [oauth]
                response:
                  scope: [scope, scopes]
                  fields: [hub_id, user_id]
                  error: [error, status]
                  error_description: [error_description, message]
                  invalid_grant_codes: [BAD_AUTH_CODE, BAD_REFRESH_TOKEN]
                refresh: {mode: stable}
                account: {id: hub_id}
            """)
}
