import ArgumentParser
import Connections
import Keyrings
import StateTokens

/// Where the rows are: named, or as the configuration has it.
struct StoreOptions: ParsableArguments {
    @Option(help: .init("Where the rows are, if not where the configuration says.", valueName: "url"))
    var store: StoreArgument?

    @OptionGroup var options: ConfigurationFileOptions

    func open() async throws -> any ConnectionStore {
        if let store { return try store.open() }
        return try options.settings().storeLocation.openExisting()
    }

    /// The keyring that opens what the rows hold.
    func keyring(_ named: String?) async throws -> Keyring {
        if let named { return try LoadedKeyring(named, purpose: .connections).keyring }
        let settings = try options.settings()
        let source =
            settings.production.map(\.connectionsKeyring)
            ?? .path("\(DevelopmentFolder.name)/\(KeyringFile.name(for: .connections))")
        guard let source else {
            throw CommandError(.configuration, "no connections keyring is configured: give --keyring")
        }
        return try source.load(.connections)
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
