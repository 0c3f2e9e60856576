/// How the client authenticates at the token endpoint (RFC 6749 §2.3.1).
package enum ClientAuthentication: String, Sendable, CaseIterable {
    case clientSecretBasic = "client_secret_basic"
    /// Basic with the client's id and secret as they are (RFC 7617), for a provider that does not decode them.
    case basicUnencoded = "basic_unencoded"
    case clientSecretPost = "client_secret_post"
    /// Basic, and `client_id` in the body, too.
    case both
    /// Basic with the secret as the user's name and no password.
    case secretAsUser = "secret_as_user"
    /// A public client: `client_id` in the body, and PKCE in place of a secret.
    case none

    /// It goes into the header `Authorization`.
    var usesHeader: Bool {
        switch self {
        case .clientSecretBasic, .basicUnencoded, .both, .secretAsUser: true
        case .clientSecretPost, .none: false
        }
    }
}

/// What an integration's token requests look like (RFC 6749 §4.1.3).
package struct TokenRules: Sendable, Hashable {
    package let shape: RequestShape
    package let authentication: ClientAuthentication
    /// Nil: the client secret is the configured text.
    package let signedClientSecret: SignedClientSecret?
    /// What the client authenticates with in place of a secret, wherever it authenticates.
    package let clientAssertion: ClientAssertion?
    package let parameters: [NamedTemplate]
    /// Some providers want the state in the token request, too.
    package let sendsState: Bool
}

extension TokenRules {
    private static let names: [RequestShape.Name] = [
        .grantType, .clientID, .clientSecret, .code, .redirectURI, .codeVerifier, .state, .refreshToken,
        .scope,
    ]

    init(_ entry: SectionReader, parameters declared: [TemplateParameter]) {
        let section = entry.section("token")
        let known = declared + [.clientID]
        shape = RequestShape(
            section, parameters: known, methods: [.post, .get], names: Self.names,
            omissions: [.grantType, .redirectURI, .clientID], like: nil)
        authentication = section.choice("authentication", of: ClientAuthentication.self) ?? .clientSecretPost
        signedClientSecret = SignedClientSecret(section)
        clientAssertion = ClientAssertion(section, entry: entry)
        sendsState = section.flag("state") ?? false
        parameters = section.templates("parameters", parameters: known)
        if signedClientSecret != nil, authentication == .none {
            section.report(
                "has no use where `authentication` is none; remove one of the two", "signed_client_secret")
        }
        if clientAssertion != nil, signedClientSecret != nil || section.node("authentication") != nil {
            section.report(
                "takes the place of `authentication` and `signed_client_secret`; remove them",
                "client_assertion")
        }
        let filled = shape.names(Self.names.filter { $0 != .grantType && $0 != .scope })
        section.refuseFilledNames("parameters", parameters, filled: filled)
        section.finish()
    }
}

extension SectionReader {
    func refuseFilledNames(_ key: String, _ parameters: [NamedTemplate], filled: Set<String>) {
        for parameter in parameters where filled.contains(parameter.name) {
            report("`\(parameter.name)` is filled by the flow itself; remove it", key)
        }
    }
}
