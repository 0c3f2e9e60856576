import Foundation
import Keyrings
import StateTokens
import TestSupport
import Testing

@Suite("symbolon keys check") struct KeysCheckTests {
    let samples: RingSamples
    var folder: TemporaryFolder { samples.folder }

    init() throws { samples = try RingSamples() }

    @Test func `a good ring is tried, and what seals until when is said`() async throws {
        let ring = try samples.write(
            RingSamples.key(1), RingSamples.key(2, activates: 5000), RingSamples.key(3, status: .disabled))
        let run = try await samples.keys("check")
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        #expect(run.output.contains("00000001, until \(try #require(ring.keys[1].activates).rfc3339)"))
        let json = try await samples.keys("check", "--json").json
        #expect(
            Set(json.keys) == [
                "ok", "path", "purpose", "deployment", "digest", "max_lifetime", "session_lifetime",
                "propagation", "skew",
                "sealing_key", "next_activation", "keys",
            ])
        #expect(json["ok"] as? Bool == true)
        let keys = try #require(json["keys"] as? [[String: Any]])
        #expect(keys.map { $0["seals_and_opens"] as? Bool } == [true, true, nil])
    }

    @Test func `a ring in which nothing seals does not hold`() async throws {
        try samples.write(RingSamples.key(1, status: .disabled))
        let run = try await samples.keys("check", "--json")
        #expect(run.status == 1)
        #expect(try run.json["ok"] as? Bool == false)
        #expect(run.errors.contains("symbolon keys rotate"))
        #expect(try await samples.keys("rotate").status == 0)
        #expect(try await samples.keys("check").status == 0)
    }

    @Test(arguments: [0o644, 0o660]) func `S25 a keyring that others can reach does not pass`(_ mode: Int)
        async throws
    {
        try samples.write(RingSamples.key(1))
        try folder.setMode(mode, of: "state.keyring")
        #expect(try await samples.keys("check").status == 3)
    }

    @Test func `S25 doubled ids, doubled, short and weak material do not pass`() async throws {
        try samples.write(RingSamples.key(1), RingSamples.key(2))
        let text = try folder.read("state.keyring")
        let secrets = try KeyringSecrets(in: folder, "state.keyring")
        let zeros = String(repeating: "A", count: 86)
        let changes: [(String, String, String)] = [
            ("00000002", "00000001", "id 00000001"), (secrets.texts[0], secrets.texts[1], "same material"),
            (secrets.texts[0], String(secrets.texts[0].prefix(84)), "63 bytes"),
            (secrets.texts[0], zeros, "not random"),
        ]
        for (old, new, reason) in changes {
            try folder.write(text.replacing(old, with: new), to: "bad.keyring")
            let run = try await samples.folder.symbolon("keys", "check", "--keyring", "bad.keyring")
            #expect(run.status == 3)
            #expect(run.errors.contains(reason))
            #expect(!secrets.leak(in: run))
        }
    }
}
