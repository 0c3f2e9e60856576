internal import Access
import ArgumentParser
import ConnectAPI
import ConnectService
import Encodings
import OAuthHTTP
import StateTokens

extension APIKeysCommand {
    /// `symbolon api-keys create`
    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Create an API key, and print it once.",
            discussion: """
                Only the key goes to standard output, so that it can be piped to where it is kept. The \
                file is created, for its owner only, if it does not exist.

                Permissions: initiate (begin and complete flows), read (see connections), credentials (see \
                and refresh access tokens), admin (change, import and delete connections), operate (revoke \
                grants of all workspaces, see metrics).

                A key may be limited to some integrations, connections, users and scopes. All of its \
                limits apply to beginning flows, reading, access tokens and disconnecting, and to its \
                connect sessions.

                EXAMPLES
                  symbolon api-keys create --file api-keys.json --workspace wsp_1
                  symbolon api-keys create --file api-keys.json \\
                    --workspace wsp_1 --workspace wsp_2 --label reporting \\
                    --permission read --expires-in 90d > reporting.key
                  symbolon api-keys create --file api-keys.json --workspace wsp_1 \\
                    --integrations gmail outlook --scopes openid email
                  symbolon api-keys create --file api-keys.json --workspace wsp_1 \\
                    --json | jq -r .key
                """)

        @OptionGroup var location: APIKeyFileOptions
        @OptionGroup var options: ConfigurationFileOptions

        @Option(parsing: .upToNextOption, help: .init("The workspaces that the key opens.", valueName: "id"))
        var workspace: [String]

        @Option(
            parsing: .upToNextOption, help: "What the key permits (default: initiate, read, credentials).")
        var permission: [Permission] = []

        @Option(
            parsing: .upToNextOption,
            help: .init(
                "The addresses that may use it: 10.0.0.0/8, 2001:db8::/32 (default: any).",
                valueName: "block"))
        var address: [AddressRange] = []

        @Flag(help: "Require each request to state its purpose in the header X-Audit-Context.")
        var requireAuditContext = false

        @OptionGroup var limits: AccessLimitOptions

        @Option(help: "A description of the key.")
        var label = ""

        @Option(
            help: .init(
                "When it expires: 90d, 12h, or 2027-01-01T00:00:00Z (default: never).", valueName: "end")
        )
        var expiresIn: ExpiryArgument?

        @OptionGroup var output: OutputOptions

        func validate() throws {
            for id in workspace where !Self.isWorkspaceID(id) {
                throw ValidationError("A workspace's id has 1 to 128 visible ASCII characters.")
            }
            guard Set(workspace).count == workspace.count else {
                throw ValidationError("A workspace is given twice.")
            }
            guard label.utf8.count <= 200, label.printable == label else {
                throw ValidationError("A label has at most 200 bytes, and no control characters.")
            }
            guard limits.limits.isEmpty || !permission.contains(.operate) else {
                throw ValidationError(
                    "A key with the permission operate is for the whole deployment, and has no limits.")
            }
        }

        func run() throws {
            let now = Timestamp.now()
            let file = try location.path(by: options)
            let unknown = try unknownWorkspaces()
            let made = try makeKey(at: now)
            do throws(APIKeyFileError) {
                try APIKeyFile.update(file, creatingFile: true) { $0.append(made.key) }
            } catch {
                throw CommandError(error)
            }
            do throws(CommandError) {
                try Console.print(
                    octets: output.json ? json(made.key, made.text, file) : Array(made.text.utf8))
            } catch {
                throw CommandError(
                    error.status,
                    "\(error.message), so the key that was made is lost. "
                        + "Revoke it with `symbolon api-keys revoke \(made.key.id) --file \(file)`")
            }
            if !output.json { explain(made.key, in: file, at: now) }
            for id in unknown {
                Console.warn(
                    "there is no workspace `\(id)` in the workspaces file: add it before the key is used")
            }
        }

        /// Those that the configured workspaces file lacks.
        @inline(never)
        private func unknownWorkspaces() throws -> [String] {
            guard location.file == nil, let path = try options.settings().production?.workspaces else {
                return []
            }
            let known: WorkspaceDirectory
            do throws(WorkspaceFileError) {
                known = try WorkspaceFile.load(path)
            } catch {
                Console.warn("the workspaces were not checked: \(error)")
                return []
            }
            return workspace.filter { known[$0] == nil }
        }

        private func makeKey(at now: Timestamp) throws(CommandError) -> (key: APIKey, text: String) {
            let expiresAt = expiresIn?.timestamp(from: now)
            guard (expiresAt == nil) == (expiresIn == nil) else {
                throw CommandError(.usage, "--expires-in must lie ahead, and less than a hundred years")
            }
            let permissions: Set<Permission> = permission.isEmpty ? Self.usual : Set(permission)
            do {
                return try APIKey.make(
                    label: label, workspaceIDs: workspace, permissions: permissions, addresses: address,
                    requiresAuditContext: requireAuditContext, limits: limits.limits, expiresAt: expiresAt,
                    at: now)
            } catch {
                throw CommandError(.unavailable, "libcrypto has no random bytes")
            }
        }

        private func explain(_ key: APIKey, in file: String, at now: Timestamp) {
            let end = key.expiresAt.map { "ends \($0.relative(to: now)), at \($0.rfc3339)" } ?? "never ends"
            Console.note(
                """
                Made \(key.id) in \(file): it opens \(key.workspaceIDs.joined(separator: ", ")) for \
                \(key.permissionNames.joined(separator: ", ")), and \(end).
                The key above is not shown again. Send it as `Authorization: Bearer KEY`, or as \
                `X-API-Key: KEY`.
                """)
            for (limit, names) in key.limitedNames {
                Console.note(
                    "It is limited to \(names.count) of the \(limit.rawValue): \(names.joined(separator: ", "))."
                        .printable)
            }
            if key.requiresAuditContext {
                Console.note("Each request with it has to say what it is for: `X-Audit-Context: TEXT`.")
            }
        }

        private func json(_ key: APIKey, _ text: String, _ file: String) -> [UInt8] {
            JSONOutput.object { members in
                members.member("file", file)
                members.member("key", text)
                members.description(of: key)
            }
        }

        private static let usual: Set<Permission> = [.initiate, .read, .credentials]

        private static func isWorkspaceID(_ id: String) -> Bool {
            (1...128).contains(id.utf8.count) && id.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        }
    }
}
