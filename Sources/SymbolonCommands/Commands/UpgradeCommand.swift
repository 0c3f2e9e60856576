import ArgumentParser
import ConnectAPI
import Encodings

/// `symbolon upgrade`
struct UpgradeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade",
        abstract: "Check upgrades between releases.",
        discussion: """
            EXAMPLES
              symbolon upgrade check --from 0.1.0
            """,
        subcommands: [Check.self])

    /// `symbolon upgrade check`
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Check whether a rolling upgrade from another release is safe.",
            discussion: """
                Compares what both releases share: the store's tables and rows, states, keyrings and API \
                keys. It reads nothing but this program itself. Use the program of the release that you \
                upgrade to. Exits with 0 if a rolling upgrade is safe, and with 1 if it is not, or if that \
                release is not known.

                EXAMPLES
                  symbolon upgrade check --from 0.1.0
                  symbolon upgrade check --from 0.1.0 --json | jq .safe
                """)

        @Option(
            help: .init("The release that runs now, such as 0.1.0.", valueName: "version"),
            transform: ReleaseVersion.parse)
        var from: ReleaseVersion

        @OptionGroup var output: OutputOptions

        func run() throws(CommandError) {
            let diagnosis = Diagnosis(findings: findings)
            let isSafe = diagnosis.status == .done
            try Console.print(octets: output.json ? json(isSafe) : Array(diagnosis.text().utf8))
            guard isSafe else {
                throw CommandError(
                    .refused, "a rolling upgrade from \(from) to \(Release.version) is not safe")
            }
            Console.note("A rolling upgrade from \(from) to \(Release.version) is safe.")
        }

        private var findings: [Finding] {
            guard let old = ReleaseFormats.of(from) else {
                let known = ReleaseFormats.released.map(\.version).joined(separator: ", ")
                return [
                    .bad(
                        "release", "\(from) is not known to \(Release.version), which knows \(known)",
                        .refused)
                ]
            }
            return UpgradeJudgement(
                version: from, old: old, new: .current, oldestTables: ReleaseFormats.oldestTables
            ).findings
        }

        private func json(_ isSafe: Bool) -> [UInt8] {
            JSONOutput.object(capacity: 1024) { answer in
                answer.member("from", from.description)
                answer.member("to", Release.version)
                answer.member("safe", isSafe)
                answer.array("findings") { elements in
                    for finding in findings { elements.object { finding.write(to: &$0) } }
                }
            }
        }
    }
}
