internal import Access
import ConnectService
import Connections
import Keyrings
import StateTokens

/// Looks at the files and the store of a deployment, and makes none of them.
struct DeploymentCheck {
    let settings: Settings
    let now: Timestamp

    /// The greatest difference between clocks that the deployment tolerates.
    var skew: Duration { stateKeyring?.skew ?? .seconds(60) }

    private struct Sources {
        let stateKeyring: KeyringSource
        /// `nil` where there is no store.
        let connectionsKeyring: KeyringSource?
        /// `nil` where tokens alone open the service.
        let apiKeys: String?
    }

    private var sources: Sources? {
        if let production = settings.production {
            return Sources(
                stateKeyring: production.stateKeyring,
                connectionsKeyring: production.store == .nowhere ? nil : production.connectionsKeyring,
                apiKeys: production.apiKeys)
        }
        guard FileKind(at: DevelopmentFolder.name) == .folder else { return nil }
        return Sources(
            stateKeyring: .path("\(DevelopmentFolder.name)/\(KeyringFile.name(for: .state))"),
            connectionsKeyring: .path("\(DevelopmentFolder.name)/\(KeyringFile.name(for: .connections))"),
            apiKeys: "\(DevelopmentFolder.name)/api-keys.json")
    }

    private var stateKeyring: Keyring? {
        do {
            return try sources?.stateKeyring.load(.state)
        } catch {
            // The keyring's own line says why.
            return nil
        }
    }

    func findings() async -> [Finding] {
        guard let sources else { return fileFindings }
        return fileFindings + (await store(sources.connectionsKeyring))
    }

    /// All but the store, which has to be asked.
    var fileFindings: [Finding] {
        guard let sources else {
            return [
                Finding.note(
                    "keyrings", "`symbolon serve` makes them in \(DevelopmentFolder.name)/ at its first start"
                )
            ] + Self.secrets(settings.secretFiles)
        }
        var findings = KeyringCheck(source: sources.stateKeyring, purpose: .state, now: now).findings()
        if let stateKeyring, settings.stateLifetime > stateKeyring.maximumLifetime {
            findings.append(
                .bad(
                    "state.lifetime",
                    "is longer than the state keyring's max_lifetime; lower the one or raise the other"))
        }
        if let connections = sources.connectionsKeyring {
            findings += KeyringCheck(source: connections, purpose: .connections, now: now).findings()
        }
        if let path = sources.apiKeys { findings += apiKeys(path) }
        if let workspaces = settings.production?.workspaces { findings += self.workspaces(workspaces) }
        return findings + Self.secrets(settings.secretFiles) + storePlace
    }

    /// Files that others can read. A keyring is refused then; these may be on a system without owners, such as a volume.
    private static func secrets(_ paths: [String]) -> [Finding] {
        paths.compactMap(SecretFileMode.problem).map { .warning("secrets", $0) }
    }

    /// The first start makes the file of a store, and not the folder for it.
    private var storePlace: [Finding] {
        guard case .sqlite(let path) = settings.storeLocation, settings.production != nil,
            FileKind(at: path) == .nothing, FileKind(at: path.folderName) != .folder
        else { return [] }
        return [.bad("store", "there is no folder \(path.folderName) for the store's file: make it")]
    }

    private func apiKeys(_ path: String) -> [Finding] {
        let topic = "api-keys"
        let keys: [APIKey]
        do throws(APIKeyFileError) {
            keys = try APIKeyFile.load(path)
        } catch {
            return [.bad(topic, "\(error)")]
        }
        let valid = keys.filter { $0.isValid(at: now) }
        guard !valid.isEmpty else {
            return [
                .bad(
                    topic,
                    "no key of \(path) is valid, so every call is rejected: run `symbolon api-keys create`")
            ]
        }
        let soon = valid.filter { key in key.expiresAt.map { $0 < now + .seconds(7 * 86_400) } ?? false }
        return [Finding.good(topic, "\(valid.count) of \(keys.count) in \(path) are valid")]
            + soon.map { key in
                let end = key.expiresAt.map { $0.relative(to: now) } ?? "soon"
                return Finding.warning(topic, "\(key.id) (\(key.label)) expires \(end): make its successor")
            }
    }

    private func workspaces(_ path: String) -> [Finding] {
        do {
            var secretFiles: [String] = []
            let directory = try WorkspaceFile.load(path, readsSecret: { secretFiles.append($0) })
            let workspaces = directory.workspaces
            let empty = workspaces.filter(\.redirectURIs.isEmpty)
            let registry = IntegrationRegistry(
                settings.catalog, settings: settings.integrations, workspaces: directory,
                allowsInsecureLoopback: settings.allowsInsecureLoopback)
            return [Finding.good("workspaces", "\(workspaces.count) in \(path)")]
                + empty.map {
                    Finding.bad(
                        "workspaces",
                        "`\($0.id)` lists no redirect_uris, so none of its flows can return to an app")
                }
                + registry.mistakes(in: directory).map { Finding.bad("workspaces", $0) }
                + workspaces.flatMap(\.placeholders).map { Finding.placeholder("workspaces", $0) }
                + Self.secrets(secretFiles + workspaces.flatMap(\.webhooks).map(\.secretFile))
        } catch {
            return [.bad("workspaces", "\(error)")]
        }
    }

    /// A store that is not there yet is made at the first start; to make it here would hide a wrong path.
    private func store(_ connectionsKeyring: KeyringSource?) async -> [Finding] {
        let topic = "store"
        let location = settings.storeLocation
        guard let connectionsKeyring else {
            return [.note(topic, "there is none: every flow is completed by the app's own server")]
        }
        if case .sqlite(let path) = location, FileKind(at: path) == .nothing {
            guard storePlace.isEmpty else { return [] }
            return [.warning(topic, "there is none at \(path) yet: the first start makes it")]
        }
        do {
            // To open it may be to migrate it.
            let pending = try await StoreTables(location).pending()
            guard pending.isEmpty else {
                return [
                    .warning(
                        topic,
                        "\(location.name) lacks tables of this version: `symbolon store migrate` makes them, and so does the next start"
                    )
                ]
            }
            let store = try location.openExisting()
            try await store.ping()
            let inUse = try await store.keysInUse()
            let known = try Set(connectionsKeyring.load(.connections).keys.map(\.id))
            let lost = inUse.ids.subtracting(known).sorted()
            guard lost.isEmpty else {
                let names = lost.map(\.description).joined(separator: ", ")
                return [
                    .bad(
                        topic, "rows are sealed under keys that the connections keyring lacks: \(names)",
                        .refused)
                ]
            }
            guard inUse.unreadableCount == 0 else {
                return [
                    .warning(
                        topic,
                        "\(inUse.unreadableCount) rows do not say which key they need (column key_id): `symbolon "
                            + "connections reseal` names them, and no key is pruned before they are repaired or deleted"
                    )
                ]
            }
        } catch let error as CommandError {
            return [.bad(topic, error.message, error.status)]
        } catch let error as StoreError {
            let error = CommandError(error)
            return [.bad(topic, error.message, error.status)]
        } catch is KeyringFileError {
            // The keyring's own line says what is wrong with it.
        } catch {
            return [.bad(topic, "cannot be used: \(error)", .unavailable)]
        }
        return [.good(topic, "\(location.name) can be read and written")]
    }
}

extension Workspace {
    /// The settings of its own clients whose values look like placeholders.
    fileprivate var placeholders: [String] {
        integrations.sorted { $0.key < $1.key }.flatMap { integration, entry in
            (entry.client?.placeholders ?? []).map { "workspaces.\(id).integrations.\(integration).\($0)" }
        }
    }
}
