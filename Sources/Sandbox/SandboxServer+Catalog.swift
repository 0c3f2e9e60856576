package import Integrations
package import StateTokens

extension SandboxServer {
    /// The sandbox's entry, in the format of an operator's own file.
    ///
    /// An audience has no character that means something in a quoted YAML scalar.
    package static func catalogFile(publicURL: Audience) -> CatalogFile {
        let issuer = issuer(publicURL: publicURL)
        return CatalogFile(
            name: "embedded/sandbox.yaml",
            text: """
                integrations:
                  \(integrationID):
                    label: Sandbox
                    documentation: "\(publicURL)/"
                    sandbox: true
                    issuer: "\(issuer)"
                    sends_iss: true
                    authorization_endpoint: "\(issuer)/authorize"
                    token_endpoint: "\(issuer)/token"
                    revocation_endpoint: "\(issuer)/revoke"
                    revocation: {ends: token}
                    pkce: required
                    default_scopes: [\(SandboxScope.allCases.map(\.rawValue).joined(separator: ", "))]
                    token: {authentication: client_secret_basic}
                    # The response names the account, which RFC 6749 does not ask for.
                    account: {id: account.id, label: account.label}
                    refresh: {mode: rotates}
                """)
    }

    /// RFC 8414 §2; authorization responses carry it (RFC 9207).
    static func issuer(publicURL: Audience) -> String { "\(publicURL)/sandbox" }
}
