internal import Cryptography
internal import Encodings
package import Integrations

/// Why a flow cannot even begin.
package enum TrialError: Error, CustomStringConvertible {
    /// A value is missing or not allowed; it may be given.
    case parameter(ParameterError)
    case settings(SettingsError)
    case provenance(ProvenanceMistake)
    case discovery(DiscoveryError, issuer: String)
    case key

    package var description: String {
        switch self {
        case .parameter(let error): "\(error): give it with --param NAME=VALUE"
        case .settings(let error): "\(error)"
        case .provenance(let mistake): "\(mistake)"
        case .discovery(let error, let issuer): "the document of \(issuer) \(error.sentence(issuer: issuer))"
        case .key: "no key could be made for the client"
        }
    }
}

/// A made-up client of an integration, with everything that its entry asks an operator and a caller for.
struct TrialClient {
    static let id = "client"
    static let secret = "secret"

    let integration: ConfiguredIntegration
    /// For the entry's templates.
    let parameters: [String: String]
    /// What the provider is asked with where a client signs; the text `secret` elsewhere.
    let secret: String

    /// - Parameters:
    ///   - given: by names; where a value is missing, an example's or the entry's own is taken.
    ///   - example: what the provider's documentation has for them.
    init(
        _ entry: Integration, given: [String: String], example: [String: String]
    ) throws(TrialError) {
        var settings = IntegrationSettings(clientID: Self.id, clientSecret: ClientSecret(Self.secret))
        var secret = Self.secret
        if let algorithm = entry.token.clientAssertion?.algorithm
            ?? (entry.token.signedClientSecret == nil ? nil : .es256)
        {
            do throws(CryptographyError) {
                secret = try SigningKey.generatedPEM(algorithm.keyType)
            } catch {
                throw .key
            }
            settings.clientSecret = ClientSecret(secret)
            settings.keyID = "key-1"
            settings.keyIssuer = "issuer-1"
        }
        if entry.hasConfiguredEndpoints {
            settings.authorizationEndpoint =
                given["authorization_endpoint"] ?? "https://provider.example/authorize"
            settings.tokenEndpoint = given["token_endpoint"] ?? "https://provider.example/token"
        }
        var parameters: [String: String] = [:]
        for parameter in entry.parameters {
            let name = parameter.name
            let value = given[name] ?? example[name]
            switch parameter.source {
            case .callback, .response: continue
            case .client: settings.parameters[name] = ClientSecret(value ?? parameter.sample)
            case .caller:
                parameters[name] = value ?? (parameter.defaultValue == nil ? parameter.sample : nil)
                if parameter.isHostOfClient { settings.host = parameters[name] }
            }
        }
        let client: ConfiguredIntegration
        do throws(SettingsError) {
            client = try ConfiguredIntegration(entry, settings: settings)
        } catch {
            throw .settings(error)
        }
        if let server = try Self.server(of: client, parameters) {
            integration = try Self.discovered(client, at: server)
        } else {
            integration = client.needsDiscovery ? try Self.discovered(client) : client
        }
        self.parameters = parameters
        self.secret = secret
    }

    private static func server(
        of client: ConfiguredIntegration, _ parameters: [String: String]
    ) throws(TrialError) -> DiscoveryTarget? {
        do throws(ParameterError) {
            return try client.discoveryTarget(parameters: parameters)
        } catch {
            throw .parameter(error)
        }
    }

    /// The endpoints that the provider's document would name, at places of our own choice.
    private static func discovered(
        _ client: ConfiguredIntegration, at server: DiscoveryTarget? = nil
    ) throws(TrialError) -> ConfiguredIntegration {
        let issuer = server?.base ?? client.issuer ?? "https://provider.example"
        let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        let document = JSONValue.object([
            "issuer": .string(issuer), "authorization_endpoint": .string("\(base)/authorize"),
            "token_endpoint": .string("\(base)/token"), "revocation_endpoint": .string("\(base)/revoke"),
        ])
        do throws(DiscoveryError) {
            let document = try DiscoveryDocument.parse(document.bytes)
            guard let server else { return try client.discovered(with: document) }
            return try client.discovered(with: document, at: server)
        } catch {
            throw .discovery(error, issuer: issuer)
        }
    }
}

extension SignatureAlgorithm {
    fileprivate var keyType: KeyType {
        switch self {
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: .rsa
        case .es256: .p256
        case .es384: .p384
        case .es512: .p521
        case .edDSA: .ed25519
        }
    }
}
