/// Whether the provider takes PKCE (RFC 7636).
package enum PKCEMode: String, Sendable, CaseIterable {
    /// The provider refuses requests without it.
    case required
    /// Sent, since a provider that does not know it ignores it.
    case supported
    /// The provider refuses requests with it.
    case none
}

/// When an OpenID Connect nonce is sent.
package enum NonceMode: String, Sendable, CaseIterable {
    case always
    /// With the scope `openid`.
    case openid
    case never
}

/// A parameter that the integration adds to the authorization request.
package struct AuthorizationParameter: Sendable, Hashable {
    package let name: String
    /// Nil: sent only when the caller gives a value.
    package let value: Template?
    package let isOverridable: Bool
}

/// What an integration's authorization request looks like (RFC 6749 §4.1.1).
package struct AuthorizationRules: Sendable, Hashable {
    /// The standard parameters, which an entry may rename or leave out.
    package enum Name: String, Sendable, CaseIterable {
        case responseType = "response_type"
        case clientID = "client_id"
        case redirectURI = "redirect_uri"
        case scope
        case state
        case codeChallenge = "code_challenge"
        case codeChallengeMethod = "code_challenge_method"
        case nonce
    }

    package let parameters: [AuthorizationParameter]
    package let pkce: PKCEMode
    package let nonce: NonceMode
    private let names: [Name: String]
    private let omitted: Set<Name>

    /// What the provider calls a standard parameter; nil where it is not sent.
    package func name(_ name: Name) -> String? {
        omitted.contains(name) ? nil : names[name] ?? name.rawValue
    }
}

extension AuthorizationRules {
    init(_ entry: SectionReader, parameters declared: [TemplateParameter]) {
        pkce = entry.choice("pkce", of: PKCEMode.self) ?? .supported
        let section = entry.section("authorization")
        nonce = section.choice("nonce", of: NonceMode.self) ?? .openid
        names = section.renames("parameter_names", of: Name.self)
        omitted = section.omissions("omit", allowed: [.responseType, .redirectURI])
        parameters = Self.parameters(section.section("parameters"), declared: declared)
        let sent = Set(Name.allCases.map { names[$0] ?? $0.rawValue })
        for parameter in parameters where sent.contains(parameter.name) {
            section.report("`\(parameter.name)` is filled by the flow itself; remove it", "parameters")
        }
        section.finish()
    }

    /// `name: value`, or `name: {value: …, override: true}` where the caller may choose.
    private static func parameters(
        _ section: SectionReader, declared: [TemplateParameter]
    ) -> [AuthorizationParameter] {
        section.keys.compactMap { name in
            guard let node = section.node(name) else { return nil }
            if node.members == nil {
                guard let text = section.string(name) else { return nil }
                let value = section.template(text, name, parameters: declared)
                return AuthorizationParameter(name: name, value: value, isOverridable: false)
            }
            let details = section.section(name)
            let isOverridable = details.flag("override") ?? false
            let value = details.string("value").flatMap {
                details.template($0, "value", parameters: declared)
            }
            details.finish()
            if value == nil, !isOverridable { section.report("needs a `value`, or `override: true`", name) }
            return AuthorizationParameter(name: name, value: value, isOverridable: isOverridable)
        }
    }
}

extension SectionReader {
    func renames<Name: RawRepresentable & CaseIterable & Hashable>(
        _ key: String, of type: Name.Type
    ) -> [Name: String] where Name.RawValue == String {
        let section = section(key)
        var names: [Name: String] = [:]
        for name in Name.allCases { names[name] = section.string(name.rawValue) }
        section.finish()
        return names
    }

    func omissions<Name: RawRepresentable & Hashable>(
        _ key: String, allowed: [Name]
    ) -> Set<Name> where Name.RawValue == String {
        let texts = strings(key) ?? []
        let names = texts.compactMap(Name.init(rawValue:)).filter(allowed.contains)
        if names.count < texts.count {
            report("can leave out only: \(allowed.map(\.rawValue).joined(separator: ", "))", key)
        }
        return Set(names)
    }
}
