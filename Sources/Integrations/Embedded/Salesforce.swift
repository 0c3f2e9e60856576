extension EmbeddedCatalog {
    static let salesforce = CatalogFile(
        name: "embedded/salesforce.yaml",
        text: """
            integrations:
              salesforce:
                label: Salesforce
                documentation:
                  https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_web_server_flow.htm
                parameters:
                  instance:
                    label: Login host
                    description: "test.salesforce.com for a sandbox, or a My Domain: acme.my.salesforce.com"
                    kind: host
                    pattern: "(login|test|[A-Za-z0-9-]+([.][a-z]+)?[.]my)[.]salesforce[.]com"
                    default: login.salesforce.com
                authorization_endpoint: https://{instance}/services/oauth2/authorize
                token_endpoint: https://{instance}/services/oauth2/token
                revocation_endpoint: https://{instance}/services/oauth2/revoke
                pkce: supported
                authorization:
                  parameters:
                    prompt: {override: true}
                    display: {override: true}
                    login_hint: {override: true}
                required_scopes: [refresh_token]
                default_scopes: [api]
                response:
                  # The answer names no lifetime: it is the org's session time-out, 15 minutes at least.
                  assumed_lifetime: 900
                  fields: [instance_url, id, sfdc_community_url]
                # An app may be switched to rotation; a new token in the answer is taken either way.
                refresh: {mode: stable}
                account: {id: id, label: [claims.email, claims.preferred_username, id]}
            """)
}
