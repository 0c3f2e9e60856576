import Access
import ArgumentParser
import ConnectAPI
import ConnectService
import Connections
import Integrations
import Keyrings
import OAuth
import OAuthHTTP
import StateTokens

extension ConnectionsCommand {
    /// `symbolon connections import`
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import",
            abstract: "Import connections from another service.",
            discussion: """
                The file has one connection per line as JSON, in the form of POST /api/v1/connections, or \
                is CSV with columns such as integration, user_id, credentials.refresh_token and tags.plan. \
                The workspace is the member workspace_id, or --workspace. The member external_id is the \
                connection's id at the other service: importing a file again creates nothing twice, and an \
                interrupted run can be repeated. Rejected rows are listed, and the command exits with 1. \
                With --format nango each line is a connection as Nango's API returns it.

                EXAMPLES
                  symbolon connections import moved.jsonl --workspace wsp_1 --dry-run
                  symbolon connections import moved.jsonl --workspace wsp_1 --verify
                  symbolon connections import moved.csv --workspace wsp_1 --json > report.json
                  symbolon connections import nango.jsonl --format nango --workspace wsp_1 \\
                    --integration google-mail=gmail --parameter subdomain=shop
                """)

        @Argument(
            help:
                "The file; - is standard input. It contains tokens: only its owner should be able to read it.",
            completion: .file())
        var file: String

        @Option(help: .init("The workspace of rows that name none.", valueName: "id"))
        var workspace: String?

        @Option(help: "jsonl, csv or nango; without it the file's name says whether it is CSV.")
        var format: ImportFormat?

        @Option(
            help: .init(
                "With --format nango: the name here of an integration of Nango; may be repeated.",
                valueName: "theirs=ours"))
        var integration: [RenamedArgument] = []

        @Option(
            help: .init(
                "With --format nango: the name here of a member of connection_config; may be repeated.",
                valueName: "theirs=ours"))
        var parameter: [RenamedArgument] = []

        @Flag(help: "Refresh each once; remove those that fail.")
        var verify = false

        @Flag(help: "Print what would be imported; ask no provider and write nothing.")
        var dryRun = false

        @OptionGroup var keyring: ConnectionsKeyringOptions
        @OptionGroup var source: StoreOptions
        @OptionGroup var output: OutputOptions

        private static var largestFile: Int { 256 << 20 }

        func validate() throws {
            guard format == .nango || (integration.isEmpty && parameter.isEmpty) else {
                throw ValidationError("--integration and --parameter go with --format nango.")
            }
        }

        func run() async throws {
            try keyring.check()
            let format = format ?? (file.lowercased().hasSuffix(".csv") ? .csv : .jsonl)
            let octets =
                try file == "-"
                ? StandardInput.read(limit: Self.largestFile, expecting: "a file of connections")
                : SecretFile.read(file, limit: Self.largestFile)
            let names = NangoNames(
                integrations: RenamedArgument.names(integration), parameters: RenamedArgument.names(parameter)
            )
            let rows = try format.rows(octets, names: names)
            let settings = try source.options.settings()
            let catalog = try ConfiguredCatalog(settings, readsWorkspaces: true)
            let sealer = try await keyring.sealer(for: source)
            let store = try await source.open(subscriptions: settings.webhookEndpoints().subscriptions)
            let audit = try CommandAudit(settings)
            let client = ProviderHTTPClient(settings.providers.http())
            let result: Result<ImportRowsReport, CommandError>
            do throws(CommandError) {
                if !dryRun { try audit.check() }
                result = .success(
                    await imported(
                        rows, to: store, catalog, sealer, client, audit.log,
                        knowsWorkspaces: settings.production != nil))
            } catch {
                result = .failure(error)
            }
            await client.shutdown()
            await audit.close()
            let report = try result.get()
            try Console.print(octets: output.json ? report.json : Array(report.text().utf8))
            if let problem = report.problem { throw problem }
        }

        private func imported(
            _ rows: [ImportRow], to store: some ConnectionStore, _ catalog: ConfiguredCatalog,
            _ sealer: CredentialSealer, _ client: ProviderHTTPClient, _ audit: AuditLog, knowsWorkspaces: Bool
        ) async -> ImportRowsReport {
            let imports = ImportConnection(catalog.accessTokens(of: store, sealer, client, audit: audit))
            var report = ImportRowsReport(isWritten: !dryRun)
            for row in rows {
                let outcome: ImportOutcome
                if knowsWorkspaces, let id = row.workspaceID ?? workspace, catalog.workspaces[id] == nil {
                    outcome = .rejected("there is no workspace `\(id)` in the workspaces file")
                } else {
                    outcome = await self.outcome(of: row, imports, store, catalog.registry)
                }
                report.rows.append((row, outcome))
                if case .unavailable = outcome { break }
            }
            report.isWhole = report.rows.count == rows.count
            return report
        }

        private func outcome<Store: ConnectionStore>(
            of row: ImportRow, _ imports: ImportConnection<Store>, _ store: Store,
            _ integrations: IntegrationRegistry
        ) async -> ImportOutcome {
            if let problem = row.problem { return .rejected(problem) }
            var command: ImportCommand
            switch row.command {
            case .success(let read): command = read
            case .failure(let error): return .rejected(error.summary)
            }
            guard let workspaceID = row.workspaceID ?? workspace else {
                return .rejected("it has no workspace_id, and --workspace is not given")
            }
            if let response = row.response,
                case .configured(let integration)? = integrations[command.integrationID, in: workspaceID]
            {
                command.credentials = command.credentials.completed(by: response, of: integration)
            }
            let key = row.idempotencyKey(command)
            do throws(ImportConnectionError) {
                let id = ConnectionID(idempotencyKey: key, workspaceID: workspaceID)
                let found = try await connection(id, workspaceID, in: store)
                if let found, found.flowID != command.digest { throw ImportConnectionError.keyReused }
                if let found, dryRun || !verify || found.status != .testing { return .present(found.id) }
                if dryRun {
                    try imports.check(command, workspaceID: workspaceID)
                    return .imported(nil)
                }
                return .imported(
                    try await imports.add(
                        command, workspaceID: workspaceID, idempotencyKey: key, verifies: verify
                    ).id)
            } catch .store(.unavailable) {
                return .unavailable
            } catch .integrationNotFound(let id) {
                return .rejected(
                    "there is no integration `\(id)`: `symbolon integrations list` shows those that exist")
            } catch .keyReused {
                return .rejected("this external_id was imported before, with something else")
            } catch {
                return .rejected(error.sentence)
            }
        }

        private func connection(
            _ id: ConnectionID, _ workspaceID: String, in store: some ConnectionStore
        ) async throws(ImportConnectionError) -> Connection? {
            do throws(StoreError) {
                return try await store.connection(id, workspaceID: workspaceID)
            } catch {
                throw .store(error)
            }
        }
    }
}
