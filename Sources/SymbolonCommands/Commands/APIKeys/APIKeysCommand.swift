import ArgumentParser

/// `symbolon api-keys`
struct APIKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api-keys",
        abstract: "Create, list and revoke API keys.",
        discussion: """
            The file contains hashes, not keys: a key is shown once, when it is created. Changes replace \
            the file in one step, so that a running service never reads half of it.

            EXAMPLES
              symbolon api-keys create --file api-keys.json --workspace wsp_1
              symbolon api-keys list --file api-keys.json
              symbolon api-keys revoke key_QmFzZTY0dXJs --config symbolon.yaml
            """,
        subcommands: [Create.self, List.self, Revoke.self])
}

/// The file that the commands are about.
struct APIKeyFileOptions: ParsableArguments {
    @Option(help: "The API key file, if not the configuration's.", completion: .file())
    var file: String?

    /// Apart, as what opens stores is: Swift 6.3.1 crashes where it optimises this into the commands.
    @inline(never)
    func path(by options: ConfigurationFileOptions) throws -> String {
        if let file { return file }
        let settings = try options.settings()
        guard let production = settings.production else {
            guard FileKind(at: DevelopmentFolder.name) == .folder else {
                throw CommandError(
                    .usage,
                    "which API key file: give --file, or a configuration with \(Setting.apiKeys.name)")
            }
            return "\(DevelopmentFolder.name)/api-keys.json"
        }
        guard let path = production.apiKeys else {
            throw CommandError(
                .configuration,
                "the configuration has no \(Setting.apiKeys.name), but tokens only: give --file")
        }
        return path
    }
}
