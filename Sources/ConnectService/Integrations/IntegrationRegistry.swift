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
