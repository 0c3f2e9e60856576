import ArgumentParser

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
    /// - Throws: for a password: every user of the machine can see a process's arguments.
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

}
