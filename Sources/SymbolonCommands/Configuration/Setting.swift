internal import Integrations

/// A setting by its name in the configuration file.
struct Setting: Hashable {
    enum Kind {
        case text, number, flag, list
    }

    /// The steps to it: `["listen", "port"]`.
    let path: [String]
    let kind: Kind
    /// Never shown.
    let isSecret: Bool

    init(_ path: String..., kind: Kind = .text, isSecret: Bool = false) {
        self.path = path
        self.kind = kind
        self.isSecret = isSecret
    }

    /// `listen.port`
    var name: String { path.joined(separator: ".") }

    /// How it stands in the configuration file: `listen: {port: …}`
    var written: String {
        let opening = path.dropLast().map { "\($0): {" }.joined()
        return "\(opening)\(path.last ?? ""): …\(String(repeating: "}", count: path.count - 1))"
    }

    /// `SYMBOLON_LISTEN_PORT`
    var environmentVariable: String {
        let octets = name.utf8.map { octet -> UInt8 in
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): octet - 0x20
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): octet
            default: UInt8(ascii: "_")
            }
        }
        return Self.environmentPrefix + String(decoding: octets, as: UTF8.self)
    }

    static let environmentPrefix = "SYMBOLON_"

    /// The value as people may see it.
    func shown(_ value: String) -> String {
        if isSecret { return "(secret)" }
        return self == .store ? StoreLocation.withoutPassword(value) : value
    }
}

extension Setting {
    static let publicURL = Setting("public_url")
    static let host = Setting("listen", "host")
    static let port = Setting("listen", "port", kind: .number)
    static let stateKeyring = Setting("keyrings", "state")
    static let connectionsKeyring = Setting("keyrings", "connections")
    /// A keyring's JSON or its path, in an environment variable.
    static let stateKeyringText = Setting("state_keyring", isSecret: true)
    static let connectionsKeyringText = Setting("connections_keyring", isSecret: true)
    static let apiKeys = Setting("credentials", "api_keys")
    static let store = Setting("store")
    static let storeConnections = Setting("store_connections", kind: .number)
    static let stateLifetime = Setting("state", "lifetime", kind: .number)
    static let sweepInterval = Setting("refresh", "sweep", kind: .number)
    static let refreshMargin = Setting("refresh", "margin", kind: .number)
    static let refreshConcurrency = Setting("refresh", "concurrency", kind: .number)
    static let catalog = Setting("catalog", kind: .list)
    static let workspaces = Setting("workspaces")
    static let secretsDirectory = Setting("secrets_directory")
    static let providerTimeout = Setting("providers", "timeout", kind: .number)
    static let allowsInsecureLoopback = Setting("providers", "allow_insecure_loopback", kind: .flag)
    static let allowsPrivateAddresses = Setting("providers", "allow_private_addresses", kind: .flag)
    static let allowedAddresses = Setting("providers", "allowed_addresses", kind: .list)
    /// It may hold a password.
    static let proxy = Setting("providers", "proxy", isSecret: true)
    static let noProxy = Setting("providers", "no_proxy", kind: .list)
    static let certificateFile = Setting("providers", "ca_file")
    static let logLevel = Setting("log", "level")
    static let logFormat = Setting("log", "format")
    static let trustedProxies = Setting("listen", "trusted_proxies", kind: .list)
    static let forwardedHeader = Setting("listen", "forwarded")
    static let connectionLimit = Setting("limits", "connections", kind: .number)
    static let connectionsPerAddress = Setting("limits", "connections_per_address", kind: .number)
    static let credentialLimit = Setting("limits", "per_credential", kind: .number)
    static let addressLimit = Setting("limits", "per_address", kind: .number)
    static let failureLimit = Setting("limits", "failures_per_address", kind: .number)
    static let tokenIssuer = Setting("credentials", "jwt", "issuer")
    static let tokenAudience = Setting("credentials", "jwt", "audience")
    static let tokenKeySet = Setting("credentials", "jwt", "jwks")
    static let tokenAlgorithms = Setting("credentials", "jwt", "algorithms", kind: .list)
    static let tokenWorkspaceClaim = Setting("credentials", "jwt", "workspace_claim")
    static let tokenUserClaim = Setting("credentials", "jwt", "user_claim")
    static let tokenPermissionsClaim = Setting("credentials", "jwt", "permissions_claim")
    static let tokenPermissions = Setting("credentials", "jwt", "permissions", kind: .list)
    static let auditLog = Setting("audit", "log")
    static let metricsHost = Setting("metrics", "listen", "host")
    static let metricsPort = Setting("metrics", "listen", "port", kind: .number)
    static let documentationURL = Setting("documentation_url")
    static let tracingEndpoint = Setting("tracing", "otlp_endpoint")
    static let tracingHeadersFile = Setting("tracing", "headers_file")
    static let tracingSample = Setting("tracing", "sample")

    /// All but those of integrations.
    static let general: [Setting] = [
        publicURL, host, port, stateKeyring, connectionsKeyring, stateKeyringText, connectionsKeyringText,
        apiKeys,
        store, storeConnections, stateLifetime, sweepInterval, refreshMargin, refreshConcurrency, catalog,
        workspaces, secretsDirectory, providerTimeout,
        allowsInsecureLoopback,
        allowsPrivateAddresses, allowedAddresses, proxy, noProxy, certificateFile, logLevel, logFormat,
        auditLog,
        metricsHost, metricsPort, documentationURL, trustedProxies, forwardedHeader, connectionLimit,
        connectionsPerAddress,
        credentialLimit, addressLimit, failureLimit, tokenIssuer, tokenAudience, tokenKeySet, tokenAlgorithms,
        tokenWorkspaceClaim, tokenUserClaim, tokenPermissionsClaim, tokenPermissions, tracingEndpoint,
        tracingHeadersFile,
        tracingSample,
    ]

    /// The settings of one integration.
    static func integration(_ integration: Integration) -> [Setting] {
        IntegrationSetting.allCases.map { $0.setting(of: integration.id) }
            + integration.parameters.filter { $0.source == .client }.map {
                .parameter($0, of: integration.id)
            }
    }

    /// A value that the operator gives for an integration's templates.
    static func parameter(_ parameter: TemplateParameter, of id: String) -> Setting {
        Setting("integrations", id, "params", parameter.name, isSecret: parameter.isSecret)
    }
}

/// What may be set for one integration, by its name in the configuration file.
enum IntegrationSetting: String, CaseIterable {
    case clientID = "client_id"
    case clientSecret = "client_secret"
    case clientSecretFile = "client_secret_file"
    case clientAuthentication = "client_authentication"
    case offlineAccess = "offline_access"
    case sharedRedirectURI = "shared_redirect_uri"
    /// The host that the client belongs to.
    case host
    case scopes
    case issuer
    case authorizationEndpoint = "authorization_endpoint"
    case tokenEndpoint = "token_endpoint"
    case refreshEndpoint = "refresh_endpoint"
    case revocationEndpoint = "revocation_endpoint"
    case keyID = "key_id"
    case keyIssuer = "key_issuer"
    /// A picture, by its file.
    case logo
    /// Whether its flows must be confirmed by the app's server.
    case confirm

    private var kind: Setting.Kind {
        switch self {
        case .scopes: .list
        case .offlineAccess, .sharedRedirectURI: .flag
        default: .text
        }
    }

    func setting(of id: String) -> Setting {
        Setting(
            "integrations", id, rawValue, kind: kind,
            isSecret: self == .clientSecret)
    }
}
