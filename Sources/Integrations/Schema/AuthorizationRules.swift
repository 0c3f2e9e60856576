/// Whether the provider takes PKCE (RFC 7636).
package enum PKCEMode: String, Sendable, CaseIterable {
    /// The provider refuses requests without it.
    case required
    /// Sent, since a provider that does not know it ignores it.
    case supported
    /// The provider's documentation knows none, and a parameter that it does not know might be rejected.
    case none
    /// The provider rejects requests with it.
    case refused

    package var isSent: Bool { self == .required || self == .supported }
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
    /// What is asked for, where that is not `code`.
    package let responseType: String
    /// How the provider spells `S256`.
    package let codeChallengeMethod: String
    /// Sent in place of our callback's URL, by providers that have a name for it.
    package let redirectURI: Template?
    /// The endpoint has a fragment, which takes the query.
    package let isQueryInFragment: Bool
    /// Stands after the query, without its `#`.
    package let fragment: String?
    /// Parameters that come first, in this order, by the names that are sent.
    package let order: [String]
    private let names: [Name: String]
    private let omitted: Set<Name>

    /// What the provider calls a standard parameter; nil where it is not sent.
    package func name(_ name: Name) -> String? {
        omitted.contains(name) ? nil : names[name] ?? name.rawValue
    }

    /// The template parameters that stand in it.
    var parameterNames: [String] {
        (parameters.map(\.value) + [redirectURI]).flatMap { $0?.parameterNames ?? [] }
    }
}

extension AuthorizationRules {
    init(_ entry: SectionReader, parameters declared: [TemplateParameter]) {
        pkce = entry.choice("pkce", of: PKCEMode.self) ?? .supported
        let section = entry.section("authorization")
        nonce = section.choice("nonce", of: NonceMode.self) ?? .openid
        names = section.renames("parameter_names", of: Name.self)
        omitted = section.omissions("omit", allowed: [.responseType, .clientID, .redirectURI])
        responseType = section.string("response_type") ?? "code"
        codeChallengeMethod = section.string("code_challenge_method") ?? "S256"
        redirectURI = section.string("redirect_uri").flatMap {
            section.template($0, "redirect_uri", parameters: declared)
        }
        isQueryInFragment = section.flag("query_in_fragment") ?? false
        fragment = section.string("fragment")
        order = section.strings("order") ?? []
        parameters = Self.parameters(section.section("parameters"), declared: declared)
        let sent = Set(Name.allCases.map { names[$0] ?? $0.rawValue })
        for parameter in parameters where sent.contains(parameter.name) {
            section.report("`\(parameter.name)` is filled by the flow itself; remove it", "parameters")
        }
        check(section, declared, endpoint: entry.node("authorization_endpoint")?.text ?? "")
        section.finish()
    }

    private func check(_ section: SectionReader, _ declared: [TemplateParameter], endpoint: String) {
        // A token in the redirect would be in the browser's history and the logs of proxies (RFC 9700 §2.1.2).
        if responseType.split(separator: " ").contains("token") {
            section.report("must not ask for an access token in the redirect", "response_type")
        }
        if omitted.contains(.responseType), section.node("response_type") != nil {
            section.report("is left out by `omit`; remove one of the two", "response_type")
        }
        if codeChallengeMethod.lowercased() != "s256" {
            section.report("must be `S256`, in the provider's spelling", "code_challenge_method")
        }
        if omitted.contains(.redirectURI), redirectURI != nil {
            section.report("is left out by `omit`; remove one of the two", "redirect_uri")
        }
        for name in redirectURI?.parameterNames ?? []
        where declared.first(where: { $0.name == name })?.source != .client {
            section.report("must not be the caller's choice: {\(name)} needs `from: client`", "redirect_uri")
        }
        let hasFragment = endpoint.utf8.contains(UInt8(ascii: "#"))
        if isQueryInFragment, !hasFragment {
            section.report("needs an authorization endpoint with a fragment (#)", "query_in_fragment")
        }
        guard let fragment else { return }
        if hasFragment { section.report("stands in the authorization endpoint, too; remove one", "fragment") }
        if !fragment.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && !"#\"<>\\^`{|}".utf8.contains($0) }) {
            section.report("must be what may stand after the `#` of a URL (RFC 3986 §3.5)", "fragment")
        }
    }

    /// `secondScopes` is the name of the second list of scopes.
    func checkOrder(_ entry: SectionReader, secondScopes: String?) {
        let sent = Name.allCases.compactMap(name) + parameters.map(\.name) + [secondScopes].compactMap(\.self)
        let section = entry.section("authorization")
        for name in order where !sent.contains(name) {
            section.report(
                "`\(name.shownAsName)` is not sent; there are: \(sent.joined(separator: ", "))", "order")
        }
        if Set(order).count < order.count { section.report("must name each parameter once", "order") }
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
