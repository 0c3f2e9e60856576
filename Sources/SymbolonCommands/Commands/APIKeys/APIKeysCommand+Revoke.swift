internal import Access
import ArgumentParser
import ConnectAPI
import ConnectService
import Encodings

extension APIKeysCommand {
    /// `symbolon api-keys revoke`
    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke",
            abstract: "Revoke an API key. It stays in the file, so that its id can be looked up.",
            discussion: """
                EXAMPLES
                  symbolon api-keys revoke key_QmFzZTY0dXJs --file api-keys.json
                  symbolon api-keys revoke key_QmFzZTY0dXJs --config symbolon.yaml
                """)

        @Argument(help: "The id of the key: key_…, as `symbolon api-keys list` shows it.")
        var id: String

        @OptionGroup var location: APIKeyFileOptions
        @OptionGroup var options: ConfigurationFileOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            // What was given may be a secret: it is not said again.
            guard !id.hasPrefix(APIKeyHash.prefix) else {
                throw CommandError(
                    .usage,
                    "this is a key itself, and not its id, which begins with key_: see `symbolon api-keys "
                        + "list`. A command line can be seen by others on this machine")
            }
            let file = try location.path(by: options)
            switch try revoke(in: file) {
            case .missing:
                throw CommandError(
                    .refused, "\(file) has no key with this id: see `symbolon api-keys list`")
            case .alreadyRevoked(let key): try report(key, "was revoked already", in: file)
            case .revoked(let key): try report(key, "is revoked", in: file)
            }
        }

        private enum Outcome {
            case missing
            case alreadyRevoked(APIKey)
            case revoked(APIKey)
        }

        private func revoke(in file: String) throws(CommandError) -> Outcome {
            do {
                return try APIKeyFile.update(file) { keys in
                    guard let index = keys.firstIndex(where: { $0.id == id }) else { return .missing }
                    guard keys[index].status == .active else { return .alreadyRevoked(keys[index]) }
                    keys[index] = keys[index].revoked()
                    return .revoked(keys[index])
                }
            } catch {
                throw CommandError(error)
            }
        }

        private func report(_ key: APIKey, _ words: String, in file: String) throws(CommandError) {
            guard output.json else { return try Console.print("\(key.id) \(words).".printable) }
            let json = JSONOutput.object { members in
                members.member("file", file)
                members.description(of: key)
            }
            try Console.print(octets: json)
        }
    }
}
