import ArgumentParser
import Connections
import ConnectionsSQLite
import StateTokens

#if PostgreSQL
import ConnectionsPostgreSQL
#endif

/// A store on the command line: `sqlite:PATH` or `postgresql://…`.
struct StoreArgument: ExpressibleByArgument {
    private let text: String

    init?(argument: String) {
        do throws(StoreLocationError) {
            guard try StoreLocation(argument) != .nowhere else { return nil }
        } catch {
            // What was left out of this build is said when the store is opened.
            guard error == .notBuilt else { return nil }
        }
        text = argument
    }

    /// Where it is.
    ///
    /// - Throws: for a password, since a process's arguments are for everybody on the machine to see.
    func location() throws(CommandError) -> StoreLocation {
        guard !StoreLocation.hasPassword(text) else {
            throw CommandError(
                .usage, "--store has a password in it: leave it out, and set PGPASSWORD or PGPASSFILE instead"
            )
        }
        do throws(StoreLocationError) {
            return try StoreLocation(text)
        } catch {
            throw CommandError(.configuration, "the store \(error.sentence)")
        }
    }

    /// Opens the store, which must be there: to make one would answer that no row needs anything.
    func open() throws(CommandError) -> any ConnectionStore {
        let location = try location()
        do throws(StoreError) {
            switch location {
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
        } catch {
            throw CommandError(error)
        }
    }

    /// The keys that rows need.
    func keyIDsInUse() async throws(CommandError) -> Set<KeyID> {
        let store = try open()
        do throws(StoreError) {
            return try await store.keyIDsInUse()
        } catch {
            throw CommandError(error)
        }
    }
}
