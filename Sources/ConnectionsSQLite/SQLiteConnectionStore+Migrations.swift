package import Connections
import FoundationEssentials
import GRDB

extension SQLiteConnectionStore {
    /// What opening the store would do to its tables. A file that is not there is not made.
    package static func pendingMigrations(path: String) throws(StoreError) -> [StoreMigration] {
        guard FileManager.default.fileExists(atPath: path) else { return Schema.migrations }
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            configuration.readonly = true
            return try DatabaseQueue(path: path, configuration: configuration).read { database in
                try Schema.pending(database)
            }
        } catch {
            throw StoreError(translating: error)
        }
    }
}

extension SQLiteConnectionStore {
    /// Every version of the tables, from the first.
    package static var migrations: [StoreMigration] { Schema.migrations }
}
