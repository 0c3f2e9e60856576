import ArgumentParser
import ConnectAPI
import Connections
import Cryptography
import Keyrings
import StateTokens

extension ConnectionsCommand {
    /// `symbolon connections export`
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export",
            abstract: "Export stored connections as JSON, with credentials only on request.",
            discussion: """
                Writes to a new file for its owner only (mode 0600), or with --out - to standard output. \
                With --include-credentials, access and refresh tokens are in plain text: protect the file \
                like the store together with its keyring. Rows that cannot be opened are listed, and the \
                command exits with 1.

                EXAMPLES
                  symbolon connections export --out connections.json
                  symbolon connections export --out - --workspace wsp_1 | jq '.data | length'
                  symbolon connections export --out moved.json --include-credentials \\
                    --store sqlite:symbolon.sqlite --keyring keys/connections.keyring
                """)

        @Option(
            help: .init("The file to make; - is standard output.", valueName: "file"), completion: .file())
        var out: String

        @Flag(help: "Include access and refresh tokens in plain text.")
        var includeCredentials = false

        @OptionGroup var keyring: ConnectionsKeyringOptions
        @OptionGroup var filter: ConnectionFilter
        @OptionGroup var source: StoreOptions

        func run() async throws {
            try keyring.check()
            let found = try await filter.connections(in: source.open()).all()
            let sealer =
                includeCredentials
                ? try await keyring.sealer(for: source) : nil
            var export = ConnectionExport(found, sealer: sealer, at: .now())
            defer { export.wipe() }
            if out == "-" {
                try Console.write(octets: export.octets)
            } else {
                try Self.write(export.octets, to: out)
                Console.note("\(counted: found.rows.count, "connection") written to \(out) (mode 0600).")
            }
            if includeCredentials { Console.note("The tokens in it are in plain text.") }
            found.noteUnreadable()
            guard export.unreadable.isEmpty else {
                let names = export.unreadable.map(\.description).joined(separator: ", ")
                throw CommandError(.refused, "the credentials of these do not open: \(names)")
            }
            try found.requireReadable()
        }

        private static func write(_ octets: [UInt8], to path: String) throws(CommandError) {
            do throws(AtomicFileError) {
                try TemporaryFile.create(path, octets: octets)
            } catch {
                throw CommandError(writing: path, error)
            }
        }
    }
}
