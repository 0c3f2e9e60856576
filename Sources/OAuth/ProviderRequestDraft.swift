internal import Encodings
internal import Integrations
internal import StateTokens

/// Collects a request's parameters, then writes them as the integration wants them.
struct ProviderRequestDraft {
    /// How the client shows who it is.
    enum Authentication {
        case client(ClientAuthentication)
        /// The token alone speaks for the request.
        case bearer(String)
    }

    private let integration: ConfiguredIntegration
    private let endpoints: Endpoints
    private let values: [String: String]
    private let shape: RequestShape
    private var parameters: [(name: String, value: String)] = []

    /// - Parameter extra: what templates may name beside the entry's parameters and the client's id.
    init(
        _ integration: ConfiguredIntegration, endpoints: Endpoints, shape: RequestShape,
        values extra: [String: String] = [:]
    ) {
        self.integration = integration
        self.endpoints = endpoints
        self.shape = shape
        values = endpoints.values.merging(["client_id": integration.clientID]) { own, _ in own }
            .merging(extra) { own, _ in own }
    }

    mutating func add(_ name: RequestShape.Name, _ value: String) {
        guard let name = shape.name(name) else { return }
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

    /// - Parameter authentication: nil: all that the request needs is among its parameters.
    consuming func request(
        to url: String, authentication: Authentication?, at now: Timestamp
    ) throws(ClientAuthenticationError) -> ProviderRequest {
        let isHostNamedByCaller = integration.isHostNamedByCaller
        var request = try plainRequest(to: url, authentication: authentication, at: now)
        request.isHostNamedByCaller = isHostNamedByCaller
        return request
    }

    private consuming func plainRequest(
        to url: String, authentication: Authentication?, at now: Timestamp
    ) throws(ClientAuthenticationError) -> ProviderRequest {
        var headers = shape.headers.map { ($0.name, $0.value.filled(values)) }
        if !headers.contains(where: { $0.0.lowercased() == "accept" }) {
            headers.append(("Accept", "application/json"))
        }
        switch authentication {
        case .client(let authentication):
            if let header = try authenticate(authentication, at: now) {
                headers.append(("Authorization", header))
            }
        case .bearer(let token): headers.append(("Authorization", "Bearer \(token)"))
        case nil: break
        }
        switch shape.body {
        case .form:
            headers.append(("Content-Type", "application/x-www-form-urlencoded"))
            return ProviderRequest(method: shape.method, url: url, headers: headers, body: form(space: .plus))
        case .json:
            headers.append(("Content-Type", "application/json"))
            let members = parameters.map { ($0.name, JSONValue.string($0.value)) }
            let object = JSONValue.object(Dictionary(members, uniquingKeysWith: { _, last in last }))
            return ProviderRequest(method: shape.method, url: url, headers: headers, body: object.bytes)
        case .query:
            let query = String(decoding: form(space: .percent), as: UTF8.self)
            return ProviderRequest(
                method: shape.method, url: Self.url(url, query: query), headers: headers, body: [])
        }
    }

    /// - Returns: what goes into the header `Authorization`, if anything does.
    private mutating func authenticate(
        _ authentication: ClientAuthentication, at now: Timestamp
    ) throws(ClientAuthenticationError) -> String? {
        if let rules = integration.integration.token.clientAssertion {
            // The client's secret is its private key here, which goes nowhere.
            guard let key = integration.clientKey else { throw .unsigned }
            add(.clientID, integration.clientID)
            add("client_assertion_type", ClientAssertion.type)
            add(
                "client_assertion",
                try rules.text(of: integration.clientID, key, endpoints: endpoints, at: now))
            return nil
        }
        let secret = try integration.secret(at: now)
        switch authentication {
        case .clientSecretPost:
            add(.clientID, integration.clientID)
            add(.clientSecret, secret)
            return nil
        case .clientSecretBasic: return Self.basic(integration.clientID, secret)
        case .basicUnencoded: return Self.basicHeader(integration.clientID, secret)
        case .both:
            add(.clientID, integration.clientID)
            return Self.basic(integration.clientID, secret)
        case .secretAsUser: return Self.basic(secret, "")
        case .none:
            add(.clientID, integration.clientID)
            return nil
        }
    }

    /// Both are form-encoded before they are joined (RFC 6749 §2.3.1); without, a `:` or `%` in a secret
    /// breaks it.
    private static func basic(_ clientID: String, _ secret: String) -> String {
        let id = PercentEncoding.encode(clientID, space: .plus)
        return basicHeader(id, PercentEncoding.encode(secret, space: .plus))
    }

    private static func basicHeader(_ user: String, _ password: String) -> String {
        let credentials = Array("\(user):\(password)".utf8)
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
        if query.isEmpty { return String(base) }
        guard base.contains("?") else { return "\(base)?\(query)" }
        return base.hasSuffix("?") || base.hasSuffix("&") ? "\(base)\(query)" : "\(base)&\(query)"
    }
}
