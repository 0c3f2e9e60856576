/// How the client authenticates at the token endpoint (RFC 6749 §2.3.1).
package enum ClientAuthentication: String, Sendable, CaseIterable {
    case clientSecretBasic = "client_secret_basic"
    case clientSecretPost = "client_secret_post"
    /// Basic, and `client_id` in the body, too.
    case both
    /// A public client: `client_id` in the body, and PKCE in place of a secret.
    case none
}

package enum TokenMethod: String, Sendable, CaseIterable {
    case post = "POST"
    case get = "GET"
    /// For revocations only.
    case delete = "DELETE"
}

/// Where the token request's parameters go.
package enum TokenBody: String, Sendable, CaseIterable {
    case form
    case json
    case query
}

/// What an integration's token requests look like (RFC 6749 §4.1.3, §6).
package struct TokenRules: Sendable, Hashable {
    /// The standard parameters, which an entry may rename or leave out.
    package enum Name: String, Sendable, CaseIterable {
        case grantType = "grant_type"
        case clientID = "client_id"
        case clientSecret = "client_secret"
        case code
        case redirectURI = "redirect_uri"
        case codeVerifier = "code_verifier"
        case state
        case refreshToken = "refresh_token"
        case scope
    }

    package let method: TokenMethod
    package let body: TokenBody
    package let authentication: ClientAuthentication
    /// Nil: the client secret is the configured text.
    package let signedClientSecret: SignedClientSecret?
    package let parameters: [NamedTemplate]
    package let headers: [NamedTemplate]
    /// Some providers want the state in the token request, too.
    package let sendsState: Bool
    private let names: [Name: String]
    private let omitted: Set<Name>

    package func name(_ name: Name) -> String? {
        omitted.contains(name) ? nil : names[name] ?? name.rawValue
    }

    /// The names that the flow fills, which no static parameter may take.
    var filledNames: Set<String> {
        Set(Name.allCases.filter { $0 != .grantType && $0 != .scope }.map { names[$0] ?? $0.rawValue })
    }
}

extension TokenRules {
    init(_ entry: SectionReader, parameters declared: [TemplateParameter]) {
        let section = entry.section("token")
        method = section.method("method", among: [.post, .get]) ?? .post
        body = section.choice("body", of: TokenBody.self) ?? (method == .get ? .query : .form)
        authentication = section.choice("authentication", of: ClientAuthentication.self) ?? .clientSecretPost
        signedClientSecret = SignedClientSecret(section)
        sendsState = section.flag("state") ?? false
        names = section.renames("parameter_names", of: Name.self)
        omitted = section.omissions("omit", allowed: [.grantType, .redirectURI, .clientID])
        parameters = section.templates("parameters", parameters: declared)
        headers = section.templates("headers", parameters: declared)
        if signedClientSecret != nil, authentication == .none {
            section.report(
                "has no use where `authentication` is none; remove one of the two", "signed_client_secret")
        }
        if method == .get, body != .query {
            section.report("must be `query` where the method is GET", "body")
        }
        section.refuseFilledNames("parameters", parameters, filled: filledNames)
        section.checkHeaders("headers", headers)
        section.finish()
    }
}

extension SectionReader {
    func refuseFilledNames(_ key: String, _ parameters: [NamedTemplate], filled: Set<String>) {
        for parameter in parameters where filled.contains(parameter.name) {
            report("`\(parameter.name)` is filled by the flow itself; remove it", key)
        }
    }

    func method(_ key: String, among allowed: [TokenMethod]) -> TokenMethod? {
        guard let node = node(key) else { return nil }
        guard let method = node.text.flatMap(TokenMethod.init(rawValue:)), allowed.contains(method) else {
            report("must be one of: \(allowed.map(\.rawValue).joined(separator: ", "))", key)
            return nil
        }
        return method
    }

    /// A line break in a header would let one header write others.
    func checkHeaders(_ key: String, _ headers: [NamedTemplate], allowing: Set<String> = []) {
        let own = Set([
            "authorization", "content-length", "content-type", "host", "transfer-encoding", "connection",
        ]).subtracting(allowing)
        for header in headers {
            if own.contains(header.name.lowercased()) {
                report("`\(header.name)` is set by the request itself; remove it", key)
            }
            let isName = header.name.utf8.allSatisfy {
                $0 > 0x20 && $0 < 0x7F && !"()<>@,;:\\\"/[]?={}".utf8.contains($0)
            }
            let isValue = header.value.text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
            if !isName || !isValue {
                report("`\(header.name)` is not a header, or its value is not ASCII", key)
            }
        }
    }
}
