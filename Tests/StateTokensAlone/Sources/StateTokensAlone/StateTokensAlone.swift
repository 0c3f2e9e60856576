import StateTokens

/// One flow's state, there and back.
@main enum StateTokensAlone {
    enum Failure: Error {
        case notAURL
        case changed
    }

    static func main() throws {
        let now = Timestamp.now()
        let key = Key(id: KeyID(rawValue: 1), material: try .random(), created: now, activates: now)
        let keyring = try Keyring(purpose: .state, deploymentID: "d_alone", keys: [key])
        guard let audience = Audience(publicURL: "https://connect.example.com") else { throw Failure.notAURL }
        let codec = StateTokenCodec(sealer: Sealer(KeyringReference(keyring)), audience: audience)

        let state = FlowState(
            issuedAt: now, integrationID: "gmail", fingerprint: 0, workspaceID: "wsp_123456789",
            redirectURI: "https://app.example.com/done")
        let token = try codec.encode(state)
        guard try codec.verify(token.text).state == state else { throw Failure.changed }
        print("A state of \(token.text.utf8.count) characters came back as it was.")
    }
}
