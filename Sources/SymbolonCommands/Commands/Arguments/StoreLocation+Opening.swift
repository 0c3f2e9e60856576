import Connections
import ConnectionsSQLite

#if PostgreSQL
import ConnectionsPostgreSQL
#endif

extension StoreLocation {
    /// Opens the store, which must be there: to make one would answer that no row needs anything.
    func openExisting() throws(CommandError) -> any ConnectionStore {
        do throws(StoreError) {
            switch self {
            case .sqlite(let path):
                guard FileKind(at: path) == .other else {
                    throw .unavailable(reason: "there is no store at \(path)")
                }
                return try SQLiteConnectionStore(path: path)
            #if PostgreSQL
            case .postgreSQL(let url):
                return PostgreSQLConnectionStore(try ServerAddress(url), connectionCount: 1)
            #endif
            case .nowhere: throw .notFound
            }
        } catch .notFound {
            throw CommandError(.refused, "the configuration says `store: none`, so nothing is kept anywhere")
        } catch {
            throw CommandError(error)
        }
    }

    /// What to call it, without a password.
    var name: String {
        switch self {
        case .sqlite(let path): path
        #if PostgreSQL
        case .postgreSQL(let url): StoreLocation.withoutPassword(url)
        #endif
        case .nowhere: "none"
        }
    }
}
