package import Connections
import GRDB
package import StateTokens

/// A store in one SQLite file, for one machine; several processes may share the file.
package final class SQLiteConnectionStore: Sendable {
    private let pool: DatabasePool
    private let clock: DatabaseClock
    private let file: DatabaseFile
    private let lookups: RowLookups
    private let claimLookups: RowLookups
    package let subscriptions: WebhookSubscriptions
    private let commits: GroupCommit

    /// Opens the file, makes it if there is none, and brings its tables up to date.
    ///
    /// - Parameter subscriptions: who is told of changes.
    package init(
        path: String, clock: DatabaseClock = .sqlite, subscriptions: WebhookSubscriptions = .none
    ) throws(StoreError) {
        self.subscriptions = subscriptions
        try DatabaseFile.create(atPath: path)
        do {
            pool = try Self.open(path, clock: clock)
        } catch {
            throw StoreError(translating: error)
        }
        file = try DatabaseFile(atPath: path)
        self.clock = clock
        lookups = RowLookups(path: path, sql: SQLiteTransaction.sealedConnection)
        claimLookups = RowLookups(path: path, sql: SQLiteTransaction.anyClaim)
        commits = GroupCommit(pool, clock, file)
    }

    deinit {
        lookups.close()
        claimLookups.close()
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
    /// One immediate transaction, at one moment, that a cancelled task does not abandon. Those that wait at the same time
    /// are committed together.
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (SQLiteTransaction) throws -> Value
    ) async throws(StoreError) -> Value {
        let result: Result<Value, any Error> = await withCheckedContinuation { answer in
            commits.add(
                GroupCommit.Write(
                    perform: { transaction in
                        let value = try body(transaction)
                        return { answer.resume(returning: .success(value)) }
                    },
                    fail: { answer.resume(returning: .failure($0)) }))
        }
        do {
            return try result.get()
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

extension SQLiteConnectionStore {
    package func hasClaimAtOnce(_ flow: FlowID) -> Bool? { claimLookups.hasRow(id: flow.octets) }

    package func credentialsAtOnce(of id: ConnectionID, workspaceID: String) -> SealedConnection? {
        guard workspaceID.isStorable,
            let values = lookups.values(id: id.description, workspaceID: workspaceID)
        else { return nil }
        var row = ColumnReader(SealedRecord.columns, values)
        do throws(RowFault) {
            return try SealedRecord(&row).sealedConnection
        } catch {
            // `credentials(of:workspaceID:)` reads it again, and says so.
            return nil
        }
    }
}
