import ArgumentParser
import Keyrings
import StateTokens

extension KeysCommand {
    /// `symbolon keys generate`
    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "generate",
            abstract: "Create a keyring with one key, which seals at once.",
            discussion: """
                The file is created for its owner only (mode 0600), and never replaces another: without \
                its keyring, sealed data cannot be read. Give every replica the same file; if the service \
                runs as another user, use chown, or chgrp and chmod 440.

                EXAMPLES
                  symbolon keys generate --keyring keys/state.keyring
                  symbolon keys generate --keyring keys --purpose connections
                  symbolon keys generate --keyring keys --purpose state --dry-run
                """)

        @Option(
            help: .init("The file to make, or a folder that gets it under its usual name.", valueName: "file")
        )
        var keyring: String

        @Option(help: "The purpose, if the file's name does not show it.")
        var purpose: Keyring.Purpose?

        @OptionGroup var durations: KeyringDurationOptions

        @Flag(help: "Print what would be made, and write nothing.")
        var dryRun = false

        @OptionGroup var output: OutputOptions

        func run() throws(CommandError) {
            let location = try NewKeyringLocation(keyring, purpose: purpose)
            try location.check()
            let ring = try makeKeyring(location.purpose)
            if !dryRun {
                do {
                    try KeyringFile.create(ring, at: location.path)
                } catch {
                    throw CommandError(error)
                }
            }
            let report = NewKeyringReport(keyring: ring, path: location.path, isWritten: !dryRun)
            guard !output.json else { return try Console.print(octets: report.json) }
            try Console.print(report.text)
            Console.note(report.nextStep)
        }

        private func makeKeyring(_ purpose: Keyring.Purpose) throws(CommandError) -> Keyring {
            do {
                return try Keyring.make(
                    purpose: purpose, maximumLifetime: durations.maxLifetime.duration,
                    sessionLifetime: durations.sessionLifetime.duration,
                    propagation: durations.propagation.duration, skew: durations.skew.duration)
            } catch {
                throw CommandError(error)
            }
        }
    }
}
