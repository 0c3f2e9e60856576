internal import Integrations
package import Logging
package import OAuthHTTP

/// Reads the discovery documents of integrations that are configured by their issuer.
package struct DiscoveryService: Sendable {
    private let registry: IntegrationRegistry
    private let client: DiscoveryClient
    private let logger: Logger

    package init(_ registry: IntegrationRegistry, client: DiscoveryClient, logger: Logger) {
        self.registry = registry
        self.client = client
        self.logger = logger
    }

    /// Tries once for each integration that waits, all at the same time: one issuer that hangs delays no other.
    ///
    /// - Returns: whether none waits any more.
    @discardableResult
    package func discover() async -> Bool {
        await withTaskGroup(of: Void.self) { group in
            for integration in registry.awaitingDiscovery {
                group.addTask { await discover(integration) }
            }
        }
        return registry.awaitingDiscovery.isEmpty
    }

    private func discover(_ integration: ConfiguredIntegration) async {
        guard let issuer = integration.issuer else { return }
        do throws(DiscoveryFetchError) {
            let document = try await client.fetch(issuer: issuer)
            do throws(DiscoveryError) {
                registry.replace(with: try integration.discovered(with: document))
            } catch {
                throw .document(error)
            }
            logger.info("issuer discovered", metadata: ["integration_id": "\(integration.id)"])
        } catch {
            let sentence = error.sentence(issuer: issuer)
            registry.note(discoveryProblem: "The issuer `\(issuer)` \(sentence).", of: integration.id)
            logger.warning(
                "issuer's discovery document could not be used; trying again",
                metadata: [
                    "integration_id": "\(integration.id)", "issuer": "\(issuer)", "error": "\(sentence)",
                ])
        }
    }

    /// Tries until all are discovered or the task is cancelled, with pauses that grow to a minute.
    package func run() async {
        var pause: Duration = .seconds(1)
        while await !discover() {
            do {
                try await Task.sleep(for: pause)
            } catch {
                return
            }
            pause = min(pause * 2, .seconds(60))
        }
    }
}
