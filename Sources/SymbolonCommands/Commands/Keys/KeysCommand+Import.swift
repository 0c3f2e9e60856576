import ArgumentParser
import Cryptography
import Keyrings
import StateTokens

extension KeysCommand {
    /// `symbolon keys import`
    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import",
            abstract: "Create a keyring from a Google Tink keyset.",
            discussion: """
                Reads a plain-text JSON keyset with keys of the template AES256_CTR_HMAC_SHA256, as tinkey \
                makes it; other kinds of keys are rejected. The primary key seals at once, and the others \
                open what they sealed. An existing keyring is never overwritten.

                Rows are sealed for a deployment: to read the rows of another connections.keyring, give \
                its deployment.

                EXAMPLES
                  symbolon keys import --format tink --in keyset.json \\
                    --keyring keys/state.keyring
                  tinkey create-keyset --key-template AES256_CTR_HMAC_SHA256 \\
                    --out-format json | symbolon keys import --format tink \\
                    --in - --keyring keys/state.keyring
                """)

        @Option(help: "The format: tink.")
        var format: KeysetFormat

        @Option(name: .customLong("in"), help: .init("The keyset; - is standard input.", valueName: "file"))
        var input: String

        @Option(
            help: .init("The file to make, or a folder that gets it under its usual name.", valueName: "file")
        )
        var keyring: String

        @Option(help: "The purpose, if the file's name does not show it.")
        var purpose: Keyring.Purpose?

        @Option(help: .init("The deployment that the keys belong to (default: a new one).", valueName: "id"))
        var deployment: String?

        @OptionGroup var durations: KeyringDurationOptions

        @Flag(help: "Print what would be made, and write nothing.")
        var dryRun = false

        @OptionGroup var output: OutputOptions

        func run() throws(CommandError) {
            let location = try NewKeyringLocation(keyring, purpose: purpose)
            try location.check()
            let now = Timestamp.now()
            var keyset = try readKeyset()
            defer {
                var span = keyset.mutableSpan
                wipe(&span)
            }
            let ring = try makeKeyring(keyset, location.purpose, at: now)
            if !dryRun {
                do {
                    try KeyringFile.create(ring, at: location.path)
                } catch {
                    throw CommandError(error)
                }
            }
            let report = ImportReport(
                report: KeyringReport(keyring: ring, path: location.path, now: now, isKept: !dryRun),
                isWritten: !dryRun)
            guard !output.json else { return try Console.print(octets: report.json) }
            try Console.print(report.text())
            Console.note(report.nextStep)
        }

        private func readKeyset() throws(CommandError) -> [UInt8] {
            try input.checkIsNoKeyring(option: "--in")
            guard input != "-" else { return try StandardInput.read(limit: 1 << 20, expecting: "one keyset") }
            return try SecretFile.read(input, limit: 1 << 20)
        }

        private func makeKeyring(
            _ keyset: [UInt8], _ purpose: Keyring.Purpose, at now: Timestamp
        ) throws(CommandError) -> Keyring {
            do throws(TinkKeysetError) {
                return try TinkKeyset.keyring(
                    keyset, purpose: purpose, deploymentID: deployment,
                    maximumLifetime: durations.maxLifetime.duration,
                    sessionLifetime: durations.sessionLifetime.duration,
                    propagation: durations.propagation.duration, skew: durations.skew.duration, at: now)
            } catch {
                throw CommandError(error)
            }
        }
    }
}
