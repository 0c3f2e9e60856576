internal import Access
internal import ConnectService
internal import Integrations
internal import Keyrings
internal import Sandbox
internal import StateTokens

extension Settings {
    /// Reads and checks the whole configuration.
    ///
    /// - Throws: ``ConfigurationError`` with everything that is wrong.
    static func read(
        _ sources: SettingsSources
    ) throws(ConfigurationError) -> (settings: Settings, findings: [SettingsReader.Finding]) {
        var reader = SettingsReader(sources)
        let host = reader.text(.host, default: "127.0.0.1") ?? "127.0.0.1"
        let port = reader.number(.port, in: 0...65_535, default: 8080)
        let catalogFiles = catalogFiles(sources, &reader)
        let allowsInsecureLoopback = reader.flag(.allowsInsecureLoopback, default: false)
        let tokens = TokenSettings.read(&reader, allowsInsecureLoopback: allowsInsecureLoopback)
        let production = productionSettings(&reader, hasTokens: tokens != nil)
        let isDevelopment = production == nil && reader.mistakes.isEmpty
        let catalog = catalog(
            catalogFiles, sandbox: isDevelopment && port != 0 ? developmentURL(port: port) : nil,
            allowsInsecureLoopback: allowsInsecureLoopback || isDevelopment, &reader)
        if isDevelopment, port == 0 {
            reader.report(
                "listen.port is 0, which lets the system choose, but development mode's public URL contains the port: "
                    + "set one from 1 to 65535")
        }
        // The sandbox's client is made at each start.
        let configurable = catalog.ids.filter { !isDevelopment || $0 != SandboxServer.integrationID }
        var integrations: [String: IntegrationSettings] = [:]
        var confirmed: [String: ConfirmationMode] = [:]
        let mentioned = configurable.filter(sources.mentions).compactMap { catalog[$0] }
        for integration in mentioned {
            integrations[integration.id] = settings(of: integration, &reader)
            confirmed[integration.id] = confirmation(integration.id, &reader)
        }
        let level = reader.text(.logLevel, default: "info") ?? "info"
        let logLevel = LogLevel(rawValue: level)
        if logLevel == nil {
            reader.report(
                "log.level must be one of \(LogLevel.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let logFormat = LogFormat(rawValue: reader.text(.logFormat, default: "text") ?? "text")
        if logFormat == nil { reader.report("log.format must be text or json") }
        var settings = Settings(
            production: production, host: host,
            port: port,
            storeConnections: reader.number(.storeConnections, in: 1...100, default: 8),
            stateLifetime: .seconds(reader.number(.stateLifetime, in: 30...86_400, default: 600)),
            refresh: RefreshSettings.read(&reader), catalog: catalog,
            providers: ProviderSettings.read(
                &reader, allowsInsecureLoopback: allowsInsecureLoopback || isDevelopment,
                environment: sources.environment),
            logLevel: logLevel ?? .info, logFormat: logFormat ?? .text,
            auditLog: reader.text(.auditLog, default: "stderr") ?? "stderr",
            metricsAddress: metricsAddress(&reader), documentationURL: documentationURL(&reader),
            tracing: TracingSettings.read(&reader), tokens: tokens,
            limits: LimitSettings.read(&reader), integrations: integrations,
            confirmation: ConfirmationRequirement(
                isUniversal: production?.store == .nowhere, integrations: confirmed))
        if isDevelopment, !["127.0.0.1", "localhost", "::1"].contains(settings.host) {
            reader.report(
                "listen.host is \(settings.host), but development mode is for this machine alone. For others to reach "
                    + "it, set \(Self.productionNames)")
        }
        // Without a catalog every integration's settings would count as unknown.
        let isCatalogRead = !catalog.ids.isEmpty
        let unknown =
            isCatalogRead
            ? UnknownSettings.mistakes(in: sources, integrations: mentioned, ids: configurable) : []
        guard (reader.mistakes + unknown).isEmpty else { throw ConfigurationError(reader.mistakes + unknown) }
        settings.secretFiles = reader.secretFiles + (sources.secrets?.paths ?? [])
        return (settings, reader.findings)
    }

    private static let productionNames =
        "public_url, keyrings.state, keyrings.connections, credentials.api_keys (or credentials.jwt), store and "
        + "workspaces"

    /// All of what production needs, or nothing of it: development mode.
    private static func productionSettings(
        _ reader: inout SettingsReader, hasTokens: Bool
    ) -> Production? {
        let publicURL = reader.text(.publicURL)
        let stateKeyring = keyring(.stateKeyring, .stateKeyringText, &reader)
        let connectionsKeyring = keyring(.connectionsKeyring, .connectionsKeyringText, &reader)
        let apiKeys = reader.text(.apiKeys)
        let store = reader.text(.store)
        let workspaces = reader.text(.workspaces)
        let location = store.flatMap { Self.location($0, &reader) }
        let given: [(Setting, Bool)] = [
            (.publicURL, publicURL != nil), (.stateKeyring, stateKeyring != nil),
            (.connectionsKeyring, connectionsKeyring != nil || location == .nowhere),
            (.apiKeys, apiKeys != nil),
            (.store, store != nil),
            (.workspaces, workspaces != nil),
        ]
        guard given.contains(where: \.1) else { return nil }
        // Tokens stand in for API keys; alone they make no production of a trial.
        let missing = given.filter { !$0.1 && !($0.0 == .apiKeys && hasTokens) }.map(\.0)
        if !missing.isEmpty {
            let names = missing.map { "\($0.name) (or \($0.environmentVariable))" }.joined(separator: ", ")
            reader.report(
                "production mode needs \(productionNames). Missing: \(names). "
                    + "Set none of them for development mode")
        }
        let audience = publicURL.flatMap { Audience(publicURL: $0) }
        if publicURL != nil, audience == nil {
            reader.report("public_url must be an absolute URL such as https://connect.example.com")
        }
        if let audience, !audience.description.hasPrefix("https://"), !isLoopback(audience) {
            reader.report("public_url must be https; http is for loopback addresses only")
        }
        guard let audience, let stateKeyring, connectionsKeyring != nil || location == .nowhere,
            apiKeys != nil || hasTokens,
            let location, let workspaces
        else { return nil }
        return Production(
            publicURL: audience, stateKeyring: stateKeyring, connectionsKeyring: connectionsKeyring,
            apiKeys: apiKeys, store: location, workspaces: workspaces)
    }

    /// The port makes the listener; the host alone would make none.
    private static func metricsAddress(_ reader: inout SettingsReader) -> ListenAddress? {
        let port = reader.optionalNumber(.metricsPort, in: 1...65_535)
        let host = reader.text(.metricsHost)
        guard let port else {
            if host != nil { reader.report("metrics.listen.port is missing; without it nothing listens") }
            return nil
        }
        return ListenAddress(host: host ?? "127.0.0.1", port: port)
    }

    private static func documentationURL(_ reader: inout SettingsReader) -> Audience? {
        guard let text = reader.text(.documentationURL) else { return nil }
        let url = Audience(publicURL: text)
        if url == nil {
            reader.report(
                "documentation_url must be an absolute URL such as https://docs.example.com/symbolon, without a query"
            )
        }
        return url
    }

    private static func isLoopback(_ audience: Audience) -> Bool {
        ["http://127.0.0.1", "http://localhost", "http://[::1]"].contains {
            audience.description == $0 || audience.description.hasPrefix("\($0):")
                || audience.description.hasPrefix("\($0)/")
        }
    }

    private static func location(_ text: String, _ reader: inout SettingsReader) -> StoreLocation? {
        do throws(StoreLocationError) {
            return try StoreLocation(text)
        } catch {
            reader.report("store \(error.sentence)")
            return nil
        }
    }

    private static func keyring(
        _ setting: Setting, _ textSetting: Setting, _ reader: inout SettingsReader
    ) -> KeyringSource? {
        let path = reader.text(setting)
        let text = reader.text(textSetting)
        if path != nil, text != nil {
            reader.report(
                "\(setting.name) and \(textSetting.environmentVariable) are both set; leave one out")
        }
        if let text {
            if text.trimmingWhiteSpace.hasPrefix("{") { return .json(text) }
            // A keyring that lost its first brace must not be shown as a path that is not there.
            if text.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "{") })
            {
                reader.report(
                    "\(textSetting.environmentVariable) is neither the path of a keyring nor its JSON, which "
                        + "begins with a brace")
                return nil
            }
            return .path(text)
        }
        return path.map { .path($0) }
    }

    private static func settings(
        of integration: Integration, _ reader: inout SettingsReader
    ) -> IntegrationSettings {
        let id = integration.id
        func text(_ setting: IntegrationSetting) -> String? { reader.text(setting.setting(of: id)) }
        let secret = reader.secret(
            IntegrationSetting.clientSecret.setting(of: id),
            orFileAt: IntegrationSetting.clientSecretFile.setting(of: id))
        var settings = IntegrationSettings(
            clientID: text(.clientID), clientSecret: secret.map { ClientSecret($0) },
            keyID: text(.keyID), keyIssuer: text(.keyIssuer),
            scopes: reader.list(IntegrationSetting.scopes.setting(of: id)),
            issuer: text(.issuer), authorizationEndpoint: text(.authorizationEndpoint),
            tokenEndpoint: text(.tokenEndpoint), refreshEndpoint: text(.refreshEndpoint),
            revocationEndpoint: text(.revocationEndpoint),
            wantsOfflineAccess: reader.optionalFlag(IntegrationSetting.offlineAccess.setting(of: id)) ?? false
        )
        settings.sharesRedirectURI =
            reader.optionalFlag(IntegrationSetting.sharedRedirectURI.setting(of: id)) ?? false
        settings.host = text(.host)
        settings.logo = logo(id, &reader)
        if let name = text(.clientAuthentication) {
            settings.clientAuthentication = ClientAuthentication(rawValue: name)
            if settings.clientAuthentication == nil {
                let known = ClientAuthentication.allCases.map(\.rawValue).joined(separator: ", ")
                reader.report(
                    "\(IntegrationSetting.clientAuthentication.setting(of: id).name) must be one of \(known)")
            }
        }
        for parameter in integration.parameters where parameter.source == .client {
            settings.parameters[parameter.name] = reader.text(.parameter(parameter, of: id))
                .map { ClientSecret($0) }
        }
        return settings
    }

    /// PNG or SVG, as workspaces have one.
    private static func logo(_ id: String, _ reader: inout SettingsReader) -> Logo? {
        let setting = IntegrationSetting.logo.setting(of: id)
        guard let path = reader.text(setting) else { return nil }
        guard let logo = WorkspaceFile.contentsOfLogo(path).flatMap({ Logo($0) }) else {
            reader.report(
                "\(setting.name) must name a PNG or SVG file of at most \(Logo.maximumByteCount / 1024) KiB that "
                    + "can be read")
            return nil
        }
        return logo
    }

    private static func confirmation(_ id: String, _ reader: inout SettingsReader) -> ConfirmationMode? {
        let setting = IntegrationSetting.confirm.setting(of: id)
        guard let text = reader.text(setting) else { return nil }
        let confirmation = ConfirmationMode(rawValue: text)
        if confirmation == nil {
            reader.report("\(setting.name) must be `required` or `screen`, or left out")
        }
        return confirmation
    }

    /// - Parameter sandbox: the public URL of development mode, which has a provider of its own.
    private static func catalog(
        _ files: [CatalogFile], sandbox: Audience?, allowsInsecureLoopback: Bool,
        _ reader: inout SettingsReader
    ) -> Catalog {
        do throws(CatalogError) {
            let own = sandbox.map { [SandboxServer.catalogFile(publicURL: $0)] } ?? []
            return try Catalog(files: own + files, allowsInsecureLoopback: allowsInsecureLoopback)
        } catch {
            reader.report("\(error)")
            return .empty
        }
    }

    /// The files that `catalog` names, and last the entries that the configuration file itself holds.
    private static func catalogFiles(
        _ sources: SettingsSources, _ reader: inout SettingsReader
    ) -> [CatalogFile] {
        var files: [CatalogFile] = []
        do throws(ConfigurationError) {
            files = try CatalogFiles.load(reader.list(.catalog) ?? [])
        } catch {
            for mistake in error.mistakes { reader.report(mistake) }
        }
        if let file = sources.file, let entries = file.catalogEntries {
            files.append(CatalogFile(name: file.path, integrations: entries))
        }
        return files
    }
}

/// The operator's catalog files.
enum CatalogFiles {
    /// - Parameter paths: of files, and of folders, whose files that end in `.yaml` or `.yml` are read by name.
    static func load(_ paths: [String]) throws(ConfigurationError) -> [CatalogFile] {
        var files: [CatalogFile] = []
        for path in paths {
            do throws(ConfigurationError) {
                for path in try TextFile.paths(path, endings: [".yaml", ".yml"]) {
                    files.append(CatalogFile(name: path, text: try TextFile.read(path)))
                }
            } catch {
                throw ConfigurationError(error.mistakes.map { "catalog: \($0)" })
            }
        }
        return files
    }
}
