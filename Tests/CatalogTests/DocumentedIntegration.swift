import Cryptography
import Encodings
import Integrations
import Mirrors
import OAuth
import Testing

/// An integration of the catalog beside what public sources say of it, and a client of it.
struct DocumentedIntegration: Sendable, CustomTestStringConvertible {
    static let redirectURI = "https://connect.example.com/api/v1/oauth/callback/x?a=1&b=2"
    static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    static let appScopes = ["one", "two:a.b/c"]

    let facts: Provenance

    var testDescription: String { facts.id }
    var id: String { facts.id }

    /// Those whose endpoints are shown. It is empty where a file cannot be read, which fails a test of its own.
    static let all = every.filter {
        $0.facts.facts[.authorizationEndpoint] != nil && $0.facts.facts[.tokenEndpoint] != nil
    }

    /// Those whose endpoints are not shown, too.
    static let every: [DocumentedIntegration] = {
        do {
            return try ProvenanceFile.all().map { DocumentedIntegration(facts: $0) }
        } catch {
            return []
        }
    }()

    static let catalog = Result { try Catalog() }

    func configured() throws -> ConfiguredIntegration {
        try Self.configured(
            #require(try Self.catalog.get()[id]), parameters: facts.example.parameters)
    }

    static func configured(
        _ integration: Integration, parameters: [String: String] = [:]
    ) throws -> ConfiguredIntegration {
        let client = try ConfiguredIntegration(
            integration, settings: settings(for: integration, parameters: parameters))
        guard let document = try document(for: client, parameters: parameters) else { return client }
        return try client.discovered(with: document.read, at: document.server)
    }

    /// A client's, with what an operator has to say.
    static func settings(
        for integration: Integration, parameters: [String: String] = [:]
    ) -> IntegrationSettings {
        var settings = IntegrationSettings(clientID: "client", clientSecret: ClientSecret("secret"))
        if integration.token.signedClientSecret != nil {
            settings.clientSecret = ClientSecret(privateKey)
            settings.keyID = "ABC123DEFG"
            settings.keyIssuer = "DEF123GHIJ"
        }
        if integration.token.clientAssertion != nil { settings.clientSecret = rsaKey }
        if integration.hasConfiguredEndpoints {
            settings.authorizationEndpoint = "https://example.com/authorize"
            settings.tokenEndpoint = "https://example.com/token"
        }
        for parameter in integration.parameters where parameter.source == .client {
            settings.parameters[parameter.name] = parameters[parameter.name].map { ClientSecret($0) }
        }
        if let parameter = integration.parameters.first(where: \.isHostOfClient) {
            settings.host = parameters[parameter.name]
        }
        return settings
    }

    /// What the server that a connection names says of itself; `nil` where none is named.
    static func document(
        for client: ConfiguredIntegration, parameters: [String: String]
    ) throws -> (read: DiscoveryDocument, server: DiscoveryTarget)? {
        guard client.integration.discovery != nil,
            let server = try client.discoveryTarget(parameters: parameters)
        else { return nil }
        return (try document(issuer: server.base), server)
    }

    static func document(issuer: String) throws -> DiscoveryDocument {
        let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        let document = """
            {"issuer":"\(issuer)","authorization_endpoint":"\(base)/authorize",\
            "token_endpoint":"\(base)/token"}
            """
        return try DiscoveryDocument.parse(Array(document.utf8))
    }

    /// Made once, because it takes a while. Tests that need it fail if it cannot be made.
    private static let rsaKey: ClientSecret? = {
        do throws(CryptographyError) {
            return ClientSecret(try SigningKey.generatedPEM(.rsa))
        } catch {
            return nil
        }
    }()

    /// Signs nothing but tests.
    private static let privateKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgSL4xUnnwLdeM3iPP
        dtxYWBNYYUq1f0qYxevPV75fzxihRANCAASTAQ9+24Lvb70RLmEBZLJYon+H5d9I
        dYyilNkAojpi+HnuqdJdRF6iwLlMX7es0pdFSdpxEBm6SdIsBTzLIJmd
        -----END PRIVATE KEY-----
        """
}

/// One flow of a client, up to the requests that it sends.
struct ClientFlow {
    let integration: ConfiguredIntegration
    let facts: Provenance
    private let parameters: [String: String]

    init(_ integration: ConfiguredIntegration, _ facts: Provenance) {
        self.integration = integration
        self.facts = facts
        let declared = integration.integration.parameters
        parameters = facts.example.parameters.filter { given in
            declared.contains { $0.name == given.key && $0.source == .caller }
        }
    }

    /// RFC 7636 §4.2.
    var challenge: String {
        let octets = Array(DocumentedIntegration.verifier.utf8)
        let digest = SHA256.digest(octets.span)
        return Base64URL.encode(digest.span)
    }

    func authorizationURL(state: String = "STATE") throws -> String {
        let endpoints = try integration.endpoints(parameters: parameters)
        return try AuthorizationRequest(
            integration, endpoints: endpoints,
            redirectURI: DocumentedIntegration.redirectURI,
            scopes: integration.scopes(requested: DocumentedIntegration.appScopes, endpoints: endpoints),
            state: state,
            codeChallenge: challenge, nonce: "NONCE"
        ).url()
    }

    /// What the callback brings.
    func grant(_ query: String) throws -> AuthorizationGrant {
        let callback = try CallbackParameters.parse(Array(query.utf8))
        switch try callback.authorizationResponse(for: integration.integration) {
        case .code(let grant): return grant
        case .error(let code, _): throw StrictProvider.Rejection(reasons: [code])
        }
    }

    /// - Parameter response: once it is there.
    func endpoints(_ grant: AuthorizationGrant, after response: TokenResponse? = nil) throws -> Endpoints {
        let kept = response?.fields.compactMapValues(\.text) ?? [:]
        return try integration.endpoints(
            parameters: parameters, callbackFields: grant.fields.merging(kept) { first, _ in first })
    }

    func exchange(_ grant: AuthorizationGrant) throws -> ProviderRequest {
        try ProviderRequest.exchange(
            integration, endpoints: endpoints(grant), code: grant.code,
            redirectURI: DocumentedIntegration.redirectURI, codeVerifier: DocumentedIntegration.verifier,
            state: "STATE")
    }
}

extension StrictProvider {
    /// A request as the product makes it, without a network between.
    func respond(to request: ProviderRequest) -> Response {
        let headers = request.headers.map { ($0.name.lowercased(), $0.value) }
        return respond(
            to: Request(
                method: request.method.rawValue, url: request.url,
                headers: Dictionary(headers, uniquingKeysWith: { first, _ in first }),
                body: String(decoding: request.body, as: UTF8.self)))
    }

    convenience init(_ documented: DocumentedIntegration) {
        self.init(documented.facts, redirectURI: DocumentedIntegration.redirectURI)
    }
}
