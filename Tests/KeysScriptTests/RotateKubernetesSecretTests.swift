import Foundation
import TestSupport
import Testing

/// Against a stand-in for kubectl's transport: see `StandInCluster`.
@Suite("keys/rotate-kubernetes-secret") struct RotateKubernetesSecretTests {
    let cluster: StandInCluster

    init() throws { cluster = try StandInCluster() }

    @Test func `a new key comes into the Secret by one patch, which names the version that was read`()
        async throws
    {
        try await cluster.makeSecret()
        let before = try (secret: cluster.secret(), keyring: cluster.keyring())
        let run = try await cluster.rotate()
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.hasSuffix("Secret symbolon-keys was patched.\n"))
        let patches = try cluster.patches()
        #expect(patches.count == 1)
        #expect(patches.first?.metadata.resourceVersion == before.secret.metadata.resourceVersion)
        #expect(patches.first?.data.keys.sorted() == ["state.keyring"])
        let keys = try cluster.keyring().keys
        #expect(keys.count == 2)
        #expect(before.keyring.keys.allSatisfy(keys.contains))
        #expect(try cluster.leftovers().isEmpty)
    }

    @Test func `a second run makes no second key, and writes nothing`() async throws {
        try await cluster.makeSecret()
        _ = try await cluster.rotate()
        let before = try cluster.secret()
        let run = try await cluster.rotate()
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.hasSuffix("nothing was written.\n"))
        #expect(try cluster.secret() == before)
        #expect(try cluster.patches().count == 1)
    }

    @Test func `another entry is chosen by its name, and gets a key although no store was asked`()
        async throws
    {
        try await cluster.makeSecret(entry: "connections.keyring")
        let run = try await cluster.rotate(environment: ["KEYRING": "connections.keyring"])
        #expect(run.status == 0, "\(run.errors)")
        #expect(try cluster.secret().data.keys.sorted() == ["connections.keyring"])
        #expect(try cluster.keyring("connections.keyring").keys.count == 2)
    }

    @Test func `where somebody else wrote meanwhile it says so, and loses nothing of theirs`() async throws {
        try await cluster.makeSecret()
        let keys = try cluster.keyring()
        try cluster.folder.write("", to: "meanwhile")
        let run = try await cluster.rotate()
        #expect(run.status == 1)
        #expect(run.hasOneLineOfErrors)
        #expect(run.errors.contains("409 Conflict"))
        #expect(run.errors.contains("run it again"))
        #expect(try cluster.secret().metadata.labels == ["written": "meanwhile"])
        #expect(try cluster.keyring() == keys)
        #expect(try cluster.leftovers().isEmpty)
        let again = try await cluster.rotate()
        #expect(again.status == 0, "\(again.errors)")
        #expect(try cluster.keyring().keys.count == 2)
        #expect(try cluster.secret().metadata.labels == ["written": "meanwhile"])
    }

    @Test func `of five at once none undoes another's key`() async throws {
        try await cluster.makeSecret()
        let cluster = cluster
        let statuses = try await withThrowingTaskGroup(of: Int32.self) { group in
            for _ in 0..<5 { group.addTask { try await cluster.rotate().status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.contains(0))
        #expect(statuses.allSatisfy { $0 == 0 || $0 == 1 })
        #expect(try cluster.keyring().keys.count == 2)
        #expect(try cluster.patches().count == 1)
    }

    @Test func `a dry run prints the patch with its material masked, and writes nothing`() async throws {
        try await cluster.makeSecret()
        let before = try cluster.secret()
        let run = try await cluster.rotate("--dry-run", StandInCluster.secret)
        #expect(run.status == 0, "\(run.errors)")
        struct Shown: Decodable {
            let metadata: StandInCluster.Patch.Metadata
            let data: [String: KeyringContent]
        }
        let shown = try JSONDecoder().decode(Shown.self, from: Data(run.output.utf8))
        #expect(shown.metadata.resourceVersion == before.metadata.resourceVersion)
        #expect(shown.data["state.keyring"]?.keys.map(\.material) == ["(masked)", "(masked)"])
        #expect(run.errors.contains("Nothing was written"))
        #expect(try !cluster.keyring().leak(into: run.everything))
        #expect(try cluster.secret() == before)
        #expect(try cluster.patches().isEmpty)
        #expect(try cluster.leftovers().isEmpty)
    }

    @Test func `a Secret that is not there is named`() async throws {
        let run = try await cluster.rotate("nowhere")
        #expect(run.status == 4)
        #expect(run.hasOneLineOfErrors)
        #expect(run.errors.contains(#"secrets "nowhere" not found"#))
        #expect(try cluster.leftovers().isEmpty)
    }

    @Test func `an entry that is not there is named`() async throws {
        try await cluster.makeSecret(entry: "other", text: "something")
        let run = try await cluster.rotate()
        #expect(run.status == 3)
        #expect(
            run.errors == "keys/rotate-kubernetes-secret: Secret symbolon-keys has no entry state.keyring\n")
    }

    @Test(arguments: ["not a keyring", "{", #"{"version": 1}"#])
    func `an entry that is no keyring is left as it is`(_ text: String) async throws {
        try await cluster.makeSecret(entry: "state.keyring", text: text)
        let run = try await cluster.rotate()
        #expect(run.status == 1)
        #expect(run.hasOneLineOfErrors)
        #expect(run.errors.contains("the keyring's"))
        #expect(try cluster.patches().isEmpty)
        #expect(try cluster.leftovers().isEmpty)
    }

    @Test func `S23 what an API server says back of the material is not said again`() async throws {
        try await cluster.makeSecret()
        let secret = try cluster.secret().data["state.keyring"] ?? ""
        try cluster.folder.write("(Invalid): patch is invalid: \(secret)", to: "refuse")
        let run = try await cluster.rotate()
        #expect(run.status == 4)
        #expect(run.hasOneLineOfErrors)
        #expect(run.errors.contains("(Invalid): patch is invalid: …"))
        #expect(try !cluster.keyring().leak(into: run.everything))
    }

    @Test(arguments: [[], ["--dry-run"]])
    func `S23 no command line and no environment of any program has key material`(_ more: [String])
        async throws
    {
        try await cluster.makeSecret()
        // Each program that the script starts goes through a recorder of its own name.
        let recorders = cluster.folder.url.appending(path: "bin")
        try FileManager.default.createDirectory(at: recorders, withIntermediateDirectories: true)
        for name in [
            "base64", "cat", "chmod", "cmp", "cp", "find", "grep", "head", "jq", "mktemp", "rm", "sed",
            "shred", "stat",
            "symbolon", "tail", "tr",
        ] {
            try FileManager.default.createSymbolicLink(
                at: recorders.appending(path: name),
                withDestinationURL: StandInCluster.standIns.appending(path: "recorder"))
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let real =
            "\(URL(filePath: cluster.symbolon).deletingLastPathComponent().path(percentEncoded: false)):\(path)"
        let record = cluster.folder.url.appending(path: "record").path(percentEncoded: false)
        let run = try await ScriptRun(
            KeysScript.rotateKubernetesSecret, more + [StandInCluster.secret],
            environment: cluster.environment.merging([
                "SYMBOLON": "symbolon", "PATH": "\(recorders.path(percentEncoded: false)):\(path)",
                "REAL_PATH": real, "RECORD": record,
            ]) { $1 }, in: cluster.folder)
        #expect(run.status == 0, "\(run.errors)")
        let recorded = try cluster.folder.read("record") + cluster.folder.read("calls")
        #expect(recorded.contains("/symbolon keys rotate"))
        #expect(recorded.contains("/jq "))
        #expect(recorded.contains("--patch-file=") == more.isEmpty)
        #expect(try !cluster.keyring().leak(into: recorded))
        #expect(try !cluster.keyring().leak(into: run.everything))
    }

    @Test
    func `what is secret lies in a folder of its owner's, which is gone even where a signal ends the run`()
        async throws
    {
        try await cluster.makeSecret()
        try cluster.folder.write("", to: "hold")
        let script = try ServerProcess(
            KeysScript.rotateKubernetesSecret, [StandInCluster.secret], environment: cluster.environment,
            workingDirectory: cluster.folder.url, logFile: cluster.folder.url.appending(path: "log"))
        let held = cluster.folder.url.appending(path: "held").path(percentEncoded: false)
        try await eventually("the script is held", within: .seconds(30)) {
            FileManager.default.fileExists(atPath: held)
        }
        let name = try #require(try cluster.leftovers().first)
        let inside = cluster.runtime.appending(path: name)
        func mode(_ url: URL) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: url.path(percentEncoded: false))[
                .posixPermissions]
                as? Int
        }
        #expect(try mode(inside) == 0o700)
        for file in try FileManager.default.contentsOfDirectory(at: inside, includingPropertiesForKeys: nil) {
            #expect(try mode(file) == 0o600, "\(file.lastPathComponent)")
        }
        script.send(SIGTERM)
        try FileManager.default.removeItem(at: cluster.folder.url.appending(path: "hold"))
        #expect(await script.exitStatus() == 143)
        #expect(try cluster.leftovers().isEmpty)
    }

    @Test(arguments: [[], ["a", "b"], ["--force", "a"], ["-n"], ["a/b"], [""]])
    func `a wrong command line exits with 2, and does nothing`(_ arguments: [String]) async throws {
        let run = try await ScriptRun(
            KeysScript.rotateKubernetesSecret, arguments, environment: cluster.environment, in: cluster.folder
        )
        #expect(run.status == 2)
        #expect(run.hasOneLineOfErrors)
        #expect(!FileManager.default.fileExists(atPath: cluster.folder.url.appending(path: "calls").path))
    }

    @Test(arguments: ["SYMBOLON", "KUBECTL"])
    func `a program that is not there is named before anything is read`(_ variable: String) async throws {
        try await cluster.makeSecret()
        let run = try await cluster.rotate(environment: [variable: "no-such-program"])
        #expect(run.status == 3)
        #expect(run.errors == "keys/rotate-kubernetes-secret: there is no program no-such-program\n")
    }
}
