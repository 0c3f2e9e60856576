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
            abstract: "Writes what is stored as JSON; credentials only when asked.",
            discussion: """
                It goes to a new file for its owner alone (mode 0600), or with --out - to standard output. \
                With --include-credentials the access and refresh tokens stand there in the clear: keep the \
                file as the store and its keyring together. Rows that do not open are named; then it exits \
                with 1.

                EXAMPLES
                  symbolon connections export --out connections.json
                  symbolon connections export --out - --workspace wsp_1 | jq '.data | length'
                  symbolon connections export --out moved.json --include-credentials \\
                    --store sqlite:symbolon.sqlite --keyring keys/connections.keyring
                """)

        @Option(
            help: .init("The file to make; - is standard output.", valueName: "file"), completion: .file())
        var out: String

        @Flag(help: "Write access and refresh tokens in the clear.")
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
                Console.note("\(found.rows.count) connections are in \(out), for its owner alone.")
            }
            if includeCredentials { Console.note("The tokens in it are in the clear.") }
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
