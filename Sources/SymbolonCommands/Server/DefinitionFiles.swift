internal import ConnectService
internal import FoundationEssentials
internal import Integrations
internal import Keyrings
internal import StateTokens
internal import Synchronization

/// Reads the operator's entries and the workspaces again, by the configuration that the process began with.
struct DefinitionFiles: Sendable {
    private let sources: SettingsSources
    private let confirmation: ConfirmationRequirement
    /// `nil` in development mode, whose workspace and sandbox stay as they are.
    private let workspacesPath: String?
    private let ownWorkspaces: WorkspaceDirectory
    private let ownSettings: [String: IntegrationSettings]
    private let catalogPaths: [String]
    private let publicURL: Audience
    /// The files that the workspaces named when they were last read: secrets and logos.
    private let named = NamedFiles()

    init(_ sources: SettingsSources, _ settings: Settings, _ deployment: Deployment) {
        self.sources = sources
        confirmation = settings.confirmation
        workspacesPath = settings.production?.workspaces
        // Of its own, which nothing replaces.
        ownWorkspaces = WorkspaceDirectory(deployment.workspaces.workspaces)
        ownSettings = deployment.integrations.filter { settings.integrations[$0.key] == nil }
        publicURL = deployment.publicURL
        var reader = SettingsReader(sources)
        catalogPaths = reader.list(.catalog) ?? []
    }

    /// All files and folders that count.
    func paths() -> [String] {
        var paths = catalogPaths
        for path in catalogPaths {
            do throws(ConfigurationError) {
                paths += try TextFile.paths(path, endings: [".yaml", ".yml"])
            } catch {
                // A folder that cannot be read is a mistake when it is loaded.
                continue
            }
        }
        return paths + (workspacesPath.map { [$0] } ?? []) + named.paths
    }

    func load() throws(LiveDefinitions.Problem) -> LiveDefinitions.Definitions {
        let settings: Settings
        do throws(ConfigurationError) {
            settings = try Settings.read(sources).settings
        } catch {
            throw LiveDefinitions.Problem(.catalog, error.mistakes.joined(separator: "; "))
        }
        guard settings.confirmation == confirmation else {
            throw LiveDefinitions.Problem(
                .catalog, "another `confirm` of an integration takes a start of the service")
        }
        let workspaces = try workspaces()
        let definitions = LiveDefinitions.Definitions(
            catalog: settings.catalog,
            settings: settings.integrations.merging(ownSettings) { first, _ in first },
            workspaces: workspaces)
        guard workspacesPath != nil else { return definitions }
        let mistakes = Deployment.mistakes(
            in: workspaces, settings.catalog, definitions.settings, publicURL: publicURL,
            allowsInsecureLoopback: settings.allowsInsecureLoopback)
        guard mistakes.isEmpty else {
            throw LiveDefinitions.Problem(.workspaces, mistakes.joined(separator: "; "))
        }
        return definitions
    }

    private func workspaces() throws(LiveDefinitions.Problem) -> WorkspaceDirectory {
        guard let workspacesPath else { return ownWorkspaces }
        named.removeAll()
        do throws(WorkspaceFileError) {
            return try WorkspaceFile.load(workspacesPath) { named.add($0) }
        } catch {
            throw LiveDefinitions.Problem(.workspaces, "\(error)")
        }
    }
}

/// Paths that are found out while files are read.
private final class NamedFiles: Sendable {
    private let content = Mutex<Set<String>>([])

    var paths: [String] { content.withLock { $0.sorted() } }

    func add(_ path: String) { content.withLock { _ = $0.insert(path) } }

    func removeAll() { content.withLock { $0 = [] } }
}
