internal import Connections
package import Integrations
internal import Synchronization

/// The integrations of this deployment: the catalog's, with the clients that are configured.
///
/// What discovery finds out is put in later; the hot path takes a snapshot and never waits. What has no settings is read
/// from the catalog when it is first asked for.
package final class IntegrationRegistry: Sendable {
    /// What is known of an integration in the catalog.
    package enum Entry: Sendable {
        case configured(ConfiguredIntegration)
        /// Settings are missing or wrong.
        indirect case unconfigured(Integration, SettingsError)

        /// `nil` where settings are missing or wrong.
        package var client: ConfiguredIntegration? {
            if case .configured(let client) = self { client } else { nil }
        }

        /// What is missing of the settings, or wrong with them.
        package var settingsError: SettingsError? {
            if case .unconfigured(_, let error) = self { error } else { nil }
        }
    }

    private let allowsInsecureLoopback: Bool
    private let reader = Mutex<ConnectionDiscovery?>(nil)
    private let content: Mutex<Content>
    private let replacement: AsyncStream<Void>.Continuation

    /// Has an element when others were put in force since the last one was taken. One task at a time may wait for it.
    let replacements: AsyncStream<Void>

    /// - Parameters:
    ///   - settings: those of each integration that has any, by its id.
    ///   - workspaces: what they say of integrations counts here.
    package init(
        _ catalog: Catalog, settings: [String: IntegrationSettings],
        workspaces: WorkspaceDirectory = WorkspaceDirectory([]), allowsInsecureLoopback: Bool
    ) {
        self.allowsInsecureLoopback = allowsInsecureLoopback
        (replacements, replacement) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        content = Mutex(Content(catalog, settings, workspaces, allowsInsecureLoopback))
    }

    /// Reads the documents of servers that connections name; without it no such flow begins.
    package var discovery: ConnectionDiscovery? {
        get { reader.withLock { $0 } }
        set { reader.withLock { $0 = newValue } }
    }

    /// Puts another catalog, other settings and other workspaces in force, all at once. A client that stays as it was keeps
    /// what discovery found out.
    package func replace(
        with catalog: Catalog, settings: [String: IntegrationSettings], workspaces: WorkspaceDirectory
    ) {
        var next = Content(catalog, settings, workspaces, allowsInsecureLoopback)
        let before = content.withLock { $0 }
        // Read outside the lock, since an entry that is first asked for is parsed.
        let ids = Set(before.entries.keys).union(before.own.values.flatMap(\.keys))
        let same = ids.filter { catalog[$0] == before.catalog[$0] }
        content.withLock { content in
            next.keep(same, of: content)
            content = next
        }
        replacement.yield()
    }

    /// The ids of all integrations, in their order.
    package var ids: [String] { catalog.ids }

    /// The ids of those that have settings, in their order; whether these are complete or not.
    package var idsWithSettings: [String] {
        let (catalog, settings) = content.withLock { ($0.catalog, $0.settings) }
        return settings.keys.filter { catalog[$0] != nil }.sorted()
    }

    /// All of them, as people are shown them. The first time it reads the whole catalog, which takes some 100 ms.
    package var listed: IntegrationList {
        let (known, catalog, number) = content.withLock { ($0.list, $0.catalog, $0.number) }
        if let known { return known }
        let made = IntegrationList(catalog.integrations)
        return content.withLock { content in
            guard content.number == number else { return made }
            let list = content.list ?? made
            content.list = list
            return list
        }
    }

    /// The integration as the catalog has it, whether it is configured or not.
    package func integration(_ id: String) -> Integration? { catalog[id] }

    /// The picture that the operator has for an integration.
    package func logo(of id: String) -> Logo? { content.withLock { $0.settings[id]?.logo } }

    /// Whether a flow can begin: the client is configured, and its endpoints are known.
    package func isConnectable(_ id: String) -> Bool { configured(id).map { !$0.needsDiscovery } ?? false }

    /// An integration whose settings are complete.
    package func configured(_ id: String) -> ConfiguredIntegration? {
        if case .configured(let integration) = content.withLock({ $0.entries[id] }) {
            integration
        } else {
            nil
        }
    }

    package subscript(id: String) -> Entry? {
        if let known = content.withLock({ $0.entries[id] }) { return known }
        let (catalog, settings, number) = content.withLock { ($0.catalog, $0.settings[id], $0.number) }
        guard let integration = catalog[id] else { return nil }
        let entry = Entry(
            integration, settings ?? IntegrationSettings(), allowsInsecureLoopback: allowsInsecureLoopback)
        return content.withLock { content in
            // Another catalog may be in force by now.
            guard content.number == number else { return entry }
            let known = content.entries[id] ?? entry
            content.entries[id] = known
            return known
        }
    }

    /// The integrations whose endpoints are still to be discovered.
    package var awaitingDiscovery: [ConfiguredIntegration] {
        content.withLock { content in
            content.entries.values.compactMap(\.awaitingDiscovery)
                + content.own.values.flatMap { $0.values.compactMap(\.awaitingDiscovery) }
        }
    }

    /// Why an integration's discovery document could not be used at the last attempt.
    package func discoveryProblem(of id: String) -> String? { content.withLock { $0.problems[id] } }

    package func note(discoveryProblem sentence: String, of id: String) {
        content.withLock { $0.problems[id] = sentence }
    }

    /// Puts a client whose endpoints were discovered in the place of the same client, unless another has it by now.
    package func replace(_ before: ConfiguredIntegration, with discovered: ConfiguredIntegration) {
        content.withLock { content in
            let id = before.id
            if let owner = before.owner {
                guard content.own[owner]?[id]?.client === before else { return }
                content.own[owner]?[id] = .configured(discovered)
            } else {
                guard content.entries[id]?.client === before else { return }
                content.entries[id] = .configured(discovered)
            }
            content.problems[id] = nil
        }
    }

    private var catalog: Catalog { content.withLock { $0.catalog } }
}

