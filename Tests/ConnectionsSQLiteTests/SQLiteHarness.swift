import Connections
import ConnectionsSQLite
import ConnectionsTesting
import Foundation
import GRDB

/// Two handles on one new file, which goes when the test does.
final class SQLiteHarness: StoreHarness {
    let store: SQLiteConnectionStore
    let replica: SQLiteConnectionStore
    let clock = ManualClock()
    let path: String
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "symbolon-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        path = folder.appending(path: "store.sqlite").path
        let time = DatabaseClock.injected { [clock] in clock.now }
        store = try SQLiteConnectionStore(path: path, clock: time, subscriptions: Sample.subscriptions)
        replica = try SQLiteConnectionStore(path: path, clock: time, subscriptions: Sample.subscriptions)
    }

    deinit {
        do {
            try FileManager.default.removeItem(at: folder)
        } catch {
            print("left behind: \(folder.path)")
        }
    }

    /// Does to the file what no store would.
    func tamper(_ sql: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        try DatabaseQueue(path: path, configuration: configuration).write { database in
            try database.execute(sql: sql)
        }
    }

    /// Writes the WAL back and empties it, or throws where a snapshot still needs it.
    func checkpoint() throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { database in
            let busy = try Int.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            guard busy == 0 else { throw StoreError.unavailable(reason: "a snapshot is open") }
        }
    }
}
