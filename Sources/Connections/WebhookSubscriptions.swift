internal import Synchronization

/// What an app can be told, by the names of the Standard Webhooks messages.
package enum WebhookType: String, Sendable, Hashable, CaseIterable {
    case created = "connection.created"
    case renewed = "connection.renewed"
    case updated = "connection.updated"
    case refreshFailed = "connection.refresh_failed"
    case expired = "connection.expired"
    case reauthorizeSoon = "connection.reauthorize_soon"
    case revoked = "connection.revoked"
    case deleted = "connection.deleted"
    /// A flow that was claimed came to nothing.
    case flowFailed = "flow.failed"
}

extension ConnectionEvent.Kind {
    /// The message about it; a refresh that went well has none.
    var webhookType: WebhookType? {
        switch self {
        case .created: .created
        case .renewed: .renewed
        case .updated: .updated
        case .refreshed: nil
        case .refreshFailed: .refreshFailed
        case .expired: .expired
        case .reauthorizeSoon: .reauthorizeSoon
        case .deleted: .deleted
        case .revoked: .revoked
        }
    }
}

/// Where a workspace's messages go.
package struct WebhookTarget: Sendable, Hashable {
    package let workspaceID: String
    package let url: String

    package init(workspaceID: String, url: String) {
        self.workspaceID = workspaceID
        self.url = url
    }
}

/// Which apps are told of what; replaced as a whole while the service runs. A store writes a message for each target of a change, in the
/// change's own transaction.
package final class WebhookSubscriptions: Sendable {
    /// No app is told anything.
    package static var none: WebhookSubscriptions { WebhookSubscriptions([:]) }

    private struct Content {
        let types: [WebhookTarget: Set<WebhookType>]
        let targets: [String: [WebhookTarget]]

        init(_ types: [WebhookTarget: Set<WebhookType>]) {
            self.types = types
            targets = Dictionary(grouping: types.keys.sorted { $0.url < $1.url }, by: \.workspaceID)
        }
    }

    private let content: Mutex<Content>
    /// The `traceparent` of what the current task does; `nil` where no trace is recorded.
    let traceparent: @Sendable () -> String?

    /// - Parameter traceparent: asked for on the task that makes a change.
    package init(
        _ types: [WebhookTarget: Set<WebhookType>], traceparent: @escaping @Sendable () -> String? = { nil }
    ) {
        content = Mutex(Content(types))
        self.traceparent = traceparent
    }

    package func replace(with types: [WebhookTarget: Set<WebhookType>]) {
        let next = Content(types)
        content.withLock { $0 = next }
    }

    /// Whether anyone wants to know which flows of a workspace came to nothing.
    func areToldOfFailures(in workspaceID: String) -> Bool {
        !targets(of: .flowFailed, in: workspaceID).isEmpty
    }

    package func targets(of type: WebhookType, in workspaceID: String) -> [WebhookTarget] {
        content.withLock { content in
            (content.targets[workspaceID] ?? []).filter { content.types[$0]?.contains(type) ?? false }
        }
    }
}

/// Who is told of a change, and the trace that it is part of: a store's transactions run on threads of their own, which
/// know nothing of the task that waits.
package struct WebhookPublisher: Sendable {
    let subscriptions: WebhookSubscriptions
    let traceparent: String?

    init(_ subscriptions: WebhookSubscriptions) {
        self.subscriptions = subscriptions
        traceparent = subscriptions.traceparent()
    }
}
