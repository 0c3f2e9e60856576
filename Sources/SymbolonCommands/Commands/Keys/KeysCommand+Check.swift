import ArgumentParser
import ConnectAPI
import Encodings
import Keyrings
import StateTokens

extension KeysCommand {
    /// `symbolon keys check`
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Check a keyring as a replica would.",
            discussion: """
                Checks the file's mode, format, ids and material, then seals and opens something with \
                every key. Exits with 3 for a file that no replica would accept, and with 1 for a keyring \
                without a sealing key.

                EXAMPLES
                  symbolon keys check --keyring keys/state.keyring
                  symbolon keys check --keyring keys/state.keyring --json | jq -r .digest
                """)

        @Option(help: .init("The keyring, or a folder that contains one.", valueName: "file"))
        var keyring: String

        @OptionGroup var output: OutputOptions

        func run() throws(CommandError) {
            let loaded = try LoadedKeyring(keyring)
            let report = KeyringReport(keyring: loaded.keyring, path: loaded.path, now: .now())
            let failing = loaded.keyring.keysThatFail()
            if output.json {
                try Console.print(octets: json(report, failing))
            } else {
                try Console.print(text(report, failing))
            }
            if let problem = problem(report, failing) { throw CommandError(.refused, problem) }
        }

        private func problem(_ report: KeyringReport, _ failing: [KeyID]) -> String? {
            guard failing.isEmpty else {
                let names = failing.map(\.description).joined(separator: ", ")
                return "these keys do not open what they seal: \(names). libcrypto or the memory is broken"
            }
            guard report.sealingKey != nil else {
                return "no key is enabled, so nothing can be sealed: run `symbolon keys rotate`"
            }
            return nil
        }

        private func json(_ report: KeyringReport, _ failing: [KeyID]) -> [UInt8] {
            JSONOutput.object(capacity: 1024) { members in
                members.member("ok", problem(report, failing) == nil)
                report.write(to: &members) { key, member in
                    switch key.status {
                    case .disabled: member.null("seals_and_opens")
                    case .enabled, .retired: member.member("seals_and_opens", !failing.contains(key.id))
                    }
                }
            }
        }

        private func text(_ report: KeyringReport, _ failing: [KeyID]) -> String {
            var fields = report.fields
            let tried = report.keyring.keys.filter { $0.status != .disabled && !failing.contains($0.id) }
            fields.add("seal and open", lines: tried.map(\.id.description))
            fields.add(
                "disabled", lines: report.keyring.keys.filter { $0.status == .disabled }.map(\.id.description)
            )
            fields.add("seals", optional: report.sealingKey.map { seals($0, report) })
            return fields.rendered()
        }

        private func seals(_ key: Key, _ report: KeyringReport) -> String {
            guard let next = report.keyring.nextActivation(after: report.now) else {
                return "\(key.id), until another takes over"
            }
            return "\(key.id), until \(next.rfc3339) (\(next.relative(to: report.now)))"
        }
    }
}
