package import Connections
import GRDB

extension SQLiteConnectionStore {
    /// Writes what the store holds at one moment to `target`, an empty file. Its service goes on meanwhile.
    ///
    /// The copy is one file, without a WAL beside it and without what was deleted. To put it on the disk is up to the caller.
    ///
    /// - Throws: if pages of the store are damaged: a copy has none of those.
    package static func copy(path: String, to target: String) throws(StoreError) {
        do {
            try readOnly(path).inDatabase { database in
                try database.execute(sql: "VACUUM INTO ?", arguments: [target])
            }
        } catch {
            throw StoreError(translating: error)
        }
    }

    /// Looks at the file as it is: neither its tables nor its rows change.
    ///
    /// - Parameter sample: which rows to open; `nil` opens none.
    /// - Throws: ``StoreError/newer`` if a later release has changed the tables.
    package static func inspect(
        path: String, opening sample: StoreInspection.Sample?
    ) async throws(StoreError) -> StoreInspection {
        do {
            let file = try DatabaseFile(atPath: path)
            return try await readOnly(path).read { database in
                let pending = try Schema.pending(database)
                let version = try Schema.version(database)
                var problems = try Self.problems(database)
                if version == 0 { problems.append("it has no tables of a store") }
                var inspection = StoreInspection(
                    version: version, pendingCount: pending.count, problems: problems)
                // What damaged pages say is no row of ours.
                guard problems.isEmpty else { return inspection }
                let transaction = SQLiteTransaction(
                    database, at: DatabaseTime(millisecondsSinceEpoch: 0), of: file)
                try inspection.read(transaction, opening: sample)
                return inspection
            }
        } catch {
            throw StoreError(translating: error)
        }
    }

    private static func readOnly(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.readonly = true
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// What the tables hold whose rows belong to a connection's.
    private static let contents = ["credentials": "credentials", "connection_tags": "tags"]

    private static func problems(_ database: Database) throws -> [String] {
        let found = try String.fetchAll(database, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
        var orphans: [String: Int] = [:]
        for row in try Row.fetchAll(database, sql: "PRAGMA foreign_key_check") {
            guard let table = row[0] as String? else { continue }
            orphans[Self.contents[table] ?? table, default: 0] += 1
        }
        return found
            + orphans.sorted { $0.key < $1.key }.map { name, count in
                "\(count) rows of \(name) belong to no connection"
            }
    }
}
