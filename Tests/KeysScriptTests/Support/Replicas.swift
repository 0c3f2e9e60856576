import Foundation
import TestSupport
import Testing

/// Replicas of one production deployment: one store, and a keyring folder for all or for each.
struct Replicas: Sendable {
    let folder: TemporaryFolder
    let servers: [SymbolonServer]

    /// Starts a replica for each keyring folder, named from `folder`, in which the keyrings lie already.
    static func start(_ keyringFolders: [String], in folder: TemporaryFolder) async throws -> Replicas {
        let key = try await ScriptRun(
            SymbolonBinary.path(), ["api-keys", "create", "--file", "api-keys.json", "--workspace", "wsp_1"],
            in: folder)
        try #require(key.status == 0, "\(key.errors)")
        try folder.write(
            #"workspaces: {wsp_1: {redirect_uris: ["https://app.example.com/connected"]}}"#,
            to: "workspaces.yaml")
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "lib"), withIntermediateDirectories: true)
        var servers: [SymbolonServer] = []
        for (index, keyrings) in keyringFolders.enumerated() {
            let configuration = try folder.write(
                """
                public_url: https://connect.example.com
                keyrings: {state: \(keyrings)/state.keyring, connections: \(keyrings)/connections.keyring}
                credentials: {api_keys: api-keys.json}
                store: sqlite:lib/symbolon.sqlite
                workspaces: workspaces.yaml
                """, to: "replica-\(index).yaml")
            servers.append(try await SymbolonServer.start(["--config", configuration], in: folder))
        }
        return Replicas(folder: folder, servers: servers)
    }

    var urls: [String] { servers.map(\.baseURL) }

    func stop() async {
        for server in servers { await server.stop() }
    }
}
