/// Some connections, and where the next ones begin.
package struct ConnectionPage: Sendable, Hashable {
    package let connections: [Connection]
    /// Rows among them that cannot be read, and so are left out.
    package let unreadable: [UnreadableConnection]
    /// `nil` on the last page.
    package let nextCursor: String?

    package init(
        connections: [Connection], unreadable: [UnreadableConnection] = [], nextCursor: String?
    ) {
        self.connections = connections
        self.unreadable = unreadable
        self.nextCursor = nextCursor
    }
}

/// Some connections of all workspaces with their sealed credentials, and where the next ones begin.
package struct SealedBatch: Sendable, Hashable {
    package let connections: [SealedConnection]
    /// Rows among them that cannot be read.
    package let unreadable: [UnreadableConnection]
    /// The last row's id, whatever it looks like; `nil` if there are no more.
    package let next: String?

    package init(connections: [SealedConnection], unreadable: [UnreadableConnection], next: String?) {
        self.connections = connections
        self.unreadable = unreadable
        self.next = next
    }

    package static let empty = SealedBatch(connections: [], unreadable: [], next: nil)
}
