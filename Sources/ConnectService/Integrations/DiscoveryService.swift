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

    /// Tries once for each issuer that is waited for, all at the same time: one that hangs delays no other.
    ///
    /// - Returns: whether none waits any more.
    @discardableResult
    package func discover() async -> Bool {
        await withTaskGroup(of: Void.self) { group in
            for (issuer, clients) in Dictionary(grouping: registry.awaitingDiscovery, by: \.issuer) {
                guard let issuer else { continue }
                group.addTask { await discover(issuer, for: clients) }
            }
        }
        return registry.awaitingDiscovery.isEmpty
    }

    private func discover(_ issuer: String, for clients: [ConfiguredIntegration]) async {
        let document: Result<DiscoveryDocument, DiscoveryFetchError>
        do throws(DiscoveryFetchError) {
            document = .success(try await client.fetch(issuer: issuer))
        } catch {
            document = .failure(error)
        }
        for client in clients { use(document, of: issuer, for: client) }
    }

    private func use(
        _ document: Result<DiscoveryDocument, DiscoveryFetchError>, of issuer: String,
        for integration: ConfiguredIntegration
    ) {
        do throws(DiscoveryFetchError) {
            let document = try document.get()
            do throws(DiscoveryError) {
                registry.replace(integration, with: try integration.discovered(with: document))
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

    /// Tries until the task is cancelled, with pauses that grow to a minute while some wait. When none does it sleeps until
    /// another catalog is in force.
    package func run(
        pausing: (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) async {
        var replacements = registry.replacements.makeAsyncIterator()
        var pause: Duration = .seconds(1)
        while true {
            if await discover() {
                pause = .seconds(1)
                guard await replacements.next() != nil else { return }
                continue
            }
            do {
                try await pausing(pause)
            } catch {
                return
            }
            pause = min(pause * 2, .seconds(60))
        }
    }
}
