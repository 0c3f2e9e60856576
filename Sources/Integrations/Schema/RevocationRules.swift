/// What one revocation ends at a provider.
package enum RevocationExtent: String, Sendable, CaseIterable {
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
    /// Nil: as at the token endpoint.
    let authentication: ClientAuthentication?
    /// A header carries the client's secret, or the token; which of them is in the templates.
    package let namesSecret: Bool
    package let parameters: [NamedTemplate]
    /// Some providers refuse a body with a member that they do not know.
    package let sendsTokenTypeHint: Bool
    /// Which other connections have to be looked for before a revocation.
    package let ends: RevocationExtent
}

extension RevocationRules {
    private static let names: [RequestShape.Name] = [.clientID, .clientSecret, .token, .tokenTypeHint]
    /// What only headers may name: a secret in a URL would be seen wherever that is.
    package static let tokenPlace = "token"
    package static let secretPlace = "client_secret"

    init(_ entry: SectionReader, token rules: TokenRules, parameters declared: [TemplateParameter]) {
        let section = entry.section("revocation")
        let known = declared + [.clientID]
        let places = [Self.tokenPlace, Self.secretPlace].map { TemplateParameter(place: $0, kind: .segment) }
        shape = RequestShape(
            section, parameters: known + places, methods: [.post, .delete, .get], names: Self.names,
            omissions: [.clientID, .clientSecret, .token], like: rules.shape.forRevocations,
            allowedHeaders: ["authorization"])
        token = section.choice("token", of: GrantToken.self)
        placement = section.choice("send_as", of: TokenPlacement.self) ?? .parameter
        authentication = section.choice("authentication", of: ClientAuthentication.self)
        let named = shape.headers.flatMap(\.value.names)
        namesSecret = named.contains(Self.secretPlace)
        parameters = section.templates("parameters", parameters: known)
        sendsTokenTypeHint = section.flag("token_type_hint") ?? true
        ends = section.choice("ends", of: RevocationExtent.self) ?? .grant
        section.refuseFilledNames("parameters", parameters, filled: shape.names(Self.names))
        if namesSecret, rules.authentication == .none || rules.clientAssertion != nil {
            section.report("names {client_secret}, and the client has none", "headers")
        }
        if shape.name(.token) == nil, placement == .parameter, !named.contains(Self.tokenPlace) {
            section.report("must not leave out the token unless a header names {token}", "omit")
        }
        let usesHeader = placement == .bearer || (authentication ?? rules.authentication).usesHeader
        if usesHeader, rules.clientAssertion == nil, shape.setsAuthorization {
            section.report(
                "takes the place of `Authorization`, which the request itself sets here: say another `authentication`",
                "headers")
        }
        section.finish()
    }
}

extension RequestShape {
    /// The same with the method and the body of RFC 7009, whatever the token request has.
    fileprivate var forRevocations: RequestShape { RequestShape(self, method: .post, body: .form) }
}
