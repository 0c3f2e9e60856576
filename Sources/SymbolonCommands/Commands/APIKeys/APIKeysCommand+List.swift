internal import Access
import ArgumentParser
import ConnectAPI
import ConnectService
import Connections
import Encodings
import StateTokens

extension APIKeysCommand {
    /// `symbolon api-keys list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List API keys: what each permits, until when, and when it was last used.",
            discussion: """
                When a key was last used is kept in the store, to the minute, and written about once a \
                minute by each replica. Give --store or --config to show it.

                EXAMPLES
                  symbolon api-keys list --file api-keys.json
                  symbolon api-keys list --file api-keys.json --store sqlite:symbolon.sqlite
                  symbolon api-keys list --config /etc/symbolon/symbolon.yaml
                  symbolon api-keys list --file api-keys.json --json \\
                    | jq -r '.keys[] | select(.valid) | .id'
                """)

        @OptionGroup var location: APIKeyFileOptions
        @OptionGroup var source: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let now = Timestamp.now()
            let file = try location.path(by: source.options)
            let keys: [APIKey]
            do throws(APIKeyFileError) {
                keys = try APIKeyFile.load(file)
            } catch {
                throw CommandError(error)
            }
            let uses = try await uses()
            try Console.print(
                octets: output.json
                    ? json(file, keys, uses, at: now) : Array(table(keys, uses, at: now).utf8))
        }

        /// When each key was last used; `nil` where no store is named.
        private func uses() async throws -> [String: Timestamp]? {
            guard source.isNamed else { return nil }
            guard let store = try await source.open() as? any APIKeyUseStore else { return nil }
            do throws(StoreError) {
                return try await store.keyUses()
            } catch {
                throw CommandError(error)
            }
        }

        private func table(_ keys: [APIKey], _ uses: [String: Timestamp]?, at now: Timestamp) -> String {
            guard !keys.isEmpty else { return "No keys yet: `symbolon api-keys create` makes one." }
            var table = TextTable(
                "ID", "STATUS", "LABEL", "WORKSPACES", "PERMISSIONS", "LIMITS", "CREATED",
                "EXPIRES", "LAST USED")
            for key in keys {
                table.add(
                    "\(key.id)", key.standing(at: now), "\(key.label.isEmpty ? "-" : key.label)",
                    "\(key.workspaceIDs.joined(separator: ","))",
                    "\(key.permissionNames.joined(separator: ","))", "\(limits(of: key))",
                    "\(key.createdAt.rfc3339)",
                    "\(key.expiresAt?.rfc3339 ?? "never")",
                    "\(uses.map { $0[key.id]?.rfc3339 ?? "never" } ?? "-")")
            }
            return table.rendered()
        }

        private func limits(of key: APIKey) -> String {
            let limits = key.limitedNames.map { "\($0.rawValue)=\($1.joined(separator: ","))" }
            return limits.isEmpty ? "-" : limits.joined(separator: " ").printable
        }

        private func json(
            _ file: String, _ keys: [APIKey], _ uses: [String: Timestamp]?, at now: Timestamp
        ) -> [UInt8] {
            JSONOutput.object(capacity: 1024) { members in
                members.member("file", file)
                members.array("keys") { elements in
                    for key in keys {
                        elements.object { member in
                            member.description(of: key)
                            member.member("valid", key.isValid(at: now))
                            if let uses { member.member("last_used_at", uses[key.id]?.rfc3339) }
                        }
                    }
                }
            }
        }
    }
}
