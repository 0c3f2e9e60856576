import ConnectAPI
import Connections
import ConnectionsSQLite
import Encodings
import Keyrings

/// A copy of a store as of one moment.
struct StoreBackup {
    let path: String
    let inspection: StoreInspection

    /// Makes it, for its owner alone. It gets its name when it is on the disk and was found whole.
    ///
    /// - Throws: for a store that is not in SQLite, and rather than to overwrite anything.
    init(of location: StoreLocation, at target: String) async throws(CommandError) {
        switch location {
        case .sqlite(let path): try await self.init(ofFile: path, at: target)
        #if PostgreSQL
        case .postgreSQL(let url):
            let address = StoreLocation.withoutPassword(url).replacing(":***@", with: "@")
            throw CommandError(
                .refused,
                """
                the store is in PostgreSQL, whose own program makes the backup while the service runs:
                umask 077; pg_dump --format=custom --file=\(target.quoted) \(address.quoted)
                A password comes from PGPASSWORD or PGPASSFILE. Restore it with pg_restore into an empty database, \
                and look at that with `symbolon store verify --store postgresql://…`.
                """)
        #endif
        case .nowhere: throw StoreLocation.nothingKept
        }
    }

    private init(ofFile source: String, at target: String) async throws(CommandError) {
        try StoreLocation.sqlite(path: source).checkIsThere()
        guard FileKind(at: target, followingLinks: false) == .nothing else {
            throw CommandError(writing: target, .exists)
        }
        TemporaryFile.removeLeftovers(beside: target)
        let file = try Self.temporaryFile(beside: target)
        do throws(StoreError) {
            try SQLiteConnectionStore.copy(path: source, to: file.path)
        } catch .corrupt(let reason) {
            throw CommandError(.refused, "\(source) is damaged, or not a store: \(reason)")
        } catch {
            throw CommandError(error)
        }
        let inspection = try await StoreLocation.sqlite(path: file.path).inspect(opening: nil)
        if let problem = inspection.problems?.first {
            throw CommandError(.refused, "\(source) cannot be backed up: \(problem)")
        }
        do throws(AtomicFileError) {
            try file.synchronize()
            try file.link()
        } catch {
            throw CommandError(writing: target, error)
        }
        path = target
        self.inspection = inspection
    }

    private static func temporaryFile(beside target: String) throws(CommandError) -> TemporaryFile {
        do throws(AtomicFileError) {
            return try TemporaryFile(beside: target)
        } catch {
            throw CommandError(writing: target, error)
        }
    }

    var json: [UInt8] {
        JSONOutput.object { answer in
            answer.member("file", path)
            answer.member("table_version", inspection.version)
            answer.member("connections", inspection.connectionCount)
        }
    }
}

extension String {
    /// As one word of a shell's.
    fileprivate var quoted: String { "'\(replacing("'", with: #"'\''"#))'" }
}
