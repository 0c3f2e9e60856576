import ConnectService
import Integrations
import Mirrors
import StateTokens
import Testing

/// Whether a flow of each entry fits what the provider takes: with the real service, a real key and the real workspace.
@Suite("The catalog's states") struct StateLengthTests {
    private static let workspaceID = "wsp_123456789"
    /// As long as redirect URIs usually are, up to the longest that a workspace may list.
    private static let redirectURIs = [46, 100, 200, 300, 400, 512].map {
        let beginning = "https://app.example.com/integrations/"
        return beginning + String(repeating: "c", count: $0 - beginning.utf8.count)
    }

    private struct Service {
        let initiate: InitiateFlow
        let client: ConfiguredIntegration
    }

    private func service(_ documented: DocumentedIntegration) throws -> Service {
        let catalog = try DocumentedIntegration.catalog.get()
        let integration = try #require(catalog[documented.id])
        // What an operator has to say of an entry of which nothing is shown.
        let own = integration.parameters.filter { $0.source == .client }.map {
            ($0.name, $0.example ?? "acme")
        }
        let parameters = documented.facts.example.parameters.merging(own) { shown, _ in shown }
        let settings = [
            documented.id: DocumentedIntegration.settings(for: integration, parameters: parameters)
        ]
        let workspace = Workspace(
            id: Self.workspaceID,
            redirectURIs: RedirectURIAllowlist(try Self.redirectURIs.map { try RedirectURI($0) }))
        let workspaces = WorkspaceDirectory([workspace])
        let registry = IntegrationRegistry(
            catalog, settings: settings, workspaces: workspaces, allowsInsecureLoopback: false)
        var client = try #require(registry.configured(documented.id))
        if client.needsDiscovery {
            let issuer = try #require(client.issuer)
            let before = client
            client = try before.discovered(with: DocumentedIntegration.document(issuer: issuer))
            registry.replace(before, with: client)
        }
        let octets = (0..<64).map { UInt8($0) }
        let start = Timestamp(secondsSinceEpoch: 1_767_225_600)
        let key = Key(
            id: KeyID(rawValue: 1), material: try KeyMaterial(octets: octets.span), created: start,
            activates: start, status: .enabled)
        let ring = try Keyring(purpose: .state, deploymentID: "d_test", keys: [key])
        let audience = try #require(Audience(publicURL: "https://connect.example.com"))
        let initiate = InitiateFlow(
            settings: ServiceSettings(publicURL: audience),
            codec: StateTokenCodec(sealer: Sealer(KeyringReference(ring)), audience: audience),
            integrations: registry, workspaces: workspaces, now: { start })
        return Service(initiate: initiate, client: client)
    }

    private func begin(_ service: Service, _ command: InitiateCommand) throws -> InitiatedFlow {
        // A server's document is read before its first flow.
        if let document = try DocumentedIntegration.document(
            for: service.client, parameters: command.parameters)
        {
            _ = try service.client.discovered(with: document.read, at: document.server)
        }
        return try service.initiate.begin(
            command, workspaceID: Self.workspaceID, userID: "018f3c5e-7d1a-7c3b-9a55-2f1d6c4b8e90")
    }

    private func parameters(_ documented: DocumentedIntegration) throws -> [String: String] {
        let integration = try #require(try DocumentedIntegration.catalog.get()[documented.id])
        var parameters: [String: String] = [:]
        for parameter in integration.parameters where parameter.source == .caller {
            parameters[parameter.name] =
                documented.facts.example.parameters[parameter.name]
                ?? parameter.defaultValue ?? parameter.example
        }
        return parameters
    }

    /// The longest values that the entry takes; of the client's own host, its own.
    private func longestParameters(_ documented: DocumentedIntegration) throws -> [String: String] {
        let integration = try #require(try DocumentedIntegration.catalog.get()[documented.id])
        var longest = try parameters(documented)
        for parameter in integration.parameters where parameter.source == .caller {
            guard !parameter.isHostOfClient, let value = parameter.longestValue else { continue }
            longest[parameter.name] = value
        }
        return longest
    }

