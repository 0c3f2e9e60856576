import ArgumentParser
import StateTokens

extension StateCommand {
    /// `symbolon state inspect`
    struct Inspect: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "inspect",
            abstract: "Explains a state token: its key, whether it holds, and what it carries.",
            discussion: """
                With the keyring and the public URL of the service that made it, the token is verified as \
                a callback would verify it, and the status is 0 only if it would be accepted. Without \
                them, what can be read without keys is shown. The code verifier and the binding \
                are never shown. A connect session is told from a state, and shown in the same way.

                EXAMPLES
                  symbolon state inspect AR86nAI…
                  symbolon state inspect AR86nAI… --keyring keys/state.keyring \\
                    --public-url https://connect.example.com
                  xclip -o | symbolon state inspect - --json | jq -r .key_id
                """)

        @Argument(help: "The value of the state parameter, or - to read it from standard input.")
        var token: String?

        @Option(help: .init("The keyring that it was sealed with, or its folder.", valueName: "file"))
        var keyring: String?

        @Option(
            name: .customLong("public-url"),
            help: .init("The public URL of the service that it is for.", valueName: "url"))
        var publicURL: String?

        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (keyring == nil) == (publicURL == nil) else {
                throw ValidationError(
                    "--keyring and --public-url go together: the tag covers the public URL, too. "
                        + "Leave both out to see what can be read without keys.")
            }
            if let publicURL, Audience(publicURL: publicURL) == nil {
                throw ValidationError("--public-url must be a URL such as https://connect.example.com.")
            }
        }

        func run() throws(CommandError) {
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

        private func service() throws(CommandError) -> StateInspection.Service? {
            guard let keyring, let audience = publicURL.flatMap({ Audience(publicURL: $0) }) else {
                return nil
            }
            return StateInspection.Service(
                keyring: try LoadedKeyring(keyring, purpose: .state).keyring, audience: audience)
        }
    }
}
