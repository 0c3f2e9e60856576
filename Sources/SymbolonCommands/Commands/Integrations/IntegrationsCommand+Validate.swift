import ArgumentParser
import ConnectAPI
import Encodings
import Integrations

extension IntegrationsCommand {
    /// `symbolon integrations validate`
    struct Validate: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "validate",
            abstract: "Check catalog files, and show the file, line, entry and field of each mistake.",
            discussion: """
                Reads the files as the service would: on top of the built-in catalog, in the order given; \
                of a folder, those that end in .yaml or .yml. Exits with 3 if the service would reject \
                them. Without a file, the built-in catalog is checked.

                EXAMPLES
                  symbolon integrations validate catalog.yaml
                  symbolon integrations validate base.yaml more.yaml --json | jq .mistakes
                """)

        @Argument(
            help: .init("Catalog files (YAML).", valueName: "file"),
            completion: .file(extensions: ["yaml", "yml"]))
        var files: [String] = []

        @Flag(help: "Allow plain http to loopback hosts, as development mode does.")
        var allowInsecureLoopback = false

        @OptionGroup var output: OutputOptions

        func run() throws {
            let texts = try CatalogFiles.load(files)
            let own = Set(texts.flatMap(\.entryIDs)).sorted()
            let catalog: Catalog
            do throws(CatalogError) {
                try Catalog.checkEmbedded(allowsInsecureLoopback: allowInsecureLoopback)
                catalog = try Catalog(files: texts, allowsInsecureLoopback: allowInsecureLoopback)
            } catch {
                if output.json { try Console.print(octets: Self.json([], error.mistakes)) }
                throw CommandError(.configuration, error.description)
            }
            let found = files.isEmpty ? catalog.ids : own.filter { catalog[$0] != nil }
            if output.json { return try Console.print(octets: Self.json(found, [])) }
            try Console.print(found.joined(separator: "\n"))
            Console.note("Good: \(found.count) \(found.count == 1 ? "entry" : "entries").")
        }

        private static func json(_ ids: [String], _ mistakes: [CatalogMistake]) -> [UInt8] {
            JSONOutput.object(capacity: 1024) { answer in
                answer.member("valid", mistakes.isEmpty)
                answer.array("entries") { entries in for id in ids { entries.element(id) } }
                answer.array("mistakes") { elements in
                    for mistake in mistakes {
                        elements.object { member in
                            member.member("file", mistake.file)
                            member.member("line", mistake.line)
                            member.member("entry", mistake.entry)
                            member.member("field", mistake.field)
                            member.member("message", mistake.advice)
                        }
                    }
                }
            }
        }
    }
}
