internal import Encodings
internal import Integrations
internal import StateTokens

/// Collects a token request's parameters, then writes them as the integration wants them.
struct TokenRequestDraft {
    private let integration: ConfiguredIntegration
    private let values: [String: String]
    private let method: TokenMethod
    private let placement: TokenBody
    private var parameters: [(name: String, value: String)] = []

    init(
        _ integration: ConfiguredIntegration, endpoints: Endpoints, method: TokenMethod? = nil,
        body: TokenBody? = nil
    ) {
        self.integration = integration
        values = endpoints.values
        self.method = method ?? integration.integration.token.method
        placement = body ?? integration.integration.token.body
    }

    mutating func add(_ name: TokenRules.Name, _ value: String) {
        guard let name = integration.integration.token.name(name) else { return }
        add(name, value)
    }

    mutating func add(_ name: String, _ value: String) { parameters.append((name, value)) }

    /// A static parameter takes the place of a standard one of its name: another grant type, another scope.
    mutating func add(_ templates: [NamedTemplate]) {
        for template in templates {
            parameters.removeAll { $0.name == template.name }
            parameters.append((template.name, template.value.filled(values)))
        }
    }

    consuming func request(
        to url: String, authentication: ClientAuthentication, at now: Timestamp
    ) throws(TokenRequestError) -> TokenRequest {
        let isHostNamedByCaller = integration.isHostNamedByCaller
        var request = try plainRequest(to: url, authentication: authentication, at: now)
        request.isHostNamedByCaller = isHostNamedByCaller
        return request
    }

    private consuming func plainRequest(
        to url: String, authentication: ClientAuthentication, at now: Timestamp
    ) throws(TokenRequestError) -> TokenRequest {
        var headers = integration.integration.token.headers.map { ($0.name, $0.value.filled(values)) }
        if !headers.contains(where: { $0.0.lowercased() == "accept" }) {
            headers.append(("Accept", "application/json"))
        }
        let secret = try integration.secret(at: now)
        switch authentication {
        case .clientSecretPost:
            add(.clientID, integration.clientID)
            add(.clientSecret, secret)
        case .clientSecretBasic:
            headers.append(("Authorization", Self.basic(integration.clientID, secret)))
        case .both:
            headers.append(("Authorization", Self.basic(integration.clientID, secret)))
            add(.clientID, integration.clientID)
        case .none:
            add(.clientID, integration.clientID)
        }
        switch placement {
        case .form:
            headers.append(("Content-Type", "application/x-www-form-urlencoded"))
            return TokenRequest(method: method, url: url, headers: headers, body: form(space: .plus))
        case .json:
            headers.append(("Content-Type", "application/json"))
            let members = parameters.map { ($0.name, JSONValue.string($0.value)) }
            let object = JSONValue.object(Dictionary(members, uniquingKeysWith: { _, last in last }))
            return TokenRequest(method: method, url: url, headers: headers, body: object.bytes)
        case .query:
            let query = String(decoding: form(space: .percent), as: UTF8.self)
            return TokenRequest(method: method, url: Self.url(url, query: query), headers: headers, body: [])
        }
    }

    /// Both are form-encoded before they are joined (RFC 6749 §2.3.1); without, a `:` or `%` in a secret
    /// breaks it.
    private static func basic(_ clientID: String, _ secret: String) -> String {
        let id = PercentEncoding.encode(clientID, space: .plus)
        let password = PercentEncoding.encode(secret, space: .plus)
        let credentials = Array("\(id):\(password)".utf8)
        return "Basic \(Base64.encode(credentials.span))"
    }

    private func form(space: SpaceEncoding) -> [UInt8] {
        var output: [UInt8] = []
        for (index, parameter) in parameters.enumerated() {
            if index > 0 { output.append(UInt8(ascii: "&")) }
            PercentEncoding.append(parameter.name.utf8.span, to: &output, space: space)
            output.append(UInt8(ascii: "="))
            PercentEncoding.append(parameter.value.utf8.span, to: &output, space: space)
        }
        return output
    }

    private static func url(_ url: String, query: String) -> String {
        let base = url.prefix { $0 != "#" }
        guard base.contains("?") else { return "\(base)?\(query)" }
        return base.hasSuffix("?") || base.hasSuffix("&") ? "\(base)\(query)" : "\(base)&\(query)"
    }
}
