package import Connections
import GRDB

/// A store in one SQLite file, for one machine; several processes may share the file.
package final class SQLiteConnectionStore: Sendable {
    private let pool: DatabasePool
    private let clock: DatabaseClock
    private let file: DatabaseFile

    /// Opens the file, makes it if there is none, and brings its tables up to date.
    package init(path: String, clock: DatabaseClock = .sqlite) throws(StoreError) {
        try DatabaseFile.create(atPath: path)
        do {
            pool = try Self.open(path, clock: clock)
        } catch {
            throw StoreError(translating: error)
        }
        file = try DatabaseFile(atPath: path)
        self.clock = clock
    }

    private static func open(_ path: String, clock: DatabaseClock) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.foreignKeysEnabled = true
        configuration.label = "symbolon.store"
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA secure_delete = ON")
            clock.prepare(database)
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        // GRDB lowers this to NORMAL when it turns the WAL on, and a claim that a power cut undoes is sent
        // twice.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        try Schema.migrate(pool)
        return pool
    }
}

extension SQLiteConnectionStore: TransactionalStore {
    /// One immediate transaction, at one moment, that a cancelled task does not abandon.
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (SQLiteTransaction) throws -> Value
    ) async throws(StoreError) -> Value {
        let task = Task { [pool, clock, file] in
            try await pool.write { database in
                let transaction = SQLiteTransaction(database, at: try clock.now(in: database), of: file)
                let value = try body(transaction)
                // Last, so that a commit goes nowhere but where the path leads.
                try file.requireInPlace()
                return value
            }
        }
        do {
            return try await task.value
        } catch {
            throw StoreError(translating: error)
        }
    }

    /// One snapshot, at one moment.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (SQLiteTransaction) throws -> Value
    ) async throws(StoreError) -> Value {
        do {
            return try await pool.read { [clock, file] database in
                try body(SQLiteTransaction(database, at: try clock.now(in: database), of: file))
            }
        } catch {
            throw StoreError(translating: error)
        }
    }
}
