extension EmbeddedCatalog {
    static let github = CatalogFile(
        name: "embedded/github.yaml",
        text: """
            integrations:
              github:
                label: GitHub
                documentation:
                  https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
                authorization_endpoint: https://github.com/login/oauth/authorize
                token_endpoint: https://github.com/login/oauth/access_token
                pkce: supported
                authorization:
                  parameters:
                    login: {override: true}
                    allow_signup: {override: true}
                    prompt: {override: true}
                scope: {answer_separator: ","}
                token:
                  headers: {Accept: application/json}
                # Errors come with status 200.
                response:
                  error: error
                  invalid_grant_codes: [bad_verification_code, bad_refresh_token]
                # Apps without expiring tokens get no refresh token; for the others each use gives a new one.
                refresh: {mode: rotates}
            """)
}
