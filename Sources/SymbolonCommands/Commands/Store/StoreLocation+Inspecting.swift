import Connections
import ConnectionsSQLite

#if PostgreSQL
import ConnectionsPostgreSQL
#endif

extension StoreLocation {
    /// Looks at the store as it is: neither its tables nor its rows change.
    ///
    /// - Parameter sample: which rows to open; `nil` opens none.
    func inspect(opening sample: StoreInspection.Sample?) async throws(CommandError) -> StoreInspection {
        try checkIsThere()
        do throws(StoreError) {
            switch self {
            case .sqlite(let path):
                return try await SQLiteConnectionStore.inspect(path: path, opening: sample)
            #if PostgreSQL
            case .postgreSQL(let url):
                return try await PostgreSQLConnectionStore.inspect(ServerAddress(url), opening: sample)
            #endif
            case .nowhere: throw .notFound
            }
        } catch .notFound {
            throw Self.nothingKept
        } catch .corrupt(let reason) {
            // Whether it is damaged is what was asked.
            throw CommandError(.refused, "\(name) is damaged, or not a store: \(reason)")
        } catch {
            throw CommandError(error)
        }
    }

    /// - Throws: for a file that does not exist: to make one would say that there is nothing in it.
    func checkIsThere() throws(CommandError) {
        guard case .sqlite(let path) = self, FileKind(at: path) != .other else { return }
        throw CommandError(
            .unavailable,
            "there is no store at \(path) yet. Run `symbolon store migrate`, or start the service once")
    }

    static var nothingKept: CommandError {
        CommandError(.refused, "the configuration says `store: none`, so nothing is kept anywhere")
    }
}
