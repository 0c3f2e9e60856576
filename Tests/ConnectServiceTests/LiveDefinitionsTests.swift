import ConnectService
import Connections
import Foundation
import Integrations
import StateTokens
import Synchronization
import Testing

/// Entries and workspaces that are replaced while the service runs.
@Suite("LiveDefinitions") struct LiveDefinitionsTests {
    private typealias Problem = LiveDefinitions.Problem
    private typealias Definitions = LiveDefinitions.Definitions

    /// What the files say.
    private final class Source: Sendable {
        private let content: Mutex<Result<Definitions, Problem>>
        private let counts = Mutex((loads: 0, outcomes: [LiveDefinitions.Outcome]()))

        init(_ definitions: Definitions) { content = Mutex(.success(definitions)) }

        func set(_ result: Result<Definitions, Problem>) { content.withLock { $0 = result } }

        func load() throws(Problem) -> Definitions {
            counts.withLock { $0.loads += 1 }
            return try content.withLock { $0 }.get()
        }

        func add(_ outcome: LiveDefinitions.Outcome) { counts.withLock { $0.outcomes.append(outcome) } }

        var loads: Int { counts.withLock { $0.loads } }
        var outcomes: [LiveDefinitions.Outcome] { counts.withLock { $0.outcomes } }
    }

    private let folder: TemporaryFolder
    private let path: String
    private let deployment: Deployment
    private let source: Source
    private let webhooks: WebhookEndpoints

    init() throws {
        folder = try TemporaryFolder()
        path = try folder.write("1", to: "file")
        deployment = try Deployment(catalog: Catalogs.sample())
        source = Source(try Self.definitions())
        webhooks = WebhookEndpoints(deployment.workspaces)
    }

    private static func definitions(
        _ catalog: String = Catalogs.sample(), redirectURIs: [String] = [Deployment.redirectURI],
        webhooks: [WebhookEndpoint] = []
    ) throws -> Definitions {
        let catalog = try Catalog(
            files: [CatalogFile(name: "test.yaml", text: catalog)], allowsInsecureLoopback: true)
        let client = IntegrationSettings(clientID: "client", clientSecret: ClientSecret("secret"))
        let configured = catalog.ids.filter { $0 != "generic" && $0 != "unset" }
        return Definitions(
            catalog: catalog, settings: Dictionary(uniqueKeysWithValues: configured.map { ($0, client) }),
            workspaces: WorkspaceDirectory([
                Workspace(
                    id: Deployment.workspaceID,
                    redirectURIs: RedirectURIAllowlist(try redirectURIs.map { try RedirectURI($0) }),
                    webhooks: webhooks)
            ]))
    }

    private func live(now: Timestamp = .now()) throws -> LiveDefinitions {
        LiveDefinitions(
            try Self.definitions(), in: deployment.registry, deployment.workspaces, webhooks: webhooks,
            files: { [path] in [path, path + "-missing"] },
            load: { [source] () throws(Problem) in try source.load() }, now: { now },
            observer: { [source] in source.add($0) })
    }

    private func begin(_ redirectURI: String = Deployment.redirectURI) throws(InitiateError) -> InitiatedFlow
    {
        try deployment.begin(InitiateCommand(integrationID: "sample", redirectURI: redirectURI))
    }

    @Test func `what says the same changes nothing`() throws {
        let live = try live()
        #expect(live.reload() == .unchanged && live.reload() == .unchanged)
        #expect(source.outcomes.isEmpty && live.problem == nil)
    }

    @Test func `workspaces are in force at once, everywhere`() throws {
        let other = "https://app.example.com/other"
        #expect(throws: InitiateError.redirectURI(.notListed)) { try begin(other) }
        let flow = try begin()
        let live = try live()
        let endpoint = WebhookEndpoint(
            url: "https://app.example.com/hook", secretFile: "f", types: [.created])
        source.set(.success(try Self.definitions(redirectURIs: [other], webhooks: [endpoint])))
        #expect(live.reload() == .replaced)
        #expect(throws: Never.self) { try begin(other) }
        // A redirect URI that is no longer listed is not redirected to, whatever a state says.
        guard case .refused = deployment.callback("state=\(flow.state)&code=c") else {
            Issue.record("the flow went on")
            return
        }
        let target = WebhookTarget(workspaceID: Deployment.workspaceID, url: endpoint.url)
        #expect(webhooks.targets == [target] && !webhooks.isEmpty)
        #expect(webhooks.subscriptions.targets(of: .created, in: Deployment.workspaceID) == [target])
        #expect(source.outcomes == [.replaced])
    }

