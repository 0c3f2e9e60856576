import ArgumentParser
import Keyrings
import StateTokens

extension StateCommand {
    /// `symbolon state inspect`
    struct Inspect: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "inspect",
            abstract: "Inspect a state token: its key, whether it is valid, and what it carries.",
            discussion: """
                With the keyring and the service's public URL, which its configuration has, the token is \
                verified as in a callback, and the command exits with 0 only if it would be accepted. \
                Without them, it shows what can be read without keys. The code verifier and the binding \
                are never shown. Connect sessions are recognized and shown in the same way.

                EXAMPLES
                  symbolon state inspect AR86nAI…
                  symbolon state inspect AR86nAI… --keyring keys/state.keyring \\
                    --public-url https://connect.example.com
                  symbolon state inspect AR86nAI… --config /etc/symbolon/symbolon.yaml
                  xclip -o | symbolon state inspect - --json | jq -r .key_id
                """)

        @Argument(help: "The value of the state parameter, or - to read it from standard input.")
        var token: String?

        @Option(
            help: .init(
                "The keyring that it was sealed with, or its folder, if not the configuration's.",
                valueName: "file"))
        var keyring: String?

        @Option(
            name: .customLong("public-url"),
            help: .init(
                "The public URL of the service that it is for, if not the configuration's.", valueName: "url")
        )
        var publicURL: String?

        @OptionGroup var options: ConfigurationFileOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (keyring == nil) == (publicURL == nil) || options.isNamed else {
                throw ValidationError(
                    "--keyring and --public-url go together: the tag covers the public URL, too. "
                        + "Leave both out to see what can be read without keys, or give --config.")
            }
            if let publicURL, Audience(publicURL: publicURL) == nil {
                throw ValidationError("--public-url must be a URL such as https://connect.example.com.")
            }
        }

        func run() throws {
            let text = try tokenText()
            let inspection = try StateInspection(text, with: service(), at: .now())
            if output.json {
                try Console.print(octets: inspection.json)
            } else {
                try Console.print(inspection.text())
            }
            guard inspection.verdict.isAcceptable else {
                throw CommandError(.refused, inspection.explanation)
            }
            if inspection.verdict == .unchecked, !output.json { Console.note(inspection.explanation) }
        }

        private func tokenText() throws(CommandError) -> String {
            if let token, token != "-" { return token }
            guard token == "-" || !StandardInput.isTerminal else {
                throw CommandError(.usage, "no token: give it as an argument, or - and pipe it in")
            }
            return try StandardInput.readText()
        }

        /// What is given goes before the configuration, which is read only for what is not.
        private func service() throws -> StateInspection.Service? {
            let given = try keyring.map { path throws(CommandError) in
                try LoadedKeyring(path, purpose: .state).keyring
            }
            let audience = publicURL.flatMap { Audience(publicURL: $0) }
            if let given, let audience { return StateInspection.Service(keyring: given, audience: audience) }
            guard options.isNamed else { return nil }
            let settings = try options.settings()
            guard let audience = audience ?? settings.audience else { return nil }
            return StateInspection.Service(
                keyring: try given ?? settings.stateKeyring.load(.state), audience: audience)
        }
    }
}

extension Settings {
    /// The public URL, in development mode, too.
    fileprivate var audience: Audience? { production?.publicURL ?? Self.developmentURL(port: port) }

    /// The state keyring, in development mode, too.
    fileprivate var stateKeyring: KeyringSource {
        production?.stateKeyring ?? .path("\(DevelopmentFolder.name)/\(KeyringFile.name(for: .state))")
    }
}
