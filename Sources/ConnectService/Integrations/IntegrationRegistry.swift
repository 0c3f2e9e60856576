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
    }

    private let catalog: Catalog
    private let settings: [String: IntegrationSettings]
    private let allowsInsecureLoopback: Bool
    private let entries: Mutex<[String: Entry]>
    private let problems = Mutex<[String: String]>([:])
    private let list = Mutex<IntegrationList?>(nil)

    /// - Parameter settings: those of each integration that has any, by its id.
    package init(
        _ catalog: Catalog, settings: [String: IntegrationSettings], allowsInsecureLoopback: Bool
    ) {
        self.catalog = catalog
        self.settings = settings
        self.allowsInsecureLoopback = allowsInsecureLoopback
        var entries: [String: Entry] = [:]
        for (id, settings) in settings {
            entries[id] = catalog[id].map {
                Entry($0, settings, allowsInsecureLoopback: allowsInsecureLoopback)
            }
        }
        self.entries = Mutex(entries)
    }

    /// The ids of all integrations, in their order.
    package var ids: [String] { catalog.ids }

    /// The ids of those that have settings, in their order; whether these are complete or not.
    package var idsWithSettings: [String] { settings.keys.filter { catalog[$0] != nil }.sorted() }

    /// All of them, as people are shown them. The first time it reads the whole catalog, which takes some 100 ms.
    package var listed: IntegrationList {
        if let known = list.withLock({ $0 }) { return known }
        let made = IntegrationList(catalog.integrations)
        return list.withLock { list in
            list = list ?? made
            return list ?? made
        }
    }

    /// The integration as the catalog has it, whether it is configured or not.
    package func integration(_ id: String) -> Integration? { catalog[id] }

    /// Whether a flow can begin: the client is configured, and its endpoints are known.
    package func isConnectable(_ id: String) -> Bool { configured(id).map { !$0.needsDiscovery } ?? false }

    /// An integration whose settings are complete.
    package func configured(_ id: String) -> ConfiguredIntegration? {
        if case .configured(let integration) = entries.withLock({ $0[id] }) { integration } else { nil }
    }

    package subscript(id: String) -> Entry? {
        if let known = entries.withLock({ $0[id] }) { return known }
        guard let integration = catalog[id] else { return nil }
        let entry = Entry(
            integration, settings[id] ?? IntegrationSettings(), allowsInsecureLoopback: allowsInsecureLoopback
        )
        return entries.withLock { entries in
            let known = entries[id] ?? entry
            entries[id] = known
            return known
        }
    }

    /// The integrations whose endpoints are still to be discovered.
    package var awaitingDiscovery: [ConfiguredIntegration] {
        entries.withLock { entries in
            entries.values.compactMap { entry in
                guard case .configured(let integration) = entry, integration.needsDiscovery else {
                    return nil
                }
                return integration
            }
        }
    }

    /// Why an integration's discovery document could not be used at the last attempt.
    package func discoveryProblem(of id: String) -> String? { problems.withLock { $0[id] } }

    package func note(discoveryProblem sentence: String, of id: String) {
        problems.withLock { $0[id] = sentence }
    }

    package func replace(with integration: ConfiguredIntegration) {
        problems.withLock { $0[integration.id] = nil }
        entries.withLock { $0[integration.id] = .configured(integration) }
    }
}

extension IntegrationRegistry.Entry {
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
