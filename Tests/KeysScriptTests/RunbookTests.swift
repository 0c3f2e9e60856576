import Foundation
import TestSupport
import Testing

/// Every command of the runbook, in its order, against two running replicas. What stands for something else than it says:
/// the paths and addresses below, and kubectl (see `StandInCluster`).
@Suite("keys/README.md") struct RunbookTests {
    let cluster: StandInCluster
    var folder: TemporaryFolder { cluster.folder }

    init() throws {
        cluster = try StandInCluster()
        let bin = cluster.folder.url.appending(path: "bin")
        try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
        for (name, target) in [("symbolon", cluster.symbolon), ("kubectl", StandInCluster.kubectl)] {
            try FileManager.default.createSymbolicLink(
                atPath: bin.appending(path: name).path(percentEncoded: false), withDestinationPath: target)
        }
        try FileManager.default.createSymbolicLink(
            atPath: cluster.folder.url.appending(path: "keys").path(percentEncoded: false),
            withDestinationPath: KeysScript.folder)
    }

    private func blocks() throws -> [Runbook.Block] {
        try Runbook(String(contentsOfFile: KeysScript.runbook, encoding: .utf8)).blocks
    }

    /// Runs commands until the first that fails, in a pipe as well.
    private func run(_ commands: String, replicas: [String] = []) async throws -> ScriptRun {
        var text = commands
        let path = String(folder.path.trimmingSuffix("/"))
        for (name, real) in [
            ("/etc/symbolon", "\(path)/etc"), ("/var/backups/symbolon", "\(path)/backups"),
            ("/var/lib/symbolon", "\(path)/lib"), ("/opt/symbolon/keys", "\(path)/keys"),
        ] { text = text.replacing(name, with: real) }
        for (name, real) in zip(["http://10.0.0.11:8080", "http://10.0.0.12:8080"], replicas) {
            text = text.replacing(name, with: real)
        }
        let file = try folder.write(text, to: "block.sh")
        let system = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return try await ScriptRun(
            "/bin/bash", ["-euxo", "pipefail", file],
            environment: [
                "PATH": "\(path)/bin:\(system)", "KUBECTL_STAND_IN": folder.path,
                "XDG_RUNTIME_DIR": cluster.runtime.path(percentEncoded: false),
            ], in: folder)
    }

    @Test func `every command of it does what it is there for`() async throws {
        let commands = try blocks().filter { $0.language == "sh" }
        try #require(commands.count > 10)
        let first = try await run(commands[0].text)
        try #require(first.status == 0, "\(first.errors)")
        let replicas = try await Replicas.start(["etc", "etc"], in: folder)
        for block in commands.dropFirst() {
            if block.text.contains("connections reseal") { try letTimePass("etc/connections.keyring") }
            let run = try await run(block.text, replicas: replicas.urls)
            #expect(run.status == 0, "\(block.heading): \(block.text)\n\(run.errors)")
        }
        await replicas.stop()
        let state = try KeyringContent(Data(folder.read("etc/state.keyring").utf8))
        // The first key was disabled and pruned, the second took over, and the third was called off.
        #expect(state.keys.map(\.status).sorted() == ["enabled", "retired"])
        // The first was retired, and pruned when no row named it.
        let connections = try KeyringContent(Data(folder.read("etc/connections.keyring").utf8))
        #expect(connections.keys.map(\.status) == ["enabled"])
        #expect(try cluster.keyring().keys.count == 2)
        #expect(try cluster.patches().count == 1)
        for server in replicas.servers {
            #expect(try await server.log.contains("keyring replaced"))
            #expect(try await !server.log.contains("keyring rejected"))
        }
    }

    /// Makes a keyring one whose last rotation was two hours ago, where the runbook says to wait for it.
    private func letTimePass(_ name: String) throws {
        var ring = try #require(
            try JSONSerialization.jsonObject(with: Data(folder.read(name).utf8)) as? [String: Any])
        let keys = try #require(ring["keys"] as? [[String: Any]])
        ring["keys"] = keys.map { key in
            var key = key
            for member in ["created", "activates"] {
                guard let text = key[member] as? String, let time = try? Date(text, strategy: .iso8601) else {
                    continue
                }
                key[member] = time.addingTimeInterval(-7200).formatted(.iso8601)
            }
            return key
        }
        #expect(keys.count == 2)
        try folder.write(
            String(decoding: JSONSerialization.data(withJSONObject: ring), as: UTF8.self), to: name)
    }

    @Test func `the crontab's line runs`() async throws {
        let generate = try await run(
            "mkdir -p /etc/symbolon\nsymbolon keys generate --keyring /etc/symbolon/state.keyring")
        try #require(generate.status == 0, "\(generate.errors)")
        let crontab = try #require(try blocks().first { $0.text.contains("cron.d") })
        let lines = crontab.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count == 1)
        // Five fields of time and one of the user, then the command.
        let fields = try #require(lines.first).split(separator: " ", maxSplits: 6)
        let run = try await run(String(try #require(fields.last)))
        #expect(run.status == 0, "\(run.errors)")
        #expect(try KeyringContent(Data(folder.read("etc/state.keyring").utf8)).keys.count == 2)
    }

    @Test func `no command stands outside of a block that is run`() throws {
        let markdown = try String(contentsOfFile: KeysScript.runbook, encoding: .utf8)
        #expect(try Set(blocks().map(\.language)) == ["sh", ""])
        #expect(try blocks().filter { $0.language.isEmpty }.allSatisfy { $0.text.contains("cron.d") })
        #expect(
            !markdown.split(separator: "\n").contains {
                $0.hasPrefix("    ") || $0.hasPrefix("\t") || $0.hasPrefix("$ ")
            })
    }

    @Test func `each alarm that it explains is one that the service has`() throws {
        let markdown = try String(contentsOfFile: KeysScript.runbook, encoding: .utf8)
        let sources = URL(filePath: #filePath).appending(path: "../../../Sources").standardizedFileURL
        let files = try #require(
            FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)?.allObjects as? [URL]
        )
        let code = try files.filter { $0.pathExtension == "swift" }.map {
            try String(contentsOf: $0, encoding: .utf8)
        }.joined()
        for alarm in [
            "state_keyring", "connections_keyring", "state_keyring_stale", "connections_keyring_stale",
            "api_keys_stale", "store", "keyring replaced", "keyring rejected; the previous one stays active",
            "keyring is good again", "callbacks opened",
        ] {
            #expect(markdown.contains("`\(alarm)`"), "\(alarm)")
            #expect(code.contains("\"\(alarm)\""), "\(alarm)")
        }
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> Substring {
        hasSuffix(suffix) ? dropLast(suffix.count) : self[...]
    }
}
