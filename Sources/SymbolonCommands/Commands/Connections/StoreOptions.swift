import ArgumentParser
import Connections
import Keyrings
import StateTokens

/// Where the rows are: named, or as the configuration has it.
struct StoreOptions: ParsableArguments {
    @Option(help: .init("The store, if not the configuration's.", valueName: "url"))
    var store: StoreArgument?

    @OptionGroup var options: ConfigurationFileOptions

    /// Whether a store or a configuration is named.
    var isNamed: Bool { store != nil || options.isNamed }

    /// Apart, and kept apart: Swift 6.3.1 crashes where it optimises this into the commands.
    ///
    /// - Parameter subscriptions: who is told of changes.
    @inline(never)
    func open(subscriptions: WebhookSubscriptions = .none) async throws -> any ConnectionStore {
        try location().openExisting(subscriptions: subscriptions)
    }

    /// The keys that rows need; `nil` where neither a store nor a configuration is named.
    @inline(never)
    func keysInUse() async throws -> KeysInUse? {
        guard isNamed else { return nil }
        let store = try await open()
        do throws(StoreError) {
            return try await store.keysInUse()
        } catch {
            throw CommandError(error)
        }
    }

    @inline(never)
    func location() throws -> StoreLocation {
        if let store { return try store.location() }
        return try options.settings().storeLocation
    }
}

/// What opens and seals the credentials of rows.
struct ConnectionsKeyringOptions: ParsableArguments {
    @Option(
        help: .init("The connections keyring, if not the configuration's.", valueName: "file"),
        completion: .file())
    var keyring: String?

    /// Refuses the text of a keyring in the place of its file's name.
    func check() throws { try keyring?.checkIsNoKeyring() }

    func sealer(for source: StoreOptions) async throws -> CredentialSealer {
        CredentialSealer(Sealer(KeyringReference(try await loaded(for: source))))
    }

    func loaded(for source: StoreOptions) async throws -> Keyring {
        if let keyring { return try LoadedKeyring(keyring, purpose: .connections).keyring }
        let settings = try source.options.settings()
        let source =
            settings.production.map(\.connectionsKeyring)
            ?? .path("\(DevelopmentFolder.name)/\(KeyringFile.name(for: .connections))")
        guard let source else {
            throw CommandError(.configuration, "no connections keyring is configured: give --keyring")
        }
        return try source.loaded(for: .connections)
    }
}

extension Settings {
    /// Where connections are kept, in development mode, too.
    var storeLocation: StoreLocation {
        production?.store ?? .sqlite(path: "\(DevelopmentFolder.name)/symbolon.sqlite")
    }
}

/// Which rows.
struct ConnectionFilter: ParsableArguments {
    @Option(help: .init("Only this workspace's.", valueName: "id"))
    var workspace: String?

    @Option(help: .init("Only this integration's.", valueName: "id"))
    var integration: String?

    @Option(help: "Only those that are: active, inactive, testing, error or expired.")
    var status: ConnectionStatus?

    @Option(help: .init("Only this user's.", valueName: "id"))
    var user: String?

    func connections(in store: any ConnectionStore) -> StoredConnections {
        StoredConnections(
            store: store, workspaceID: workspace, integrationID: integration, status: status, userID: user)
    }
}

extension ConnectionStatus: ExpressibleByArgument {}
