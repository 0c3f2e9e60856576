internal import Synchronization

/// All workspaces, by their ids. What takes their place while the service runs is seen through it at once.
package final class WorkspaceDirectory: Sendable {
    private let byID: Mutex<[String: Workspace]>

    package init(_ workspaces: [Workspace]) {
        byID = Mutex(Dictionary(workspaces.map { ($0.id, $0) }) { first, _ in first })
    }

    package subscript(id: String) -> Workspace? { content[id] }

    /// Whether any workspace lists an origin.
    package func allowsOrigin(_ text: String) -> Bool { content.values.contains { $0.origins.allows(text) } }

    /// In the order of their ids.
    package var workspaces: [Workspace] { content.values.sorted { $0.id < $1.id } }

    /// Puts other workspaces in force, all at once.
    package func replace(with other: WorkspaceDirectory) {
        let next = other.content
        byID.withLock { $0 = next }
    }

    private var content: [String: Workspace] { byID.withLock { $0 } }
}

extension WorkspaceDirectory: Equatable {
    package static func == (left: WorkspaceDirectory, right: WorkspaceDirectory) -> Bool {
        left === right || left.content == right.content
    }
}
