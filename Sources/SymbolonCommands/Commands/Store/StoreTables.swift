import Connections
import ConnectionsSQLite

#if PostgreSQL
import ConnectionsPostgreSQL
#endif

/// The tables of a store, apart from what is in them.
struct StoreTables {
    private let location: StoreLocation

    init(_ location: StoreLocation) { self.location = location }

    /// The steps that are left to take.
    func pending() async throws(StoreError) -> [StoreMigration] {
        switch location {
        case .sqlite(let path): return try SQLiteConnectionStore.pendingMigrations(path: path)
        #if PostgreSQL
        case .postgreSQL(let url):
            return try await PostgreSQLConnectionStore.pendingMigrations(ServerAddress(url))
        #endif
        // Without a store there are no tables.
        case .nowhere: return []
        }
    }

    /// Takes them, and says which they were.
    func migrate() async throws(StoreError) -> [StoreMigration] {
        switch location {
        case .sqlite(let path):
            let pending = try SQLiteConnectionStore.pendingMigrations(path: path)
            // To open it is to migrate it.
            _ = try SQLiteConnectionStore(path: path)
            return pending
        #if PostgreSQL
        case .postgreSQL(let url): return try await PostgreSQLConnectionStore.migrate(ServerAddress(url))
        #endif
        // Without a store there are no tables.
        case .nowhere: return []
        }
    }
}
