import ArgumentParser
import ConnectAPI
import Connections
import Encodings
import StateTokens

extension ConnectionsCommand {
    /// `symbolon connections list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List stored connections, without credentials.",
            discussion: """
                EXAMPLES
                  symbolon connections list
                  symbolon connections list --config symbolon.yaml --status expired
                  symbolon connections list --store sqlite:symbolon.sqlite --workspace wsp_1
                  symbolon connections list --json | jq -r '.data[].id'
                """)

        @OptionGroup var filter: ConnectionFilter
        @OptionGroup var source: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let found = try await filter.connections(in: source.open()).all()
            let rows = found.rows.map(\.connection)
            if output.json {
                try Console.print(
                    octets: JSONOutput.object(capacity: 4096) { answer in
                        answer.array("data") { data in
                            for row in rows { data.object { row.write(to: &$0) } }
                        }
                        answer.unreadable(found.unreadable)
                    })
                return try found.requireReadable()
            }
            found.noteUnreadable()
            guard !rows.isEmpty else {
                Console.note("There are no such connections.")
                return try found.requireReadable()
            }
            var table = TextTable("ID", "WORKSPACE", "INTEGRATION", "ACCOUNT", "STATUS", "EXPIRES")
            let now = Timestamp.now()
            for row in rows {
                table.add(
                    StyledText(row.id.description), StyledText(row.workspaceID),
                    StyledText(row.integrationID), StyledText(row.label),
                    StyledText(row.status(at: now).rawValue, row.status(at: now).style),
                    StyledText(row.expiresAt.map { $0.relative(to: now) } ?? "-"))
            }
            try Console.print(table.rendered())
            try found.requireReadable()
        }
    }
}

extension JSONOutput.Members {
    /// Rows that cannot be read, and why; absent when there are none.
    mutating func unreadable(_ rows: [UnreadableConnection]) {
        guard !rows.isEmpty else { return }
        array("unreadable") { elements in
            for row in rows {
                elements.object { member in
                    member.member("id", row.id?.description)
                    member.member("reason", row.fault.description)
                }
            }
        }
    }
}

extension ConnectionStatus {
    var style: TextStyle {
        switch self {
        case .active: .good
        case .inactive: .faint
        case .testing: .plain
        case .error, .expired: .bad
        }
    }
}
