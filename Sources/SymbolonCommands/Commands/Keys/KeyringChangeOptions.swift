import ArgumentParser

/// The keyring that a command changes, and whether in earnest.
struct KeyringChangeOptions: ParsableArguments {
    @Option(help: .init("The keyring, or a folder that contains one.", valueName: "file"))
    var keyring: String

    @Flag(help: "Print what would be changed, and write nothing.")
    var dryRun = false

    @Option(
        help: .init("How long to wait for another process that changes the file.", valueName: "seconds"))
    var lockTimeout = DurationArgument(seconds: 10)

    func validate() throws {
        guard (0...86_400).contains(lockTimeout.seconds) else {
            throw ValidationError("--lock-timeout must be from 0 to 86400 seconds.")
        }
    }
}
