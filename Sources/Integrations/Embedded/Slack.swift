extension EmbeddedCatalog {
    static let slack = CatalogFile(
        name: "embedded/slack.yaml",
        text: """
            integrations:
              slack:
                label: Slack
                documentation: https://docs.slack.dev/authentication/installing-with-oauth
                authorization_endpoint: https://slack.com/oauth/v2/authorize
                token_endpoint: https://slack.com/api/oauth.v2.access
                # Slack takes PKCE only from apps that were switched to it; override this key for such an app.
                pkce: none
                authorization:
                  parameters:
                    team: {override: true}
                scope:
                  separator: ","
                  # `user:search:read` asks for the scope search:read of a user token.
                  second_list: {parameter: user_scope, prefix: "user:"}
                token: {authentication: client_secret_basic}
                # The bot's token lies at the top, the user's under authed_user; the first of them counts.
                response:
                  access_token: [access_token, authed_user.access_token]
                  refresh_token: [refresh_token, authed_user.refresh_token]
                  expires_in: [expires_in, authed_user.expires_in]
                  token_type: [token_type, authed_user.token_type]
                  scope: [scope, authed_user.scope]
                  error: error
                  invalid_grant_codes: [invalid_code, code_already_used, invalid_refresh_token]
                  fields: [app_id, bot_user_id, team.id, team.name, enterprise.id, authed_user.id]
                refresh: {mode: rotates}
                account: {id: [team.id, enterprise.id], label: [team.name, enterprise.name]}
            """)
}
