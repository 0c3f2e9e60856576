import ArgumentParser
import Connections
import ConnectionsSQLite
import StateTokens

/// A store on the command line: `sqlite:PATH`.
struct StoreArgument: ExpressibleByArgument {
    let path: String

    init?(argument: String) {
        guard argument.hasPrefix("sqlite:"), argument.utf8.count > 7 else { return nil }
        path = String(argument.dropFirst(7))
    }

    /// Opens the store, which must be there: to make one would answer that no row needs anything.
    func open() throws(CommandError) -> SQLiteConnectionStore {
        guard FileKind(at: path) == .other else {
            throw CommandError(.unavailable, "there is no store at \(path)")
        }
        do throws(StoreError) {
            return try SQLiteConnectionStore(path: path)
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
