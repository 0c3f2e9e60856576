package import Connections
import GRDB
package import StateTokens

extension SQLiteConnectionStore {
    package func sealedConnections(
        notUnder keyIDs: Set<KeyID>, after: ConnectionID?, limit: Int
    ) async throws(StoreError) -> [SealedConnection] {
        try await read { database, _ in
            let rows =
                try CredentialsRow
                .filter(!keyIDs.map(\.rawValue).contains(Column("key_id")))
                .filter(Column("connection_id") > (after?.description ?? ""))
                .order(Column("connection_id")).limit(limit).fetchAll(database)
            return try rows.map { row in
                guard let connection = try ConnectionRow.fetchOne(database, key: row.connectionID) else {
                    throw StoreError.corrupt(reason: "credentials without a connection")
                }
                return SealedConnection(
                    connection: try connection.connection(), credentials: row.credentials)
            }
        }
    }

    package func reseal(
        _ id: ConnectionID, workspaceID: String, replacing: SealedCredentials, with: SealedCredentials
    ) async throws(StoreError) -> Bool {
        try await write { database, _ in
            guard try ConnectionRow.find(id, workspaceID: workspaceID, in: database) != nil else {
                return false
            }
            var row = try CredentialsRow.find(id, in: database)
            guard row.credentials == replacing else { return false }
            row.reseal(as: with)
            try row.update(database)
            return true
        }
    }
}