extension IntegrationRegistry {
    /// All that takes another's place when the files of the catalog or the workspaces change.
    fileprivate struct Content: Sendable {
        let catalog: Catalog
        let settings: [String: IntegrationSettings]
        var entries: [String: Entry] = [:]
        /// Of the workspaces that may use some integrations only, their ids.
        var only: [String: Set<String>] = [:]
        /// The workspaces' own clients, by the ids of workspaces and integrations, and what they were made of.
        var own: [String: [String: Entry]] = [:]
        var ownSettings: [String: [String: IntegrationSettings]] = [:]
        var problems: [String: String] = [:]
        var list: IntegrationList?
        /// Grows by one with each.
        var number = 0

        init(
            _ catalog: Catalog, _ settings: [String: IntegrationSettings], _ workspaces: WorkspaceDirectory,
            _ allowsInsecureLoopback: Bool
        ) {
            self.catalog = catalog
            self.settings = settings
            for (id, settings) in settings {
                entries[id] = catalog[id].map {
                    Entry($0, settings, allowsInsecureLoopback: allowsInsecureLoopback)
                }
            }
            for workspace in workspaces.workspaces {
                only[workspace.id] = workspace.only
                for (id, words) in workspace.integrations {
                    guard let client = words.client, let integration = catalog[id] else { continue }
                    let clientSettings = client.settings(over: settings[id], workspaceID: workspace.id)
                    ownSettings[workspace.id, default: [:]][id] = clientSettings
                    own[workspace.id, default: [:]][id] = Entry(
                        integration, clientSettings, allowsInsecureLoopback: allowsInsecureLoopback)
                }
            }
        }

        /// - Parameter same: the integrations whose entries are the same in both.
        mutating func keep(_ same: Set<String>, of before: Content) {
            number = before.number + 1
            for (id, entry) in before.entries where same.contains(id) && before.settings[id] == settings[id] {
                entries[id] = entry
                problems[id] = before.problems[id]
            }
            for (workspaceID, clients) in before.own {
                for (id, entry) in clients where same.contains(id) {
                    guard let made = ownSettings[workspaceID]?[id],
                        made == before.ownSettings[workspaceID]?[id]
                    else { continue }
                    own[workspaceID]?[id] = entry
                }
            }
        }

        func allows(_ id: String, in workspaceID: String) -> Bool {
            // No integration's id has letters that Unicode knows in two forms.
            only.isEmpty || only[workspaceID]?.contains(id) ?? true
        }

        func ownEntry(_ id: String, _ workspaceID: String) -> Entry? {
            own.isEmpty ? nil : own[workspaceID]?[id]
        }
    }
}

/// What workspaces have of their own.
extension IntegrationRegistry {
    /// The integration as a workspace has it: with the workspace's own client, else with the operator's.
    ///
    /// - Parameter workspaceID: `nil`: as the operator has it.
    /// - Returns: `nil` where the catalog lacks it, or where the workspace may not use it.
    package subscript(id: String, in workspaceID: String?) -> Entry? {
        guard let workspaceID else { return self[id] }
        let (isAllowed, known) = content.withLock { content -> (Bool, Entry?) in
            guard content.allows(id, in: workspaceID) else { return (false, nil) }
            return (true, content.ownEntry(id, workspaceID) ?? content.entries[id])
        }
        guard isAllowed else { return nil }
        return known ?? self[id]
    }

