import ArgumentParser
internal import Encodings
import Integrations

/// The whole program, for an entry point to run.
package enum Program {
    /// Runs the command that the process's arguments name, and exits with a status of ours.
    package static func run() async { await Symbolon.main() }
}

/// The root of the command line.
struct Symbolon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "symbolon",
        abstract: "Connect your users' accounts at OAuth providers to your application.",
        discussion: """
            EXAMPLES
              Try it: a whole flow with a sandbox provider, on this machine alone:
                symbolon serve

              What can be connected, and what one provider needs:
                symbolon integrations list
                symbolon integrations show gmail

              What is wrong, and what to do:
                symbolon doctor

              A folder with the keys of a deployment:
                symbolon keys generate --keyring keys/state.keyring
                symbolon keys generate --keyring keys/connections.keyring

              A key for the application's server:
                symbolon api-keys create --file api-keys.json --workspace wsp_1

              What is in a state, and whether it holds:
                symbolon state inspect - --keyring keys \\
                  --public-url https://connect.example.com

            SHELL COMPLETION
              bash: symbolon --generate-completion-script bash \\
                      > ~/.local/share/bash-completion/completions/symbolon
              zsh and fish have scripts of their own: say zsh or fish in place of bash.

            EXIT STATUS
              0 done · 1 rejected, or a check failed · 2 wrong usage
              3 configuration, or a file in it · 4 a needed part was unavailable
            """,
        version: Release.version,
        subcommands: [
            Serve.self, DoctorCommand.self, IntegrationsCommand.self, ConfigCommand.self, KeysCommand.self,
            APIKeysCommand.self, StateCommand.self, ConnectionsCommand.self, WebhooksCommand.self,
            StoreCommand.self, DeploymentCommand.self, UpgradeCommand.self, VersionCommand.self,
        ])

    static var _errorPrefix: String { "error: " }

    static func main() async {
        do {
            var command = try await asyncParseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    /// The command that a misspelt one was meant to be.
    static func likelyCommand(_ arguments: ArraySlice<String>) -> String? {
        var command: any ParsableCommand.Type = Symbolon.self
        var names = ["symbolon"]
        for argument in arguments {
            let known = command.configuration.subcommands
            guard !known.isEmpty, !argument.hasPrefix("-") else { return nil }
            guard let next = known.first(where: { $0._commandName == argument }) else {
                let likely = LikelyName.of(argument, among: known.map { $0._commandName })
                return likely.map { (names + [$0]).joined(separator: " ") }
            }
            command = next
            names.append(argument)
        }
        return nil
    }

    /// Says why, and exits with a status of ours: ArgumentParser's own for wrong usage is 64.
    private static func end(with error: any Error) -> Never {
        if let error = CommandError(starting: error) ?? CommandError(system: error) {
            Console.reportError(error.message)
            exit(withError: ExitCode(error.status.rawValue))
        }
        let status = exitCode(for: error)
        guard status == .validationFailure else { exit(withError: error) }
        Console.note(fullMessage(for: error))
        if let likely = likelyCommand(CommandLine.arguments.dropFirst()) {
            Console.note("Did you mean `\(likely)`?")
        }
        exit(withError: ExitCode(ExitStatus.usage.rawValue))
    }
}
