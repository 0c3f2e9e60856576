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

    /// Those that match, in the order of their ids.
    func all() async throws(CommandError) -> [SealedConnection] {
        var rows: [SealedConnection] = []
        var last: ConnectionID?
        while true {
            let batch: [SealedConnection]
            do throws(StoreError) {
                batch = try await store.sealedConnections(notUnder: [], after: last, limit: Self.batch)
            } catch {
                throw CommandError(error)
            }
            rows += batch.filter { matches($0.connection) }
            guard batch.count == Self.batch, let end = batch.last else { return rows }
            last = end.connection.id
        }
    }

    private func matches(_ connection: Connection) -> Bool {
        (workspaceID.map { $0 == connection.workspaceID } ?? true)
            && (integrationID.map { $0 == connection.integrationID } ?? true)
            && (status.map { $0 == connection.status } ?? true)
            && (userID.map { $0 == connection.userID } ?? true)
    }
}
