import Foundation
import Keyrings
import StateTokens
import TestSupport
import Testing

@Suite("symbolon keys list") struct KeysListTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A ring with a key in each state there is, under the ids 1 to 7.
    private func ringOfAllStates(now: Timestamp = .now()) throws -> Keyring {
        let schedule: [(activates: Int64?, status: Key.Status)] = [
            (-864_000, .enabled), (-432_000, .enabled), (-3600, .enabled), (3600, .enabled), (nil, .enabled),
            (-1800, .retired), (-1800, .disabled),
        ]
        let keys = try schedule.enumerated().map { index, entry in
            Key(
                id: KeyID(rawValue: UInt32(index + 1)), material: try .random(),
                created: now - .seconds(900_000),
                activates: entry.activates.map { now + .seconds($0) }, status: entry.status)
        }
        return try Keyring(purpose: .state, deploymentID: "d_test", keys: keys)
    }

    private let states = ["prunable", "opening", "sealing", "next", "unscheduled", "retired", "disabled"]

    @Test func `each key is shown with its state and its times`() async throws {
        let ring = try ringOfAllStates()
        try KeyringFile.create(ring, at: folder.path(of: "state.keyring"))
        let run = try await folder.symbolon("keys", "list", "--keyring", "state.keyring")
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        #expect(run.output.contains(ring.digest))
        #expect(run.output.contains("d_test"))
        let rows = run.output.split(separator: "\n").filter { $0.hasPrefix("0000000") }
        #expect(rows.map { $0.split(separator: " ")[1] } == states.map { Substring($0) })
        let opening = try #require(ring[KeyID(rawValue: 2)])
        let mayGo = try #require(ring.prunable(opening))
        #expect(rows[1].hasSuffix(mayGo.rfc3339))
        #expect(!run.output.contains("\u{1b}"))
        #expect(try !KeyringSecrets(in: folder, "state.keyring").leak(in: run))
    }

    @Test func `JSON says the same`() async throws {
        let ring = try ringOfAllStates()
        try KeyringFile.create(ring, at: folder.path(of: "state.keyring"))
        let run = try await folder.symbolon("keys", "list", "--keyring", ".", "--json")
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        let json = try run.json
        #expect(
            Set(json.keys) == [
                "path", "purpose", "deployment", "digest", "max_lifetime", "session_lifetime", "propagation",
                "skew",
                "sealing_key",
                "next_activation", "keys",
            ])
        #expect(json["sealing_key"] as? String == "00000003")
        #expect(json["digest"] as? String == ring.digest)
        let keys = try #require(json["keys"] as? [[String: Any]])
        #expect(keys.compactMap { $0["state"] as? String } == states)
        for key in keys {
            #expect(
                Set(key.keys) == [
                    "id", "state", "status", "created", "activates", "superseded", "may_go_from",
                ])
        }
        #expect(keys[4]["activates"] is NSNull)
        #expect(try !KeyringSecrets(in: folder, "state.keyring").leak(in: run))
    }

    @Test func `the purpose is the file's own, whatever its name`() async throws {
        try KeyringFile.create(Keyring.make(purpose: .connections), at: folder.path(of: "own.json"))
        let run = try await folder.symbolon("keys", "list", "--keyring", "own.json", "--json")
        #expect(try run.json["purpose"] as? String == "connections")
    }

    @Test func `a folder with two keyrings needs a choice`() async throws {
        try KeyringFile.create(
            Keyring.make(purpose: .connections), at: folder.path(of: "connections.keyring"))
        #expect(try await folder.symbolon("keys", "list", "--keyring", ".").status == 0)
        try KeyringFile.create(Keyring.make(purpose: .state), at: folder.path(of: "state.keyring"))
        let run = try await folder.symbolon("keys", "list", "--keyring", ".")
        #expect(run.status == 2)
        #expect(run.errors.contains("./state.keyring, ./connections.keyring"))
    }

    @Test func `a keyring without an enabled key is warned about`() async throws {
        let key = Key(
            id: KeyID(rawValue: 1), material: try .random(), created: .now(), activates: .now(),
            status: .disabled)
        try KeyringFile.create(
            Keyring(purpose: .state, deploymentID: "d_test", keys: [key]),
            at: folder.path(of: "state.keyring"))
        let run = try await folder.symbolon("keys", "list", "--keyring", "state.keyring")
        #expect(run.status == 0)
        #expect(run.errors.hasPrefix("warning: no key is enabled"))
    }

    @Test(arguments: [0o644, 0o660, 0o604])
    func `S25 a keyring that others can reach is refused`(_ mode: Int) async throws {
        try KeyringFile.create(Keyring.make(purpose: .state), at: folder.path(of: "state.keyring"))
        try folder.setMode(mode, of: "state.keyring")
        let run = try await folder.symbolon("keys", "list", "--keyring", "state.keyring")
        #expect(run.status == 3)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("chmod 600"))
        #expect(try !KeyringSecrets(in: folder, "state.keyring").leak(in: run))
    }

    @Test(arguments: [
        "", "{}", "no JSON", #"{"version": 2}"#,
        #"{"version":1,"purpose":"state","deployment":"d","max_lifetime":600,"propagation":600,"#
            + #""skew":60,"keys":[]}"#,
    ]) func `a bad keyring is refused`(_ text: String) async throws {
        try folder.write(text, to: "state.keyring")
        let run = try await folder.symbolon("keys", "list", "--keyring", "state.keyring", "--json")
        #expect(run.status == 3)
        #expect(run.output.isEmpty)
        #expect(run.errors.hasPrefix("error: "))
    }

    @Test func `S25 doubled material is refused, and not shown`() async throws {
        try KeyringFile.create(Keyring.make(purpose: .state), at: folder.path(of: "state.keyring"))
        let secrets = try KeyringSecrets(in: folder, "state.keyring")
        let material = try #require(secrets.texts.first)
        func entry(_ id: String) -> String {
            #"{"id":"\#(id)","material":"\#(material)","created":"2026-01-01T00:00:00Z","status":"enabled"}"#
        }
        try folder.write(
            #"{"version":1,"purpose":"state","deployment":"d","max_lifetime":600,"propagation":600,"#
                + #""skew":60,"keys":[\#(entry("00000001")),\#(entry("00000002"))]}"#, to: "doubled.keyring")
        let run = try await folder.symbolon("keys", "list", "--keyring", "doubled.keyring")
        #expect(run.status == 3)
        #expect(run.errors.contains("same material"))
        #expect(!secrets.leak(in: run))
    }

    @Test func `what is not there is said with what makes it`() async throws {
        for path in ["state.keyring", "."] {
            let run = try await folder.symbolon("keys", "list", "--keyring", path)
            #expect(run.status == 3)
            #expect(run.errors.contains("symbolon keys generate"))
        }
    }
}
