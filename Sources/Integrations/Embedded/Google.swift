extension EmbeddedCatalog {
    static let google = CatalogFile(
        name: "embedded/google.yaml",
        text: """
            integrations:
              google:
                abstract: true
                documentation: https://developers.google.com/identity/protocols/oauth2/web-server
                issuer: https://accounts.google.com
                authorization_endpoint: https://accounts.google.com/o/oauth2/v2/auth
                token_endpoint: https://oauth2.googleapis.com/token
                revocation_endpoint: https://oauth2.googleapis.com/revoke
                pkce: supported
                authorization:
                  parameters:
                    # Without both of these a second flow yields no refresh token.
                    access_type: offline
                    prompt: {value: consent, override: true}
                    login_hint: {override: true}
                    include_granted_scopes: {override: true}
                refresh: {mode: stable}
                account: {id: claims.sub, label: claims.email}
              gmail:
                inherits: google
                label: Gmail
                documentation: https://developers.google.com/workspace/gmail/api/auth/scopes
                default_scopes: ["https://www.googleapis.com/auth/gmail.readonly"]
              google-calendar:
                inherits: google
                label: Google Calendar
                documentation: https://developers.google.com/workspace/calendar/api/auth
                default_scopes: ["https://www.googleapis.com/auth/calendar.readonly"]
              google-drive:
                inherits: google
                label: Google Drive
                documentation: https://developers.google.com/workspace/drive/api/guides/api-specific-auth
                default_scopes: ["https://www.googleapis.com/auth/drive.readonly"]
            """)
}
