import Integrations
import OAuth
import OAuthHTTP
import StateTokens

/// Looks at one integration whose settings are complete.
struct IntegrationCheck {
    let integration: ConfiguredIntegration
    let redirectURI: String
    let parameters: [String: String]

    static func environmentVariable(_ name: String) -> String {
        let steps = name.prefix { $0 != " " }.split(separator: ".").map(String.init)
        guard steps.count == 3 else { return name }
        return Setting(steps[0], steps[1], steps[2]).environmentVariable
    }

    func findings(_ probing: ProbeOptions, _ settings: Settings) async -> [Finding] {
        guard !probing.offline else { return needsDiscovery + offlineFindings }
        return await probing.withClient(settings) { client in
            var findings: [Finding] = []
            var ready = integration
            if integration.integration.discovery != nil {
                let (finding, discovered) = await discoverServer(DiscoveryClient(client))
                findings.append(finding)
                guard let discovered else { return findings }
                ready = discovered
            } else if let issuer = integration.issuer {
                let (finding, discovered) = await discover(issuer, DiscoveryClient(client))
                findings.append(finding)
                ready = discovered ?? integration
            }
            guard !ready.needsDiscovery else { return findings }
            switch endpoints(of: ready) {
            case .failure(let finding): return findings + [finding]
            case .success(let endpoints):
                findings.append(urlFinding(ready, endpoints))
                let probe = ProviderProbe(client, timeout: .seconds(probing.timeout))
                let named = endpoints.named
                let isNamedByCaller = ready.isHostNamedByCaller
                let outcomes = await probe.outcomes(
                    of: Dictionary(named.map { ($0.1, isNamedByCaller) }) { $0 || $1 })
                for (name, url) in named {
                    guard let outcome = outcomes[url] else { continue }
                    let sentence = "\(url) \(outcome.sentence)"
                    findings.append(
                        outcome.isReached ? .good(name, sentence) : .bad(name, sentence, .unavailable))
                }
                return findings
            }
        }
    }

    private var needsDiscovery: [Finding] {
        integration.needsDiscovery || integration.integration.discovery != nil
            ? [.unknown("discovery", "the endpoints come from the issuer, which was not asked")] : []
    }

    private var offlineFindings: [Finding] {
        guard !integration.needsDiscovery, integration.integration.discovery == nil else { return [] }
        switch endpoints(of: integration) {
        case .failure(let finding): return [finding]
        case .success(let endpoints):
            return [
                urlFinding(integration, endpoints),
                .unknown("endpoints", "not asked, because of --offline"),
            ]
        }
    }

    private enum Endpointed {
        case success(Endpoints)
        case failure(Finding)
    }

    private func endpoints(of integration: ConfiguredIntegration) -> Endpointed {
        do throws(ParameterError) {
            return .success(try integration.endpoints(parameters: parameters))
        } catch .missing(let name, _) {
            return .failure(
                .unknown(
                    "params", "the endpoints depend on `\(name)`: give --param \(name)=VALUE to look at them")
            )
        } catch {
            return .failure(.bad("params", error.description, .refused))
        }
    }

    /// A URL as a flow would have it, with a state as long as they get.
    private func urlFinding(_ integration: ConfiguredIntegration, _ endpoints: Endpoints) -> Finding {
        let length = min(integration.integration.maxStateLength ?? 250, 250)
        do throws(AuthorizationRequestError) {
            let url = try AuthorizationRequest(
                integration, endpoints: endpoints, redirectURI: redirectURI,
                scopes: integration.scopes(requested: [], endpoints: endpoints),
                state: String(repeating: "s", count: length),
                codeChallenge: String(repeating: "c", count: 43), nonce: String(repeating: "n", count: 22)
            ).url()
            return .good("authorization_url", "\(url.utf8.count) characters, with a state of \(length)")
        } catch {
            return .bad("authorization_url", "cannot be built: \(error)")
        }
    }

    /// Reads the document of the server that the parameters name.
    private func discoverServer(_ client: DiscoveryClient) async -> (Finding, ConfiguredIntegration?) {
        let target: DiscoveryTarget?
        do throws(ParameterError) {
            target = try integration.discoveryTarget(parameters: parameters)
        } catch .missing(let name, _) {
            return (
                .unknown(
                    "params", "the endpoints depend on `\(name)`: give --param \(name)=VALUE to look at them"),
                nil
            )
        } catch {
            return (.bad("params", error.description, .refused), nil)
        }
        guard let target else { return (.unknown("discovery", "no server is named"), nil) }
        do throws(DiscoveryFetchError) {
            let document = try await client.fetch(target)
            do throws(DiscoveryError) {
                let discovered = try integration.discovered(with: document, at: target)
                return (.good("discovery", "\(target.url) answers"), discovered)
            } catch {
                throw .document(error)
            }
        } catch {
            let sentence = "\(target.base) \(error.sentence(issuer: target.base))"
            return (.bad("discovery", sentence, .unavailable), nil)
        }
    }

    private func discover(
        _ issuer: String, _ client: DiscoveryClient
    ) async -> (Finding, ConfiguredIntegration?) {
        do throws(DiscoveryFetchError) {
            let document = try await client.fetch(issuer: issuer)
            do throws(DiscoveryError) {
                let discovered = try integration.discovered(with: document)
                return (.good("discovery", "\(issuer) answers, and names itself"), discovered)
            } catch {
                throw .document(error)
            }
        } catch {
            return (finding(issuer, error.sentence(issuer: issuer)), nil)
        }
    }

    /// Where the endpoints are known already the document is only a confirmation.
    private func finding(_ issuer: String, _ sentence: String) -> Finding {
        integration.needsDiscovery
            ? .bad("discovery", "\(issuer) \(sentence)", .unavailable)
            : .warning("discovery", "\(issuer) \(sentence)")
    }
}

extension Endpoints {
    /// Those that can be asked: one that only the callback completes cannot.
    var named: [(name: String, url: String)] {
        [
            ("authorization_endpoint", authorization), ("token_endpoint", token),
            ("revocation_endpoint", revocation ?? "{}"),
        ].filter { !$0.1.contains("{") }
    }
}
