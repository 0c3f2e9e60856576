import ArgumentParser
import ConnectAPI
import Cryptography
import Encodings
import Keyrings
import StateTokens

extension KeysCommand {
    /// `symbolon keys export`
    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export",
            abstract: "Export a keyring as a Google Tink keyset.",
            discussion: """
                The keyset contains the keys in plain text. It goes to a new file for its owner only (mode \
                0600), or with --out - to standard output. Its primary key is the one that seals now; keys \
                that are enabled or retired are enabled in it, disabled ones are disabled. Tink has no \
                schedule: export again after each rotation.

                EXAMPLES
                  symbolon keys export --format tink --keyring keys/state.keyring \\
                    --out state.keyset.json
                """)

        @Option(help: "The format: tink.")
        var format: KeysetFormat

        @Option(help: .init("The keyring, or a folder that contains one.", valueName: "file"))
        var keyring: String

        @Option(help: .init("The file to make; - is standard output.", valueName: "file"))
        var out: String

        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard out != "-" || !output.json else {
                throw ValidationError("With --out - standard output is the keyset: leave --json out.")
            }
        }

        func run() throws(CommandError) {
            let loaded = try LoadedKeyring(keyring)
            let now = Timestamp.now()
            var keyset = try keyset(loaded.keyring, at: now)
            defer {
                var span = keyset.mutableSpan
                wipe(&span)
            }
            guard out != "-" else { return try Console.write(octets: keyset) }
            try write(keyset)
            let report = KeyringReport(keyring: loaded.keyring, path: loaded.path, now: now)
            guard !output.json else { return try Console.print(octets: json(report)) }
            var fields = FieldList()
            fields.add("keyring", "\(loaded.path)")
            fields.add("keyset", "\(out)")
            fields.add("primary key", optional: report.sealingKey?.id.description)
            fields.add("keys", lines: loaded.keyring.keys.map(\.id.description))
            try Console.print(fields.rendered())
            Console.note("The keyset has the keys in plain text: protect it like the keyring.")
        }

        private func keyset(_ keyring: Keyring, at now: Timestamp) throws(CommandError) -> [UInt8] {
            do throws(TinkKeysetError) {
                return try TinkKeyset.json(keyring, at: now)
            } catch {
                throw CommandError(error)
            }
        }

        private func write(_ keyset: [UInt8]) throws(CommandError) {
            do throws(AtomicFileError) {
                try TemporaryFile.create(out, octets: keyset)
            } catch {
                throw CommandError(writing: out, error)
            }
        }

        private func json(_ report: KeyringReport) -> [UInt8] {
            JSONOutput.object { members in
                members.member("written", true)
                members.member("path", report.path)
                members.member("out", out)
                members.member("format", format.rawValue)
                members.member("digest", report.keyring.digest)
                members.member("primary_key", report.sealingKey?.id.description)
                members.array("keys") { elements in
                    for key in report.keyring.keys {
                        elements.object { member in
                            member.member("id", key.id.description)
                            member.member("tink_key_id", Int(key.id.rawValue))
                            member.member("status", key.status == .disabled ? "DISABLED" : "ENABLED")
                        }
                    }
                }
            }
        }
    }
}
