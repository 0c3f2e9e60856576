extension EmbeddedCatalog {
    static let dropbox = CatalogFile(
        name: "embedded/dropbox.yaml",
        text: """
            integrations:
              dropbox:
                label: Dropbox
                documentation: https://developers.dropbox.com/oauth-guide
                authorization_endpoint: https://www.dropbox.com/oauth2/authorize
                token_endpoint: https://api.dropboxapi.com/oauth2/token
                max_state_length: 2000
                pkce: supported
                authorization:
                  parameters:
                    # Without it there is no refresh token.
                    token_access_type: offline
                    force_reapprove: {override: true}
                    disable_signup: {override: true}
                    locale: {override: true}
                # With none asked for, the app's own scopes are granted.
                response:
                  fields: [account_id, uid, team_id]
                refresh: {mode: stable}
                account: {id: [account_id, team_id]}
            """)
}
