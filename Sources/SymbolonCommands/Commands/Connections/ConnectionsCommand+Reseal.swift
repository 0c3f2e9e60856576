import ArgumentParser
import ConnectAPI
import ConnectService
import Connections
import Keyrings
import StateTokens

extension ConnectionsCommand {
    /// `symbolon connections reseal`
    struct Reseal: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reseal",
            abstract:
                "Reseal stored credentials under the current key, so that older keys can be pruned.",
            discussion: """
                Run it after a rotated key of connections.keyring has taken over. It works in batches with \
                pauses while the service runs, and can be interrupted and repeated at any time. Rows that \
                cannot be opened are left unchanged and listed, and the command exits with 1.

                EXAMPLES
                  symbolon connections reseal --config symbolon.yaml
                  symbolon connections reseal --keyring keys/connections.keyring \\
                    --store sqlite:symbolon.sqlite
                """)

        @OptionGroup var keyring: ConnectionsKeyringOptions
        @OptionGroup var source: StoreOptions

        @Option(help: .init("How many rows between two pauses.", valueName: "count"))
        var batch = 100

        @Option(help: .init("The length of a pause.", valueName: "milliseconds"))
        var pause = 100

        @Flag(help: "Print what would be resealed, and write nothing.")
        var dryRun = false

        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...10_000).contains(batch) else {
                throw ValidationError("--batch must be from 1 to 10000.")
            }
            guard (0...60_000).contains(pause) else {
                throw ValidationError("--pause must be from 0 to 60000 milliseconds.")
            }
        }

        func run() async throws {
            try keyring.check()
            let ring = try await keyring.loaded(for: source)
            try await run(on: try await source.open(), ring)
        }

        private func run(
            on store: some ConnectionStore, _ ring: Keyring
        ) async throws(CommandError) {
            let reseal = ResealConnections(
                store: store, keyring: ring, batchCount: batch, pause: .milliseconds(pause))
            let done: ResealProgress
            do throws(ResealError) {
                done = try await reseal.run(isDryRun: dryRun) { Console.note($0.sentence(isDryRun: dryRun)) }
            } catch {
                throw CommandError(error)
            }
            let report = ResealReport(
                done: done, keyring: ring, inUse: try await keyIDsInUse(store), isWritten: !dryRun)
            try Console.print(octets: output.json ? report.json : Array(report.text().utf8))
            if let problem = report.problem { throw CommandError(.refused, problem) }
        }

        private func keyIDsInUse(_ store: some ConnectionStore) async throws(CommandError) -> Set<KeyID> {
            do throws(StoreError) {
                return try await store.keyIDsInUse()
            } catch {
                throw CommandError(error)
            }
        }
    }
}

extension CommandError {
    init(_ error: ResealError) {
        switch error {
        case .nothingSeals:
            self.init(.refused, "no key is enabled, so nothing can be sealed: run `symbolon keys rotate`")
        case .sealing: self.init(.unavailable, "libcrypto refused to seal")
        case .store(let error): self.init(error)
        case .cancelled: self.init(.refused, "interrupted; run this again to continue")
        }
    }
}
