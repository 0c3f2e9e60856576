import ArgumentParser
import ConnectAPI
import ConnectService
import Connections
import Glibc
import Keyrings
import OAuthHTTP
import StateTokens

extension ConnectionsCommand {
    /// `symbolon connections revoke`
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke",
            abstract: "Revoke grants in bulk at their providers, and report each outcome.",
            discussion: """
                First all matching connections become inactive, in one transaction: from then on none \
                gives a token. Then each grant is revoked at its provider. The revocation is in the store: \
                if the command is interrupted, a running service continues it, and --resume waits for it. \
                The report has a JSON line for each grant, and a last one with the counts, the times and \
                the SHA-256 of all lines before it. Exits with 1 if a grant could not be revoked, or if \
                its outcome is unknown.

                EXAMPLES
                  symbolon connections revoke --user user_1 --dry-run
                  symbolon connections revoke --workspace wsp_1 --integration gmail \\
                    --report revoked.jsonl
                  symbolon connections revoke --since 2026-11-01T00:00:00Z \\
                    --report revoked.jsonl
                  symbolon connections revoke --resume rev_AbCdEfGhIjKlMnOpQrStUv \\
                    --report revoked.jsonl
                """)

        @Option(help: .init("Only this workspace's.", valueName: "id"))
        var workspace: String?

        @Option(help: .init("Only this integration's.", valueName: "id"))
        var integration: String?

        @Option(help: .init("Only this user's.", valueName: "id"))
        var user: String?

        @Option(
            help: .init(
                "Only those made, renewed, refreshed, changed or used since then: RFC 3339 in UTC.",
                valueName: "time"))
        var since: String?

        @Option(help: .init("Continue a revocation.", valueName: "id"))
        var resume: String?

        @Option(
            help: .init("The file to make for the report.", valueName: "file"), completion: .file())
        var report: String?

        @Flag(help: "Print how many would be revoked, and change nothing.")
        var dryRun = false

        @OptionGroup var keyring: ConnectionsKeyringOptions
        @OptionGroup var source: StoreOptions
        @OptionGroup var output: OutputOptions

        private var filter: RevocationFilter {
            RevocationFilter(
                workspaceID: workspace, integrationID: integration, userID: user,
                since: since.flatMap { Timestamp(rfc3339: $0) })
        }

        func validate() throws {
            if let since, Timestamp(rfc3339: since) == nil {
                throw ValidationError("--since takes a time like 2026-01-01T00:00:00Z.")
            }
            if [workspace, integration, user].contains("") {
                throw ValidationError("An empty name matches nothing.")
            }
            if let resume {
                guard RevocationID(resume) != nil else {
                    throw ValidationError("\(resume.printable) is not a revocation's id.")
                }
                guard filter.isEmpty, !dryRun else {
                    throw ValidationError("--resume continues a revocation: it takes no filter.")
                }
            } else if filter.isEmpty {
                throw ValidationError(
                    "Say which: --workspace, --integration, --user or --since, or several of them.")
            }
            guard dryRun || report != nil else { throw ValidationError("Give --report FILE, or --dry-run.") }
        }

        func run() async throws {
            try keyring.check()
            if let report, unsafe access(report, F_OK) == 0 {
                throw CommandError(.refused, "\(report.printable) is there already: name a new file")
            }
            let settings = try source.options.settings()
            let catalog = try ConfiguredCatalog(settings, readsWorkspaces: true)
            let sealer = try await keyring.sealer(for: source)
            let store = try await source.open(subscriptions: settings.webhookEndpoints().subscriptions)
            let audit = try CommandAudit(settings)
            let client = ProviderHTTPClient(settings.providers.http())
            let result: Result<(Revocation, RevocationReport?), CommandError>
            do throws(CommandError) {
                try audit.check()
                result = .success(try await revoked(in: store, catalog, sealer, client, audit.log))
            } catch {
                result = .failure(error)
            }
            await client.shutdown()
            await audit.close()
            let (revocation, written) = try result.get()
            if let report, let written {
                do throws(AtomicFileError) {
                    try TemporaryFile.create(report, octets: written.octets)
                } catch {
                    throw CommandError(writing: report, error)
                }
            }
            try Console.print(
                octets: output.json
                    ? RevocationReport.json(revocation, digest: written?.digest)
                    : Array(RevocationReport.text(revocation, digest: written?.digest).utf8))
            let counts = revocation.counts
            let alive = counts.refused + counts.notPossible + counts.unknown
            guard dryRun || alive == 0 else {
                throw CommandError(
                    .refused, "\(counted: alive, "grant") may still be valid at the provider: see the report")
            }
        }

        private func revoked(
            in store: some ConnectionStore, _ catalog: ConfiguredCatalog, _ sealer: CredentialSealer,
            _ client: ProviderHTTPClient, _ audit: AuditLog
        ) async throws(CommandError) -> (Revocation, RevocationReport?) {
            let tokens = catalog.accessTokens(of: store, sealer, client, audit: audit)
            var revocation = try await begun(RevokeGrants(tokens), in: store)
            guard !dryRun else { return (revocation, nil) }
            Console.note(
                "Revocation \(revocation.id): its connections are inactive, and \(revocation.counts.left) grants are "
                    + "left. If this is interrupted, run it again with --resume \(revocation.id).")
            let worker = RevocationWorker(tokens)
            while !revocation.isFinished {
                let isBusy = await worker.pass(of: revocation.id)
                if !isBusy { await pause(.milliseconds(500)) }
                revocation = try await stored(revocation.id, in: store)
            }
            do throws(StoreError) {
                return (revocation, try await RevocationReport(revocation, in: store))
            } catch {
                throw CommandError(error)
            }
        }

        private func begun<Store: ConnectionStore>(
            _ revocations: RevokeGrants<Store>, in store: Store
        ) async throws(CommandError) -> Revocation {
            if let id = resume.flatMap({ RevocationID($0) }) { return try await stored(id, in: store) }
            do throws(RevokeGrantsError) {
                return try await revocations.begin(filter, isDryRun: dryRun)
            } catch {
                switch error {
                case .store(let error): throw CommandError(error)
                case .emptyFilter, .keyReused, .unavailable:
                    throw CommandError(.unavailable, "the revocation could not be begun")
                }
            }
        }

        private func stored(
            _ id: RevocationID, in store: some ConnectionStore
        ) async throws(CommandError) -> Revocation {
            do throws(StoreError) {
                if let found = try await store.revocation(id) { return found }
            } catch {
                throw CommandError(error)
            }
            throw CommandError(.refused, "there is no revocation \(id) in this store")
        }
    }
}
