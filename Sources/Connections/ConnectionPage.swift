/// Some connections, and where the next ones begin.
package struct ConnectionPage: Sendable, Hashable {
    package let connections: [Connection]
    /// `nil` on the last page.
    package let nextCursor: String?

    package init(connections: [Connection], nextCursor: String?) {
        self.connections = connections
        self.nextCursor = nextCursor
    }
}
