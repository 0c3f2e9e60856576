internal import Access
import ArgumentParser
import ConnectAPI
import ConnectService
import Encodings
import StateTokens

extension APIKeysCommand {
    /// `symbolon api-keys list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "Shows the keys: what each opens, and until when.",
            discussion: """
                EXAMPLES
                  symbolon api-keys list --file api-keys.json
                  symbolon api-keys list --file api-keys.json --json \\
                    | jq -r '.keys[] | select(.valid) | .id'
                """)

        @OptionGroup var location: APIKeyFileOptions
        @OptionGroup var output: OutputOptions

        func run() throws(CommandError) {
            let now = Timestamp.now()
            let keys: [APIKey]
            do {
                keys = try APIKeyFile.load(location.file)
            } catch {
                throw CommandError(error)
            }
            try Console.print(octets: output.json ? json(keys, at: now) : Array(table(keys, at: now).utf8))
        }

        private func table(_ keys: [APIKey], at now: Timestamp) -> String {
            guard !keys.isEmpty else { return "No keys yet: `symbolon api-keys create` makes one." }
            var table = TextTable("ID", "STATUS", "LABEL", "WORKSPACES", "PERMISSIONS", "CREATED", "EXPIRES")
            for key in keys {
                table.add(
                    "\(key.id)", key.standing(at: now), "\(key.label.isEmpty ? "-" : key.label)",
                    "\(key.workspaceIDs.joined(separator: ","))",
                    "\(key.permissionNames.joined(separator: ","))", "\(key.createdAt.rfc3339)",
                    "\(key.expiresAt?.rfc3339 ?? "never")")
            }
            return table.rendered()
        }

        private func json(_ keys: [APIKey], at now: Timestamp) -> [UInt8] {
            JSONOutput.object(capacity: 1024) { members in
                members.member("file", location.file)
                members.array("keys") { elements in
                    for key in keys {
                        elements.object { member in
                            member.description(of: key)
                            member.member("valid", key.isValid(at: now))
                        }
                    }
                }
            }
        }
    }
}
