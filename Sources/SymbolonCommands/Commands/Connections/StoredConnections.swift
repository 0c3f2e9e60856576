import Connections
import StateTokens

/// Which of the stored connections a command is about.
struct StoredConnections {
    private static let batch = 500

    let store: any ConnectionStore
    var workspaceID: String?
    var integrationID: String?
    var status: ConnectionStatus?
    var userID: String?
    /// The moment that a status is asked for.
    var now = Timestamp.now()

    /// Those that match, in the order of their ids, and all that cannot be read: no filter knows what they are.
    func all() async throws(CommandError) -> FoundConnections {
        var found = FoundConnections()
        var last: String?
        while true {
            let batch: SealedBatch
            do throws(StoreError) {
                batch = try await store.sealedConnections(notUnder: [], after: last, limit: Self.batch)
            } catch {
                throw CommandError(error)
            }
            found.rows += batch.connections.filter { matches($0.connection) }
            found.unreadable += batch.unreadable
            guard let next = batch.next else { return found }
            last = next
        }
    }

    private func matches(_ connection: Connection) -> Bool {
        (workspaceID.map { $0 == connection.workspaceID } ?? true)
            && (integrationID.map { $0 == connection.integrationID } ?? true)
            && (status.map { $0 == connection.status(at: now) } ?? true)
            && (userID.map { $0 == connection.userID } ?? true)
    }
}

/// What was found in a store.
struct FoundConnections {
    var rows: [SealedConnection] = []
    var unreadable: [UnreadableConnection] = []

    /// Names the rows that cannot be read, on standard error.
    func noteUnreadable() {
        for row in unreadable { Console.note("Left out: \(row.name), whose \(row.fault).") }
    }

    /// Fails if there are such rows.
    func requireReadable() throws(CommandError) {
        guard unreadable.isEmpty else {
            throw CommandError(
                .refused, "\(unreadable.count) rows cannot be read: repair them, or delete these connections")
        }
    }
}

extension UnreadableConnection {
    var name: String { id?.description ?? "a connection without an id" }
}
