import ArgumentParser
import ConnectAPI
import ConnectService
import Encodings
import Integrations
import Mirrors

extension IntegrationsCommand {
    /// `symbolon integrations try`
    struct Try: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "try",
            abstract: "Run a whole flow of an integration against a mirror of its provider.",
            discussion: """
                The mirror is built in, and listens on loopback while the command runs: nothing is sent to \
                the provider, and no client is needed. It is built from facts that public sources state \
                about the provider, and rejects what the provider would reject; if nothing is known, it is \
                as strict as the entry. Each request is printed as it would be sent, with a made-up client \
                and made-up tokens. Exits with 1 if a step fails.

                With a catalog file, each of its entries is tried.

                EXAMPLES
                  symbolon integrations try gmail
                  symbolon integrations try acme.yaml
                  symbolon integrations try acme.yaml --provenance acme-provenance.yaml
                  symbolon integrations try zendesk --param subdomain=acme --quiet
                """)

        @Argument(help: "An integration's id, or a catalog file, whose name ends in .yaml or .yml.")
        var subject: String

        @Option(
            help: .init(
                "A template parameter, or a field of the provider's response; may be repeated.",
                valueName: "name=value"))
        var param: [ParameterArgument] = []

        @Option(
            help: .init(
                "A file of facts about the provider, instead of the built-in one.",
                valueName: "file"),
            completion: .file(extensions: ["yaml", "yml"]))
        var provenance: String?

        @Flag(help: "Make the mirror as strict as the entry, ignoring known facts.")
        var entryOnly = false

        @Flag(help: "Print the verdict only.")
        var quiet = false

        @OptionGroup var options: ConfigurationFileOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard provenance == nil || !entryOnly else {
                throw ValidationError("--provenance and --entry-only say the opposite.")
            }
        }

        func run() async throws {
            let settings = try options.settings()
            let catalog = try ConfiguredCatalog(settings)
            let given = Dictionary(param.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
            var trials: [TrialText] = []
            for entry in try entries(catalog, settings) {
                let trial: FlowTrial
                do throws(TrialError) {
                    trial = try FlowTrial(entry, provenance: sources(entry.id), given: given) { context in
                        catalog.service.callbackURL(integrationID: entry.id, context: context)
                    }
                } catch {
                    throw CommandError(.configuration, "\(entry.id): \(error)")
                }
                trials.append(TrialText(entry.id, trial.facts, await trial.run()))
            }
            if output.json {
                try Console.print(octets: TrialText.json(trials))
            } else {
                try Console.print(trials.flatMap { $0.lines(isQuiet: quiet) }.joined(separator: "\n"))
            }
            let failed = trials.filter { !$0.isPassed }.map(\.id)
            guard failed.isEmpty else {
                throw CommandError(
                    .refused, "a flow does not come to its end: \(failed.joined(separator: ", "))")
            }
        }

        /// The entries to try, in the order of their ids.
        private func entries(_ catalog: ConfiguredCatalog, _ settings: Settings) throws -> [Integration] {
            guard subject.hasSuffix(".yaml") || subject.hasSuffix(".yml") else {
                return [try catalog.integration(subject)]
            }
            let files = try CatalogFiles.load([subject])
            let read: Catalog
            do throws(CatalogError) {
                read = try Catalog(files: files, allowsInsecureLoopback: settings.allowsInsecureLoopback)
            } catch {
                throw CommandError(.configuration, error.description)
            }
            let found = Set(files.flatMap(\.entryIDs)).sorted().compactMap { read[$0] }
            guard !found.isEmpty else { throw CommandError(.refused, "\(subject) has no entry to try") }
            return found
        }

        private func sources(_ id: String) throws(TrialError) -> Provenance? {
            if entryOnly { return nil }
            do throws(ProvenanceMistake) {
                guard let provenance else { return try ProvenanceFile.embedded(id) }
                let text: String
                do throws(ConfigurationError) {
                    text = try TextFile.read(provenance)
                } catch {
                    throw ProvenanceMistake(
                        place: provenance, problem: error.mistakes.joined(separator: "; "))
                }
                return try ProvenanceFile.read(text, name: provenance).first { $0.id == id }
            } catch {
                throw .provenance(error)
            }
        }
    }
}

/// A flow that was tried, in words.
private struct TrialText {
    let id: String
    private let facts: Provenance
    private let report: TrialReport

    init(_ id: String, _ facts: Provenance, _ report: TrialReport) {
        self.id = id
        self.facts = facts
        self.report = report
    }

    var isPassed: Bool { report.failure == nil }

    /// What the mirror is made of.
    private var mirror: String {
        let shown = facts.facts.values.filter { !$0.agree.isEmpty }.count
        guard shown > 0 else { return "as strict as the entry: no source is known" }
        return "made of \(shown) facts from \(facts.sources.count) sources, last read on \(facts.seen)"
    }

    private var verdict: String {
        if let failure = report.failure { return "\(id) does not work: \(failure)" }
        return "\(id) works: \(report.held.map(\.rawValue).joined(separator: ", "))"
    }

    func lines(isQuiet: Bool) -> [String] {
        guard !isQuiet else { return [verdict.printable] }
        var lines = ["\(id): the mirror is \(mirror)"]
        for record in report.records {
            lines.append("")
            lines.append(record.step.rawValue + (record.omission.map { ": left out, \($0)" } ?? ""))
            lines += Self.texts(record).map { "  \($0)".printable }
            if let failure = record.failure { lines.append("  ! \(failure)".printable) }
        }
        return lines + ["", verdict.printable]
    }

    private static func texts(_ record: TrialRecord) -> [String] {
        // What came of a step stands after its requests; what a browser does is all there is of the first two.
        record.step == .account
            ? record.exchanges.flatMap(\.lines) + record.lines
            : record.lines + record.exchanges.flatMap(\.lines)
    }

    static func json(_ trials: [TrialText]) -> [UInt8] {
        JSONOutput.object(capacity: 4096) { answer in
            answer.array("trials") { elements in
                for trial in trials {
                    elements.object { member in
                        member.member("integration", trial.id)
                        member.member("works", trial.isPassed)
                        member.member("verdict", trial.verdict)
                        member.member("mirror", trial.mirror)
                        member.array("steps") { steps in
                            for record in trial.report.records {
                                steps.object { step in
                                    step.member("step", record.step.rawValue)
                                    step.member("omitted", record.omission)
                                    step.member("failure", record.failure)
                                    step.array("lines") { lines in
                                        for line in texts(record) { lines.element(line) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