    /// The integration as the catalog has it, if the workspace may use it.
    package func integration(_ id: String, in workspaceID: String?) -> Integration? {
        guard workspaceID.map({ allows(id, in: $0) }) ?? true else { return nil }
        return catalog[id]
    }

    /// Whether a flow can begin in a workspace.
    package func isConnectable(_ id: String, in workspaceID: String?) -> Bool {
        guard let workspaceID else { return isConnectable(id) }
        guard allows(id, in: workspaceID) else { return false }
        guard let entry = ownEntry(id, workspaceID) else { return isConnectable(id) }
        return entry.client.map { !$0.needsDiscovery } ?? false
    }

    /// The integration with the client that a connection's grant was issued to, as far as that is known: a workspace that
    /// has a client of its own now may have connected by the operator's before. Another client's refresh token is
    /// `invalid_grant` (RFC 6749 §5.2).
    subscript(of connection: Connection) -> Entry? {
        let id = connection.integrationID
        guard let own = ownEntry(id, connection.workspaceID) else { return self[id] }
        // Rows that name no client are older than clients of workspaces.
        guard case .configured(let client) = own, client.isKnownClient(of: connection) else {
            guard let operators = configured(id), operators.isClient(of: connection) else { return own }
            return .configured(operators)
        }
        return own
    }

    /// All clients of an integration, the operator's and the workspaces'.
    func clients(of id: String) -> [ConfiguredIntegration] {
        let operators = configured(id).map { [$0] } ?? []
        return operators
            + content.withLock { content in content.own.values.compactMap { $0[id]?.client } }
    }

    /// What is missing of the workspaces' own clients, or wrong with them, in sentences.
    package func mistakes(in workspaces: WorkspaceDirectory) -> [String] {
        let catalog = self.catalog
        return workspaces.workspaces.flatMap { workspace -> [String] in
            let unknown = (workspace.only ?? []).filter { catalog[$0] == nil }.sorted().map { id in
                "workspaces.\(workspace.id).only names `\(id.shownAsName)`, which the catalog does not have"
            }
            let clients = workspace.integrations.sorted { $0.key < $1.key }.flatMap { id, words -> [String] in
                guard let client = words.client, let integration = catalog[id] else { return [] }
                return mistakes(of: client, integration, "workspaces.\(workspace.id).integrations.\(id)")
                    + settingsMistakes(ownEntry(id, workspace.id))
            }
            return unknown + clients
        }
    }

    private func mistakes(
        of client: OwnClient, _ integration: Integration, _ field: String
    ) -> [String] {
        let known = integration.parameters.filter { $0.source == .client }.map(\.name)
        return client.parameters.keys.sorted().filter { !known.contains($0) }.map { name in
            "\(field).params.\(name.shownAsName) is not a parameter that the integration takes from its client"
        }
    }

    private func settingsMistakes(_ entry: Entry?) -> [String] {
        guard let error = entry?.settingsError else { return [] }
        return error.missing.map { "\($0) is missing" } + error.invalid
    }

    private func allows(_ id: String, in workspaceID: String) -> Bool {
        content.withLock { $0.allows(id, in: workspaceID) }
    }

    private func ownEntry(_ id: String, _ workspaceID: String) -> Entry? {
        content.withLock { $0.ownEntry(id, workspaceID) }
    }
}

extension IntegrationRegistry.Entry {
    fileprivate var awaitingDiscovery: ConfiguredIntegration? {
        guard case .configured(let integration) = self, integration.needsDiscovery else { return nil }
        return integration
    }

    fileprivate init(
        _ integration: Integration, _ settings: IntegrationSettings, allowsInsecureLoopback: Bool
    ) {
        do throws(SettingsError) {
            self = .configured(
                try ConfiguredIntegration(
                    integration, settings: settings, allowsInsecureLoopback: allowsInsecureLoopback))
        } catch {
            self = .unconfigured(integration, error)
        }
    }
}

/// Integrations in the order in which people are shown them: those whose facts are not proven come last.
package struct IntegrationList: Sendable {
    package let integrations: [Integration]
    private let places: [String: Int]

    /// - Parameter integrations: in the order of their ids.
    init(_ integrations: [Integration]) {
        self.integrations =
            integrations.filter { $0.about.status == .proven }
            + integrations.filter { $0.about.status == .unproven }
        places = Dictionary(
            uniqueKeysWithValues: self.integrations.enumerated().map { ($0.element.id, $0.offset) })
    }

    /// Those after the one with this id; `nil` if there is no such one.
    package func rest(after id: String) -> ArraySlice<Integration>? {
        places[id].map { integrations[($0 + 1)...] }
    }
}
