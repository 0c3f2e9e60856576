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
        /// Rows in one transaction: few, because with SQLite all other writes wait for it.
        private static var batchSize: Int { 200 }

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
            // With --verify or --dry-run rows are handled one by one.
            let batchSize = verify || dryRun ? 1 : Self.batchSize
            var rest = rows[...]
            while !rest.isEmpty {
                let batch = Array(rest.prefix(batchSize))
                rest = rest.dropFirst(batch.count)
                let named = batch.map { self.named($0, catalog, knowsWorkspaces: knowsWorkspaces) }
                let added = batch.count > 1 ? await added(named, imports) : nil
                for (index, row) in batch.enumerated() {
                    let outcome: ImportOutcome
                    switch named[index] {
                    case .success(let named):
                        outcome = await self.outcome(of: named, added?[index], imports, store)
                    case .failure(let rejection): outcome = .rejected(rejection.reason)
                    }
                    report.rows.append((row, outcome))
                    if case .unavailable = outcome {
                        // Rows behind it may be stored, with the others of their transaction.
                        for later in batch.indices.dropFirst(index + 1) {
                            guard case .success(let connection?)? = added?[later] else { continue }
                            report.rows.append((batch[later], .imported(connection.id)))
                        }
                        report.isWhole = report.rows.count == rows.count
                        return report
                    }
                }
            }
            return report
        }

        private struct Rejection: Error { let reason: String }

        /// What a row asks for, or what is wrong with it.
        private func named(
            _ row: ImportRow, _ catalog: ConfiguredCatalog, knowsWorkspaces: Bool
        ) -> Result<NamedImport, Rejection> {
            func rejected(_ reason: String) -> Result<NamedImport, Rejection> {
                .failure(Rejection(reason: reason))
            }
            if knowsWorkspaces, let id = row.workspaceID ?? workspace, catalog.workspaces[id] == nil {
                return rejected("there is no workspace `\(id)` in the workspaces file")
            }
            if let problem = row.problem { return rejected(problem) }
            var command: ImportCommand
            switch row.command {
            case .success(let read): command = read
            case .failure(let error): return rejected(error.summary)
            }
            guard let workspaceID = row.workspaceID ?? workspace else {
                return rejected("it has no workspace_id, and --workspace is not given")
            }
            if let response = row.response,
                case .configured(let integration)? = catalog.registry[command.integrationID, in: workspaceID]
            {
                command.credentials = command.credentials.completed(by: response, of: integration)
            }
            return .success(
                NamedImport(
                    command, workspaceID: workspaceID, idempotencyKey: row.idempotencyKey(command)))
        }

        /// Adds the valid rows in one transaction.
        ///
        /// - Returns: the result of each row; `nil` if none was added, and each must be tried alone.
        private func added<Store: ConnectionStore>(
            _ rows: [Result<NamedImport, Rejection>], _ imports: ImportConnection<Store>
        ) async -> [Result<Connection?, ImportConnectionError>?]? {
            var named: [NamedImport] = []
            for case .success(let row) in rows { named.append(row) }
            do throws(ImportConnectionError) {
                var results = try await imports.add(named)[...]
                return rows.map { row in
                    if case .success = row { results.popFirst() } else { nil }
                }
            } catch {
                return nil
            }
        }

        /// - Parameter added: the row's result in its batch; `nil` if it was not in one.
        private func outcome<Store: ConnectionStore>(
            of row: NamedImport, _ added: Result<Connection?, ImportConnectionError>?,
            _ imports: ImportConnection<Store>, _ store: Store
        ) async -> ImportOutcome {
            let command = row.command
            do throws(ImportConnectionError) {
                if case .success(let connection?)? = added { return .imported(connection.id) }
                let id = ConnectionID(idempotencyKey: row.idempotencyKey, workspaceID: row.workspaceID)
                let found = try await connection(id, row.workspaceID, in: store)
                if let found, found.flowID != command.digest { throw ImportConnectionError.keyReused }
                if let found, dryRun || !verify || found.status != .testing { return .present(found.id) }
                // What is there is there, even if it could not be imported any more.
                if case .failure(let error)? = added { throw error }
                if dryRun {
                    try imports.check(command, workspaceID: row.workspaceID)
                    return .imported(nil)
                }
                return .imported(
                    try await imports.add(
                        command, workspaceID: row.workspaceID, idempotencyKey: row.idempotencyKey,
                        verifies: verify
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
