import Keyrings
import StateTokens

/// Prints a state that the app's keyring sealed eleven minutes ago, for the check.
@main enum ExpiredState {
    enum Failure: Error {
        case notAURL
    }

    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let audience = Audience(publicURL: arguments[2]) else {
            throw Failure.notAURL
        }
        let keyring = try KeyringFile.load(arguments[1], purpose: .state)
        let codec = StateTokenCodec(sealer: Sealer(KeyringReference(keyring)), audience: audience)
        let state = FlowState(
            issuedAt: .now() - .seconds(660), integrationID: "provider", fingerprint: 0, workspaceID: "app",
            codeVerifier: try codec.makeCodeVerifier())
        print(try codec.encode(state).text)
    }
}
