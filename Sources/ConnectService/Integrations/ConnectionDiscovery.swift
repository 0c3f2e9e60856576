package import Integrations
package import Logging
package import OAuthHTTP
internal import Synchronization

/// Why the endpoints of a server that a connection names are not known.
package enum ConnectionDiscoveryError: Error, Equatable {
    /// The values do not name a server of the integration.
    case parameters(ParameterError)
    /// The server's document could not be read, or cannot be used.
    case unusable(DiscoveryFetchError, base: String)
    /// Too many documents are being read now.
    case busy
}

/// The server that an integration's client must ask for its document before a flow goes on.
package struct DiscoveryNeed: Sendable, Equatable {
    package let integrationID: String
    package let workspaceID: String
    package let target: DiscoveryTarget
}

/// Reads the documents of servers that connections name.
///
/// Callers who need the same document at the same time share one request. After a failure the server is left alone for a
/// few seconds, so that one caller cannot flood somebody else's server.
package final class ConnectionDiscovery: Sendable {
    package typealias Fetch =
        @Sendable (DiscoveryTarget) async throws(DiscoveryFetchError) -> DiscoveryDocument

    static let readingLimit = 64
    static let failurePause: Duration = .seconds(5)

    private typealias Reading = Task<Result<DiscoveryDocument, DiscoveryFetchError>, Never>

    private struct State {
        var readings: [DiscoveryTarget: Reading] = [:]
        var failures: [DiscoveryTarget: (error: DiscoveryFetchError, end: ContinuousClock.Instant)] = [:]
    }

    private let fetch: Fetch
    private let failureLimit: Int
    private let logger: Logger
    private let state = Mutex(State())

    package convenience init(_ client: DiscoveryClient, logger: Logger) {
        self.init(logger: logger) { target throws(DiscoveryFetchError) in try await client.fetch(target) }
    }

    /// - Parameter failureLimit: how many servers are left alone at once.
    package init(failureLimit: Int = 1_024, logger: Logger, fetch: @escaping Fetch) {
        self.fetch = fetch
        self.failureLimit = failureLimit
        self.logger = logger
    }

    /// The client with the endpoints of the server that the parameters name; itself where they name none.
    func discovered(
        _ integration: ConfiguredIntegration, parameters: [String: String]
    ) async throws(ConnectionDiscoveryError) -> ConfiguredIntegration {
        let target: DiscoveryTarget?
        do throws(ParameterError) {
            return try integration.discovered(parameters: parameters)
        } catch .discoveryPending {
            do throws(ParameterError) {
                target = try integration.discoveryTarget(parameters: parameters)
            } catch {
                throw .parameters(error)
            }
        } catch {
            throw .parameters(error)
        }
        guard let target else { throw .parameters(.discoveryPending) }
        return try await discovered(integration, at: target)
    }

    /// Reads the document, and keeps the client that it makes.
    @discardableResult
    func discovered(
        _ integration: ConfiguredIntegration, at target: DiscoveryTarget
    ) async throws(ConnectionDiscoveryError) -> ConfiguredIntegration {
        let reading = try self.reading(of: target)
        do throws(DiscoveryFetchError) {
            let document = try await reading.value.get()
            do throws(DiscoveryError) {
                return try integration.discovered(with: document, at: target)
            } catch {
                throw .document(error)
            }
        } catch {
            logger.warning(
                "a server's discovery document could not be used",
                metadata: [
                    "integration_id": "\(integration.id)", "server": "\(target.base)",
                    "error": "\(error.sentence(issuer: target.base))",
                ])
            throw .unusable(error, base: target.base)
        }
    }

    private func reading(of target: DiscoveryTarget) throws(ConnectionDiscoveryError) -> Reading {
        try state.withLock { state throws(ConnectionDiscoveryError) -> Reading in
            if let failure = state.failures[target] {
                if ContinuousClock.now < failure.end { throw .unusable(failure.error, base: target.base) }
                state.failures[target] = nil
            }
            if let reading = state.readings[target] { return reading }
            guard state.readings.count < Self.readingLimit else { throw .busy }
            let reading = Reading { await self.read(target) }
            state.readings[target] = reading
            return reading
        }
    }

    private func read(_ target: DiscoveryTarget) async -> Result<DiscoveryDocument, DiscoveryFetchError> {
        let result: Result<DiscoveryDocument, DiscoveryFetchError>
        do throws(DiscoveryFetchError) {
            result = .success(try await fetch(target))
        } catch {
            result = .failure(error)
        }
        state.withLock { state in
            state.readings[target] = nil
            guard case .failure(let error) = result else { return }
            // The one whose pause ends first makes room, and no other.
            if state.failures.count >= failureLimit, state.failures[target] == nil,
                let first = state.failures.min(by: { $0.value.end < $1.value.end })
            {
                state.failures[first.key] = nil
            }
            state.failures[target] = (error, ContinuousClock.now + Self.failurePause)
        }
        return result
    }
}

extension IntegrationRegistry {
    /// The client with the endpoints of the server that the parameters name; itself where they name none.
    func discovered(
        _ integration: ConfiguredIntegration, parameters: [String: String]
    ) async throws(ConnectionDiscoveryError) -> ConfiguredIntegration {
        guard integration.integration.discovery != nil else { return integration }
        guard let discovery else { throw .parameters(.discoveryPending) }
        return try await discovery.discovered(integration, parameters: parameters)
    }

    /// Reads the document that a flow waits for.
    package func discover(_ need: DiscoveryNeed) async throws(ConnectionDiscoveryError) {
        guard let client = self[need.integrationID, in: need.workspaceID]?.client, let discovery else {
            throw .parameters(.discoveryPending)
        }
        try await discovery.discovered(client, at: need.target)
    }
}
