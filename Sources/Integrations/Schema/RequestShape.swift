/// The method of a request to a provider.
package enum RequestMethod: String, Sendable, CaseIterable {
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

/// Which of a grant's tokens a request is about.
package enum GrantToken: String, Sendable, CaseIterable {
    case refreshToken = "refresh_token"
    case accessToken = "access_token"
}

/// How a request that concerns tokens is written: where its parameters go, and what the provider calls them.
package struct RequestShape: Sendable, Hashable {
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
        case token
        case tokenTypeHint = "token_type_hint"
    }

    package let method: RequestMethod
    package let body: TokenBody
    package let headers: [NamedTemplate]
    private let names: [Name: String]
    private let omitted: Set<Name>

    /// The same with another method and body.
    init(_ other: RequestShape, method: RequestMethod, body: TokenBody) {
        self.method = method
        self.body = body
        headers = other.headers
        names = other.names
        omitted = other.omitted
    }

    /// What the provider calls a standard parameter; nil where it is not sent.
    package func name(_ name: Name) -> String? {
        omitted.contains(name) ? nil : names[name] ?? name.rawValue
    }

    /// What the provider calls the standard parameters, those that are not sent among them.
    func names(_ names: [Name]) -> Set<String> { Set(names.map { self.names[$0] ?? $0.rawValue }) }

    func isRenamed(_ name: Name) -> Bool { names[name] != nil }

    /// The entry writes the header `Authorization` itself.
    package var setsAuthorization: Bool { headers.contains { $0.name.lowercased() == "authorization" } }
}

extension RequestShape {
    /// - Parameters:
    ///   - names: what may have another name.
    ///   - omissions: what may be left out.
    ///   - other: the request that this one is like in all that the section leaves out.
    ///   - allowedHeaders: those of the request's own that the section may write.
    init(
        _ section: SectionReader, parameters: [TemplateParameter], methods: [RequestMethod], names: [Name],
        omissions: [Name], like other: RequestShape?, allowedHeaders: Set<String> = []
    ) {
        let own = section.method("method", among: methods)
        method = own ?? other?.method ?? .post
        let inherited = own == nil || own == other?.method ? other?.body : nil
        body = section.choice("body", of: TokenBody.self) ?? inherited ?? (method == .post ? .form : .query)
        var headers = section.templates("headers", parameters: parameters)
        section.checkHeaders("headers", headers, allowing: allowedHeaders)
        for header in other?.headers ?? []
        where !headers.contains(where: { $0.name.lowercased() == header.name.lowercased() }) {
            headers.append(header)
        }
        self.headers = headers
        let renames = section.section("parameter_names")
        var found = other?.names ?? [:]
        for name in names { if let text = renames.string(name.rawValue) { found[name] = text } }
        renames.finish()
        self.names = found
        omitted =
            section.node("omit") == nil
            ? other?.omitted ?? [] : section.omissions("omit", allowed: omissions)
        if method == .get, body != .query {
            section.report("must be `query` where the method is GET", "body")
        }
    }
}

extension TemplateParameter {
    /// The client's id, which templates of requests may name.
    static let clientID = TemplateParameter(place: "client_id", kind: .segment)

    /// A place in a template for which no caller gives a value.
    init(place name: String, kind: Kind, pattern: String? = nil) {
        self.init(
            name: name, label: name, description: nil, example: nil, kind: kind, pattern: pattern,
            defaultValue: nil, choices: [], source: .caller, isSecret: false, isHostOfClient: false,
            isForAPI: false)
    }
}

extension SectionReader {
    func method(_ key: String, among allowed: [RequestMethod]) -> RequestMethod? {
        guard let node = node(key) else { return nil }
        guard let method = node.text.flatMap(RequestMethod.init(rawValue:)), allowed.contains(method) else {
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
