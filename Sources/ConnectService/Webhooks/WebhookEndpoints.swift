internal import Access
package import Connections
package import Logging
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

    /// Reads the secrets of a file by its path.
    package typealias Read = @Sendable (_ path: String) async throws -> [WebhookSecret]

    private struct Secrets {
        var list: [WebhookSecret]?
        var lastRead = ContinuousClock.now
        /// What was wrong with the file at the last look.
        var problem: String?
    }

    private let content: Mutex<[WebhookTarget: String]>
    private let secrets = Mutex<[String: Secrets]>([:])
    private let read: Read
    private let logger: Logger?
    package let subscriptions: WebhookSubscriptions

    /// - Parameters:
    ///   - logger: is told once of each problem with a file.
    ///   - read: a server reads where a disk that stalls holds up nothing else.
    package init(
        _ workspaces: WorkspaceDirectory, logger: Logger? = nil,
        read: @escaping Read = { try WebhookEndpoints.read($0) }
    ) {
        self.logger = logger
        self.read = read
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
    package func secrets(of target: WebhookTarget) async -> [WebhookSecret]? {
        guard let path = files[target] else { return nil }
        if let known = secrets.withLock({ $0[path] }), let list = known.list,
            known.lastRead.duration(to: .now) < Self.freshness
        {
            return list
        }
        var found = Secrets()
        do {
            found.list = try await read(path)
        } catch {
            found.problem = "\(error)"
        }
        let (before, list) = secrets.withLock { [found] secrets in
            let before = secrets[path]
            let list = found.list ?? before?.list
            secrets[path] = Secrets(list: list, problem: found.problem)
            return (before, list)
        }
        if let problem = found.problem, problem != before?.problem {
            logger?.error(
                list == nil
                    ? "webhooks cannot be signed: their secret's file is bad"
                    : "a webhook secret's file is bad; the secret before stays in use",
                metadata: ["file": "\(path)", "error": "\(problem)"])
        } else if found.problem == nil, before?.problem != nil {
            logger?.notice("a webhook secret's file is good again", metadata: ["file": "\(path)"])
        }
        return list
    }

    /// The secrets of a file.
    package static func read(_ path: String) throws -> [WebhookSecret] {
        // Two lines of 64 octets in base64 are far fewer.
        var octets = try BoundedFile(path, upTo: 4_096).octets
        // Editors on Windows begin a file with a byte order mark, which is no part of a secret.
        if octets.starts(with: [0xEF, 0xBB, 0xBF]) { octets.removeFirst(3) }
        guard let text = String(validating: octets, as: UTF8.self), let list = WebhookSecret.list(text) else {
            throw WebhookSecretError()
        }
        return list
    }
}

/// A file is not one or two lines of secrets.
private struct WebhookSecretError: Error, CustomStringConvertible {
    var description: String { "does not hold one secret, or two while one takes over" }
}