    /// A flow as apps begin them.
    private func usual(_ documented: DocumentedIntegration) throws -> InitiateCommand {
        InitiateCommand(
            integrationID: documented.id, redirectURI: Self.redirectURIs[0],
            parameters: try parameters(documented), appState: "/settings/integrations?tab=all")
    }

    @Test(arguments: DocumentedIntegration.every)
    func `a usual flow fits what the provider takes`(_ documented: DocumentedIntegration) throws {
        let service = try service(documented)
        let flow = try begin(service, usual(documented))
        let limit = service.client.integration.maxStateLength
        #expect(flow.state.utf8.count <= limit ?? StateTokenCodec.maximumCharacterCount)
    }

    /// A renewal in confirm mode, traced, with the entry's longest values and a long redirect URI.
    @Test(arguments: DocumentedIntegration.every)
    func `a long flow fits what the provider takes`(_ documented: DocumentedIntegration) throws {
        var command = try usual(documented)
        command.redirectURI = Self.redirectURIs[1]
        command.parameters = try longestParameters(documented)
        command.binding = Binding(secret: "secret").text
        command.connectionID = "conn_AAAAAAAAAAAAAAAAAAAAAA"
        command.traceID = TraceID(octets: Array(1...16))
        let flow = try begin(service(documented), command)
        #expect(flow.authorizationURL.utf8.count <= InitiateFlow.maximumURLByteCount)
    }

    /// The other values that callers may give can exceed any provider's limit: initiate then says by how much.
    @Test(arguments: DocumentedIntegration.every)
    func `the longest flow begins, or the caller learns the numbers`(
        _ documented: DocumentedIntegration
    ) throws {
        let service = try service(documented)
        let limit = service.client.integration.maxStateLength
        var command = try usual(documented)
        command.parameters = try longestParameters(documented)
        command.appState = String(repeating: "s", count: InitiateFlow.maximumAppStateLength)
        command.binding = Binding(secret: "secret").text
        var refusals = 0
        for redirectURI in Self.redirectURIs {
            for label in [nil, String(repeating: "l", count: InitiateFlow.maximumAnnotationByteCount)] {
                command.redirectURI = redirectURI
                command.label = label
                do {
                    let flow = try begin(service, command)
                    #expect(flow.state.utf8.count <= limit ?? .max)
                    #expect(flow.authorizationURL.utf8.count <= InitiateFlow.maximumURLByteCount)
                } catch InitiateError.stateTooLong(let count, let said) {
                    refusals += 1
                    let greatest = StateTokenCodec.maximumCharacterCount
                    #expect(count == nil ? said == greatest : said == limit && count ?? 0 > said)
                } catch InitiateError.urlTooLong(let count, let said) {
                    refusals += 1
                    #expect(said == InitiateFlow.maximumURLByteCount && count > said)
                }
            }
        }
        // The longest of all is beyond every limit.
        #expect(refusals > 0)
    }
}

extension TemplateParameter {
    /// The longest value that the kind and the pattern allow, of those that are easily made.
    fileprivate var longestValue: String? {
        let choices = choices.map(\.id)
        if !choices.isEmpty { return choices.max { $0.utf8.count < $1.utf8.count } }
        let repeated = (1...63).reversed().flatMap { count in
            ["a", "A", "1"].map { String(repeating: $0, count: count) }
        }
        let hosts = repeated.map { "\($0).example.com" }
        let candidates =
            switch kind {
            case .label, .segment, .choice: repeated
            case .host: hosts
            case .url: hosts.map { "https://\($0)" }
            }
        guard let pattern else { return candidates.first }
        return candidates.first { value in
            (try? Regex(pattern).matchingSemantics(.unicodeScalar).wholeMatch(in: value)) != nil
        }
    }
}
