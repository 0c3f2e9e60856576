package import Integrations
internal import Synchronization

/// The integrations of this deployment: the catalog's, with the clients that are configured.
///
/// What discovery finds out is put in later; the hot path takes a snapshot and never waits.
package final class IntegrationRegistry: Sendable {
    /// What is known of an integration in the catalog.
    package enum Entry: Sendable {
        case configured(ConfiguredIntegration)
        /// Settings are missing or wrong.
        indirect case unconfigured(Integration, SettingsError)
    }

    private let entries: Mutex<[String: Entry]>
    private let problems = Mutex<[String: String]>([:])
    /// In the order of their ids.
    package let integrations: [Integration]
    /// As people are shown them: those whose facts are not proven come last.
    package let listed: [Integration]
    private let places: [String: Int]

    package init(
        _ catalog: Catalog, settings: (Integration) -> IntegrationSettings, allowsInsecureLoopback: Bool
    ) {
        var entries: [String: Entry] = [:]
        for integration in catalog.integrations {
            do throws(SettingsError) {
                entries[integration.id] = .configured(
                    try ConfiguredIntegration(
                        integration, settings: settings(integration),
                        allowsInsecureLoopback: allowsInsecureLoopback))
            } catch {
                entries[integration.id] = .unconfigured(integration, error)
            }
        }
        self.entries = Mutex(entries)
        integrations = catalog.integrations
        listed =
            integrations.filter { $0.about.status == .proven }
            + integrations.filter { $0.about.status == .unproven }
        places = Dictionary(uniqueKeysWithValues: listed.enumerated().map { ($0.element.id, $0.offset) })
    }

    /// Where an integration stands in the list.
    package func place(of id: String) -> Int? { places[id] }

    /// The integration as the catalog has it, whether it is configured or not.
    package func integration(_ id: String) -> Integration? { places[id].map { listed[$0] } }

    /// Whether a flow can begin: the client is configured, and its endpoints are known.
    package func isConnectable(_ id: String) -> Bool {
        if case .configured(let integration) = self[id] { !integration.needsDiscovery } else { false }
    }

    package subscript(id: String) -> Entry? { entries.withLock { $0[id] } }

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
