internal import Access
internal import ConnectService
internal import Integrations
internal import Keyrings
internal import StateTokens

/// The configuration, checked whole.
struct Settings {
    /// What a production deployment has, and development mode makes up for itself.
    struct Production {
        let publicURL: Audience
        let stateKeyring: KeyringSource
        /// Not needed without a store.
        let connectionsKeyring: KeyringSource?
        /// `nil`: there are tokens only.
        let apiKeys: String?
        let store: StoreLocation
        let workspaces: String
    }

    /// `nil`: development mode.
    let production: Production?
    let host: String
    let port: Int
    /// How many connections a replica has to the database server at most.
    let storeConnections: Int
    let stateLifetime: Duration
    let refresh: RefreshSettings
    /// With the sandbox in development mode.
    let catalog: Catalog
    let providers: ProviderSettings
    let logLevel: LogLevel
    let logFormat: LogFormat
    /// `stderr`, `stdout` or a file.
    let auditLog: String
    /// Where scrapers read metrics without a credential; `nil`: nowhere.
    let metricsAddress: ListenAddress?
    /// Under which the documentation is published, for errors to link to; `nil`: they do not.
    let documentationURL: Audience?
    /// Where spans go; `nil`: nothing is traced.
    let tracing: TracingSettings?
    /// JSON Web Tokens as credentials; `nil`: there are API keys only.
    let tokens: TokenSettings?
    let limits: LimitSettings
    let integrations: [String: IntegrationSettings]
    /// Where flows must be confirmed. Workspaces may require it in further places.
    let confirmation: ConfirmationRequirement
    /// The files that secrets came from, apart from keyrings and what the workspaces file names.
    var secretFiles: [String] = []
}

extension Settings {
    /// The public URL of development mode.
    static func developmentURL(port: Int) -> Audience? { Audience(publicURL: "http://127.0.0.1:\(port)") }
}

/// Where a server listens.
struct ListenAddress: Equatable {
    let host: String
    let port: Int
}

/// What the service's own log lines are.
enum LogFormat: String, CaseIterable {
    /// For people.
    case text
    /// An object a line.
    case json
}

/// How much is logged.
enum LogLevel: String, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
}
