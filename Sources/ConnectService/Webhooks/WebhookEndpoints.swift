package import Connections
internal import FoundationEssentials
internal import Synchronization
internal import Tracing

/// An endpoint of a workspace, as the file of workspaces has it.
package struct WebhookEndpoint: Sendable, Equatable {
    package let url: String
    /// Read again while the service runs, so that a secret is rotated without a restart.
    package let secretFile: String
    package let types: Set<WebhookType>

    package init(url: String, secretFile: String, types: Set<WebhookType>) {
        self.url = url
        self.secretFile = secretFile
        self.types = types
    }
}

/// All endpoints of a deployment, and their secrets.
package final class WebhookEndpoints: Sendable {
    /// How long the secrets of a file are used before it is read again.
    private static let freshness = Duration.seconds(10)

    private struct Secrets {
        let list: [WebhookSecret]
        let read: ContinuousClock.Instant
    }

    private let content: Mutex<[WebhookTarget: String]>
    private let secrets = Mutex<[String: Secrets]>([:])
    package let subscriptions: WebhookSubscriptions

    package init(_ workspaces: WorkspaceDirectory) {
        let (files, types) = Self.endpoints(of: workspaces)
        content = Mutex(files)
        subscriptions = WebhookSubscriptions(types) { ServiceContext.current?.traceparent }
    }

    /// Puts the endpoints of other workspaces in force.
    package func replace(with workspaces: WorkspaceDirectory) {
        let (files, types) = Self.endpoints(of: workspaces)
        content.withLock { $0 = files }
        subscriptions.replace(with: types)
    }

    private static func endpoints(
        of workspaces: WorkspaceDirectory
    ) -> (files: [WebhookTarget: String], types: [WebhookTarget: Set<WebhookType>]) {
        var files: [WebhookTarget: String] = [:]
        var types: [WebhookTarget: Set<WebhookType>] = [:]
        for workspace in workspaces.workspaces {
            for endpoint in workspace.webhooks {
                let target = WebhookTarget(workspaceID: workspace.id, url: endpoint.url)
                files[target] = endpoint.secretFile
                types[target] = endpoint.types
            }
        }
        return (files, types)
    }

    private var files: [WebhookTarget: String] { content.withLock { $0 } }

    package var isEmpty: Bool { files.isEmpty }

    package var targets: [WebhookTarget] {
        files.keys.sorted { ($0.workspaceID, $0.url) < ($1.workspaceID, $1.url) }
    }

    func contains(_ target: WebhookTarget) -> Bool { files[target] != nil }

    /// - Returns: `nil` if the file cannot be read and never could, or holds no secrets. A bad file does not replace
    ///   good secrets.
    package func secrets(of target: WebhookTarget) -> [WebhookSecret]? {
        guard let path = files[target] else { return nil }
        let known = secrets.withLock { $0[path] }
        if let known, known.read.duration(to: .now) < Self.freshness { return known.list }
        guard let list = Self.read(path) else { return known?.list }
        secrets.withLock { $0[path] = Secrets(list: list, read: .now) }
        return list
    }

    /// The secrets of a file; `nil` if it cannot be read, or holds none.
    package static func read(_ path: String) -> [WebhookSecret]? {
        do {
            return WebhookSecret.list(try String(contentsOf: URL(filePath: path), encoding: .utf8))
        } catch {
            return nil
        }
    }
}
