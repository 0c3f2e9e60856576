import Connections
import ConnectionsSQLite

#if PostgreSQL
import ConnectionsPostgreSQL
#endif

extension StoreLocation {
    /// Opens the store, which must be there: to make one would answer that no row needs anything.
    ///
    /// - Parameter subscriptions: who is told of changes.
    func openExisting(
        subscriptions: WebhookSubscriptions = .none
    ) throws(CommandError) -> any ConnectionStore {
        try checkIsThere()
        do throws(StoreError) {
            switch self {
            case .sqlite(let path):
                return try SQLiteConnectionStore(path: path, subscriptions: subscriptions)
            #if PostgreSQL
            case .postgreSQL(let url):
                return PostgreSQLConnectionStore(
                    try ServerAddress(url), connectionCount: 1, subscriptions: subscriptions)
            #endif
            case .nowhere: throw .notFound
            }
        } catch .notFound {
            throw Self.nothingKept
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
