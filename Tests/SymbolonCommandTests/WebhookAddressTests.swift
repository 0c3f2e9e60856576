import Keyrings
import StateTokens
import TestSupport
import Testing

/// Where messages for apps may go.
@Suite("Addresses of webhooks") struct WebhookAddressTests {
    private static let urls = [
        "https://127.0.0.1/hooks", "https://[::1]/hooks", "https://10.0.0.1/hooks",
        "https://169.254.169.254/latest", "https://192.168.1.1:8443/hooks", "https://[fd00::1]/hooks",
        "https://localhost/hooks",
    ]

    @Test func `S46 a message goes to no private address`() async throws {
        let samples = try RingSamples()
        let folder = samples.folder
        for purpose in [Keyring.Purpose.state, .connections] {
            _ = try samples.write(RingSamples.key(1), purpose: purpose)
        }
        try folder.write(#"{"keys": []}"#, to: "keys.json")
        try folder.write("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", to: "secret")
        let endpoints = Self.urls.map { "      - {url: \"\($0)\", secret_file: secret}" }
        try folder.write(
            """
            workspaces:
              wsp_1:
                redirect_uris: ["https://app.example.com/done"]
                webhooks:
            \(endpoints.joined(separator: "\n"))
            """, to: "workspaces.yaml")
        try folder.write(
            """
            public_url: https://connect.example.com
            keyrings: {state: state.keyring, connections: connections.keyring}
            credentials: {api_keys: keys.json}
            store: sqlite:store.sqlite
            workspaces: workspaces.yaml
            """, to: "symbolon.yaml")
        let run = try await CommandRun(
            ["webhooks", "test", "--config", "symbolon.yaml", "--workspace", "wsp_1"], in: folder)
        #expect(run.status == 1, "\(run.everything)")
        #expect(
            run.output.split(separator: "\n").map(String.init).sorted()
                == Self.urls.map { "\($0): forbidden_address" }.sorted(), "\(run.everything)")
    }
}
