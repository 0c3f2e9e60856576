import Foundation
import Keyrings
import StateTokens
import TestSupport
import Testing

@Suite("symbolon keys generate") struct KeysGenerateTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: [Keyring.Purpose.state, .connections])
    func `a keyring is made for its owner alone, and its purpose follows from the name`(
        _ purpose: Keyring.Purpose
    ) async throws {
        let name = "\(purpose.rawValue).keyring"
        let run = try await folder.symbolon("keys", "generate", "--keyring", name)
        #expect(run.status == 0)
        #expect(try folder.mode(of: name) == 0o600)
        #expect(try folder.fileNames == [name])
        let ring = try KeyringFile.load(folder.path(of: name), purpose: purpose)
        let key = try #require(ring.keys.first)
        #expect(ring.keys.count == 1)
        #expect(ring.state(of: key, at: .now()) == .sealing)
        #expect(run.output.contains("\(key.id), seals since \(key.created.rfc3339)"))
        #expect(run.output.contains(ring.digest))
        #expect(run.errors.contains("Next: "))
        #expect(try !KeyringSecrets(in: folder, name).leak(in: run))
    }

    @Test func `durations go into the file, with or without units`() async throws {
        let run = try await folder.symbolon(
            "keys", "generate", "--keyring", "state.keyring", "--max-lifetime", "15m", "--propagation", "0",
            "--skew", "5s")
        #expect(run.status == 0)
        let ring = try KeyringFile.load(folder.path(of: "state.keyring"), purpose: .state)
        #expect(ring.maximumLifetime == .seconds(900))
        #expect(ring.propagation == .zero)
        #expect(ring.skew == .seconds(5))
    }

    @Test func `a folder gets the usual name, and another name needs a purpose`() async throws {
        let usual = try await folder.symbolon(
            "keys", "generate", "--keyring", ".", "--purpose", "connections")
        #expect(usual.status == 0)
        let own = try await folder.symbolon(
            "keys", "generate", "--keyring", "own.json", "--purpose", "state")
        #expect(own.status == 0)
        #expect(try folder.fileNames == ["connections.keyring", "own.json"])
        let unclear = try await folder.symbolon("keys", "generate", "--keyring", "third.json")
        #expect(unclear.status == 2)
        #expect(unclear.errors.contains("--purpose state or --purpose connections"))
    }

    @Test func `JSON is one document, and nothing is said beside it`() async throws {
        let run = try await folder.symbolon("keys", "generate", "--keyring", "state.keyring", "--json")
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        let json = try run.json
        #expect(
            Set(json.keys) == [
                "written", "path", "purpose", "deployment", "digest", "max_lifetime", "session_lifetime",
                "propagation", "skew",
                "key",
            ])
        #expect(json["written"] as? Bool == true)
        #expect(json["max_lifetime"] as? Int == 600)
        #expect(json["session_lifetime"] as? Int == 1800)
        let key = try #require(json["key"] as? [String: Any])
        #expect(Set(key.keys) == ["id", "created", "activates", "state"])
        #expect(key["state"] as? String == "sealing")
        #expect(try !KeyringSecrets(in: folder, "state.keyring").leak(in: run))
    }

    @Test(arguments: [[], ["--json"]]) func `a dry run writes nothing`(_ more: [String]) async throws {
        let run = try await CommandRun(
            ["keys", "generate", "--keyring", "state.keyring", "--dry-run"] + more, in: folder)
        #expect(run.status == 0)
        #expect(try folder.fileNames.isEmpty)
        #expect(run.output.contains(more.isEmpty ? "would make" : #""written":false"#))
        if !more.isEmpty { #expect(try run.json["key"] is NSNull) }
    }

    @Test(arguments: [[], ["--dry-run"], ["--json"]])
    func `a keyring is never overwritten`(_ more: [String]) async throws {
        _ = try await folder.symbolon("keys", "generate", "--keyring", "state.keyring")
        let before = try folder.read("state.keyring")
        let run = try await CommandRun(["keys", "generate", "--keyring", "state.keyring"] + more, in: folder)
        #expect(run.status == 1)
        #expect(run.output.isEmpty)
        #expect(run.errors.hasPrefix("error: state.keyring exists already"))
        #expect(try folder.read("state.keyring") == before)
        #expect(try folder.fileNames == ["state.keyring"])
    }

    @Test func `a link that leads nowhere is not written through`() async throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.path(of: "state.keyring"), withDestinationPath: "elsewhere")
        let run = try await folder.symbolon("keys", "generate", "--keyring", "state.keyring")
        #expect(run.status == 1)
        #expect(try folder.fileNames == ["state.keyring"])
    }

    @Test(arguments: [[], ["--dry-run"]])
    func `a folder that is missing is named, with what makes it`(_ more: [String]) async throws {
        let run = try await CommandRun(
            ["keys", "generate", "--keyring", "keys/state.keyring"] + more, in: folder)
        #expect(run.status == 3)
        #expect(run.errors == "error: there is no folder keys: make it with `mkdir -p -m 700 keys`\n")
        #expect(try folder.fileNames.isEmpty)
    }

    @Test func `of ten at once, one makes the keyring and nine are refused`() async throws {
        let folder = folder
        let statuses = try await withThrowingTaskGroup(of: Int32.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    try await folder.symbolon("keys", "generate", "--keyring", "state.keyring").status
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.sorted() == [0] + Array(repeating: 1, count: 9))
        #expect(try folder.fileNames == ["state.keyring"])
    }
}
