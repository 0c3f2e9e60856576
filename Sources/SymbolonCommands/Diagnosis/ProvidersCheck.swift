import ConnectService
import Integrations
import OAuth
import OAuthHTTP
import StateTokens

/// Looks at every integration that is configured, and at this machine's clock by their providers'.
struct ProvidersCheck {
    let catalog: ConfiguredCatalog
    let settings: Settings
    var skew: Duration = .seconds(60)

    /// For each client that has any setting: what is missing or wrong, or the redirect URI to register.
    var settingsFindings: [Finding] { withSettings.flatMap { findings(of: $0) } }

    func findings(_ probing: ProbeOptions) async -> [Finding] {
        var findings = settingsFindings
        let clients = withSettings.filter { !$0.isSandbox }.compactMap { catalog.registry.configured($0.id) }
        guard !clients.isEmpty else {
            findings.append(
                .note("integrations", "none is configured: `symbolon integrations list` shows what there is"))
            return findings + [.unknown("clock", "no provider is configured to compare it with")]
        }
        guard !probing.offline else {
            findings.append(.unknown("providers", "not asked, because of --offline"))
            return findings + [.unknown("clock", "not compared, because of --offline")]
        }
        let targets = clients.map { ($0.id, Self.target($0)) }
        let asked = clients.compactMap { client in
            Self.target(client).map { ($0, client.isHostNamedByCaller) }
        }
        let outcomes = await probing.withClient(settings) { client in
            await ProviderProbe(client, timeout: .seconds(probing.timeout))
                .outcomes(of: Dictionary(asked) { $0 || $1 })
        }
        for (id, url) in targets { findings.append(Self.finding(id, url, outcomes)) }
        return findings + [clock(outcomes.values.compactMap(\.clockOffset))]
    }

    private var withSettings: [Integration] {
        catalog.registry.idsWithSettings.compactMap(catalog.registry.integration)
    }

    /// The redirect URI to register, or what is missing for a client with incomplete settings.
    private func findings(of integration: Integration) -> [Finding] {
        let id = integration.id
        guard let error = catalog.settingsError(id) else {
            guard !integration.isSandbox else { return [] }
            return [
                .note(id, "register \(catalog.registration(integration)) at \(integration.registrationPage)")
            ]
                + (settings.integrations[id]?.placeholders ?? []).map {
                    .placeholder(id, "integrations.\(id).\($0)")
                }
        }
        guard let begun = settings.integrations[id], begun.isBegun else { return [] }
        return error.missing.map { name in
            Finding.bad(id, "\(name) is missing: set it, or \(IntegrationCheck.environmentVariable(name))")
        } + error.invalid.map { Finding.bad(id, $0) }
    }

    /// The endpoint that our requests go to; of one that needs a parameter nothing can be asked.
    private static func target(_ integration: ConfiguredIntegration) -> String? {
        if integration.needsDiscovery {
            return integration.issuer.flatMap { DiscoveryDocument.urls(issuer: $0).first }
        }
        do throws(ParameterError) {
            return try integration.endpoints().named.first { $0.name == "token_endpoint" }?.url
        } catch {
            return nil
        }
    }

    private static func finding(
        _ id: String, _ url: String?, _ outcomes: [String: ProviderProbe.Outcome]
    ) -> Finding {
        guard let url, let outcome = outcomes[url] else {
            return .unknown(
                id, "its endpoints depend on params: `symbolon integrations test \(id) --param …` asks")
        }
        let sentence = "\(url) \(outcome.sentence)"
        return outcome.isReached ? .good(id, sentence) : .bad(id, sentence, .unavailable)
    }

    /// By the middle one of the providers' clocks: one that is wrong is outvoted.
    private func clock(_ offsets: [Duration]) -> Finding {
        guard !offsets.isEmpty else {
            return .unknown("clock", "no provider answered with a time to compare with")
        }
        let offset = offsets.sorted()[offsets.count / 2]
        let distance = offset < .zero ? .zero - offset : offset
        let seconds = "\(distance.components.seconds) s \(offset < .zero ? "ahead of" : "behind")"
        guard distance > .seconds(2) else {
            return .good("clock", "within 2 s of the providers' (\(offsets.count) asked)")
        }
        guard distance <= skew else {
            return .bad(
                "clock", "\(seconds) the providers': set it, since states and keys depend on it", .refused)
        }
        return .warning("clock", "\(seconds) the providers': is it kept by NTP?")
    }
}

extension Finding {
    /// - Parameter setting: by its name; the value may be a secret.
    static func placeholder(_ topic: String, _ setting: String) -> Finding {
        .warning(
            topic, "\(setting) looks like a placeholder: set the value that the provider's console shows")
    }
}

extension OwnClient {
    /// The keys whose values look like placeholders.
    var placeholders: [String] {
        [("client_id", clientID), ("client_secret_file", clientSecret?.exposed)]
            .filter { $0.1.map(PlaceholderText.isLikely) ?? false }.map(\.0)
    }
}

extension IntegrationSettings {
    /// The settings whose values look like placeholders.
    var placeholders: [String] {
        [("client_id", clientID), ("client_secret", clientSecret?.exposed)]
            .filter { $0.1.map(PlaceholderText.isLikely) ?? false }.map(\.0)
    }

    /// At least one of its settings is set.
    var isBegun: Bool {
        clientID != nil || clientSecret != nil || keyID != nil || keyIssuer != nil || issuer != nil
            || authorizationEndpoint != nil || tokenEndpoint != nil || refreshEndpoint != nil
            || revocationEndpoint != nil || clientAuthentication != nil
    }
}
