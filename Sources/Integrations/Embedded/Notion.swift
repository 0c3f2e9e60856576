extension EmbeddedCatalog {
    static let notion = CatalogFile(
        name: "embedded/notion.yaml",
        text: """
            integrations:
              notion:
                label: Notion
                documentation: https://developers.notion.com/docs/authorization
                authorization_endpoint: https://api.notion.com/v1/oauth/authorize
                token_endpoint: https://api.notion.com/v1/oauth/token
                revocation_endpoint: https://api.notion.com/v1/oauth/revoke
                # The documentation knows none, and the token endpoint's body is checked strictly.
                pkce: none
                authorization:
                  parameters: {owner: user}
                # The user chooses pages in place of scopes.
                scope: {mode: none}
                token:
                  authentication: client_secret_basic
                  body: json
                  headers: {Notion-Version: "2025-09-03"}
                revocation: {body: json, token_type_hint: false}
                # An access token has no expiry; a refresh replaces both tokens.
                response:
                  error: [error, code]
                  error_description: [error_description, message]
                  fields: [workspace_id, workspace_name, bot_id, owner.user.id]
                refresh: {mode: rotates}
                account: {id: workspace_id, label: workspace_name}
            """)
}
