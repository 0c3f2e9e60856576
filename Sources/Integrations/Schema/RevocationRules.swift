/// What one revocation ends at a provider.
package enum RevocationEnd: String, Sendable, CaseIterable {
    /// The token alone, with those that were issued by it.
    case token
    /// All that the user granted to the client. Standard servers may do so (RFC 7009 §2.1), hence the default.
    case grant
    /// The same, whichever of the provider's revocation endpoints is asked.
    case client
}

/// Where a revocation carries the token that ends.
package enum TokenPlacement: String, Sendable, CaseIterable {
    case parameter
    /// `Authorization: Bearer TOKEN`; the client does not authenticate then.
    case bearer
}

/// What an integration's revocation requests look like (RFC 7009 §2.1), where they differ from the standard.
package struct RevocationRules: Sendable, Hashable {
    package let shape: RequestShape
    /// Nil: the refresh token, where there is one.
    package let token: GrantToken?
    package let placement: TokenPlacement
    package let parameters: [NamedTemplate]
    /// Some providers refuse a body with a member that they do not know.
    package let sendsTokenTypeHint: Bool
    /// Which other connections have to be looked for before a revocation.
    package let ends: RevocationEnd
}

extension RevocationRules {
    private static let names: [RequestShape.Name] = [.clientID, .clientSecret, .token, .tokenTypeHint]

    init(_ entry: SectionReader, token rules: TokenRules, parameters declared: [TemplateParameter]) {
        let section = entry.section("revocation")
        let known = declared + [.clientID]
        shape = RequestShape(
            section, parameters: known, methods: [.post, .delete, .get], names: Self.names,
            omissions: [.clientID, .clientSecret], like: rules.shape.forRevocations)
        token = section.choice("token", of: GrantToken.self)
        placement = section.choice("send_as", of: TokenPlacement.self) ?? .parameter
        parameters = section.templates("parameters", parameters: known)
        sendsTokenTypeHint = section.flag("token_type_hint") ?? true
        ends = section.choice("ends", of: RevocationEnd.self) ?? .grant
        section.refuseFilledNames("parameters", parameters, filled: shape.names(Self.names))
        section.finish()
    }
}

extension RequestShape {
    /// The same with the method and the body of RFC 7009, whatever the token request has.
    fileprivate var forRevocations: RequestShape { RequestShape(self, method: .post, body: .form) }
}
