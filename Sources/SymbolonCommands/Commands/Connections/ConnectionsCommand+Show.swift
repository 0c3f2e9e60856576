import ArgumentParser
import ConnectAPI
import Connections
import Encodings
import StateTokens

extension ConnectionsCommand {
    /// `symbolon connections show`
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show one connection, without its credentials.",
            discussion: """
                EXAMPLES
                  symbolon connections show conn_AbCdEfGhIjKlMnOpQrStUv
                  symbolon connections show conn_AbCdEfGhIjKlMnOpQrStUv --json \\
                    --store sqlite:symbolon.sqlite
                """)

        @Argument(help: "The connection's id.")
        var id: String

        @OptionGroup var source: StoreOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard ConnectionID(id) != nil else {
                throw ValidationError(
                    "\(id.printable) is not a connection's id: one looks like conn_AbCdEf….")
            }
        }

        func run() async throws {
            let store = try await source.open()
            let all = try await StoredConnections(store: store).all()
            if let row = all.unreadable.first(where: { $0.id == ConnectionID(id) }) {
                throw CommandError(.refused, "\(id) cannot be read: \(row.fault)")
            }
            guard let found = all.rows.first(where: { $0.connection.id == ConnectionID(id) }) else {
                throw CommandError(
                    .refused, "there is no connection \(id): `symbolon connections list` shows all")
            }
            guard !output.json else {
                return try Console.print(octets: JSONOutput.object { found.connection.write(to: &$0) })
            }
            try Console.print(Self.text(found))
        }

        private static func text(_ row: SealedConnection) -> String {
            let connection = row.connection
            let now = Timestamp.now()
            var fields = FieldList()
            fields.add("connection", StyledText(connection.id.description))
            fields.add("workspace", StyledText(connection.workspaceID))
            fields.add("user", optional: connection.userID)
            fields.add("integration", StyledText(connection.integrationID))
            fields.add("label", StyledText(connection.label))
            fields.add("account", optional: connection.account?.id)
            if !connection.isAccountCompared {
                fields.add("compared", StyledText("no: its last renewal had no account to compare with"))
            }
            let status = connection.status(at: now)
            fields.add("status", StyledText(status.rawValue, status.style))
            if let reason = connection.statusReason(at: now) { fields.add("reason", StyledText(reason)) }
            fields.add("granted", lines: connection.scopesGranted)
            fields.add(
                "config",
                lines: connection.config.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" })
            fields.add("binding", StyledText(connection.binding.rawValue))
            fields.add("created", StyledText("\(connection.createdAt.rfc3339)"))
            fields.add(
                "expires", optional: connection.expiresAt.map { "\($0.rfc3339) (\($0.relative(to: now)))" })
            fields.add("refreshed", optional: connection.lastRefreshedAt?.rfc3339)
            fields.add("sealed under", StyledText("key \(row.credentials.keyID)"))
            return fields.rendered()
        }
    }
}