    @Test func `S35 a flow under an entry that has changed is over, and its code is sent nowhere`() throws {
        let flow = try begin()
        let live = try live()
        source.set(.success(try Self.definitions(Catalogs.sample(at: "http://127.0.0.1:10"))))
        #expect(live.reload() == .replaced)
        guard case .ended(_, .restart) = deployment.callback("state=\(flow.state)&code=c") else {
            Issue.record("the flow went on")
            return
        }
        guard case .authorized = deployment.callback("state=\(try begin().state)&code=c") else {
            Issue.record("a new flow does not")
            return
        }
    }

    @Test func `S35 a flow under an entry that stays as it was goes on`() throws {
        let flow = try begin()
        let live = try live()
        source.set(
            .success(
                try Self.definitions(Catalogs.sample() + "\n" + Catalogs.entry(id: "other"))))
        #expect(live.reload() == .replaced)
        #expect(deployment.registry.ids.contains("other"))
        guard case .authorized = deployment.callback("state=\(flow.state)&code=c") else {
            Issue.record("the flow is over")
            return
        }
        #expect(throws: Never.self) { try deployment.begin("other") }
    }

    @Test func `S25 what is bad replaces nothing, and is said once`() throws {
        let live = try live()
        let problem = Problem(.workspaces, "w.yaml: workspaces must list at least one workspace")
        source.set(.failure(problem))
        #expect(live.reload() == .refused(problem) && live.reload() == .refused(problem))
        #expect(live.problem == problem)
        #expect(throws: Never.self) { try begin() }
        source.set(.failure(Problem(.catalog, "another")))
        live.reload()
        #expect(live.problem?.part == .catalog)
        source.set(.success(try Self.definitions()))
        #expect(live.reload() == .restored && live.problem == nil)
        #expect(source.outcomes == [.refused(problem), .refused(Problem(.catalog, "another")), .restored])
    }

    @Test func `files are read when they have changed, and not otherwise`() throws {
        let live = try live(now: .now() + .seconds(3_600))
        live.reloadIfChanged()
        #expect(source.loads == 1, "at the first look")
        live.reloadIfChanged()
        #expect(source.loads == 1)
        _ = try folder.write("two", to: "file")
        live.reloadIfChanged()
        #expect(source.loads == 2)
        _ = try folder.write("x", to: "file-missing")
        live.reloadIfChanged()
        #expect(source.loads == 3, "one that was not there")
        try FileManager.default.removeItem(atPath: path)
        live.reloadIfChanged()
        live.reloadIfChanged()
        #expect(source.loads == 4)
    }

    @Test func `a file that has just changed is read again, since a second change may look the same`() throws
    {
        _ = try folder.write("1", to: "file")
        let live = try live()
        live.reloadIfChanged()
        live.reloadIfChanged()
        #expect(source.loads == 2)
    }

    // MARK: Discovery

    private static let issued = """
        integrations:
          issued: {label: Issued, documentation: https://example.com/docs, issuer: https://id.example.com}
        """

    private static let document = #"""
        {"issuer": "https://id.example.com", "authorization_endpoint": "https://id.example.com/authorize",
         "token_endpoint": "https://id.example.com/token"}
        """#

    @Test func `what discovery found out stays as long as its client does`() throws {
        let before = try Self.definitions(Self.issued)
        let registry = IntegrationRegistry(
            before.catalog, settings: before.settings, allowsInsecureLoopback: true)
        let waiting = try #require(registry.awaitingDiscovery.first { $0.id == "issued" })
        let document = try DiscoveryDocument.parse(Array(Self.document.utf8))
        registry.replace(waiting, with: try waiting.discovered(with: document))
        #expect(registry.isConnectable("issued"))
        let more = try Self.definitions(Self.issued + "\n" + Catalogs.entry(id: "other"))
        registry.replace(with: more.catalog, settings: more.settings, workspaces: more.workspaces)
        #expect(registry.isConnectable("issued") && registry.isConnectable("other"))
        let changed = try Self.definitions(
            Self.issued.replacingOccurrences(of: "id.example.com", with: "login.example.com"))
        registry.replace(with: changed.catalog, settings: changed.settings, workspaces: changed.workspaces)
        #expect(!registry.isConnectable("issued") && !registry.ids.contains("other"))
        // A document of the client before comes late.
        registry.replace(waiting, with: try waiting.discovered(with: document))
        #expect(!registry.isConnectable("issued"))
    }
}
