import Foundation
import Keyrings
import StateTokens
import TestSupport
import Testing

@Suite("symbolon keys export and import") struct KeysExportTests {
    let samples: RingSamples
    var folder: TemporaryFolder { samples.folder }

    init() throws { samples = try RingSamples() }

    @Test func `the keyset is for its owner alone, and makes the same keys again`() async throws {
        let ring = try samples.write(RingSamples.key(1), RingSamples.key(2, status: .disabled))
        let run = try await samples.keys("export", "--format", "tink", "--out", "keyset.json")
        #expect(run.status == 0)
        #expect(try folder.mode(of: "keyset.json") == 0o600)
        #expect(try folder.fileNames == ["keyset.json", "state.keyring"])
        let imported = try await folder.symbolon(
            "keys", "import", "--format", "tink", "--in", "keyset.json", "--keyring", "new.keyring",
            "--purpose",
            "state", "--deployment", "d_other", "--skew", "5", "--json")
        #expect(imported.status == 0)
        #expect(try folder.mode(of: "new.keyring") == 0o600)
        #expect(try imported.json["sealing_key"] as? String == "00000001")
        #expect(try imported.json["written"] as? Bool == true)
        let again = try KeyringFile.load(folder.path(of: "new.keyring"), purpose: .state)
        #expect(again.keys.map(\.material) == ring.keys.map(\.material))
        #expect(again.keys.map(\.status) == [.enabled, .disabled])
        #expect(again.deploymentID == "d_other")
        #expect(again.skew == .seconds(5))
        #expect(try !KeyringSecrets(in: folder, "new.keyring").leak(in: imported))
        #expect(!Self.leaks(ring, run) && !Self.leaks(ring, imported))
    }

    @Test func `JSON says what is in it, without material`() async throws {
        let ring = try samples.write(RingSamples.key(1), RingSamples.key(2, status: .disabled))
        let run = try await samples.keys("export", "--format", "tink", "--out", "keyset.json", "--json")
        let json = try run.json
        #expect(
            Set(json.keys) == ["written", "path", "out", "format", "digest", "primary_key", "keys"])
        #expect(json["primary_key"] as? String == "00000001")
        #expect(!Self.leaks(ring, run))
    }

    @Test func `standard output gets the keyset only when it is asked for`() async throws {
        try samples.write(RingSamples.key(1))
        let run = try await folder.symbolon(
            "keys", "export", "--format", "tink", "--keyring", ".", "--out", "-")
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        #expect(try run.json["primaryKeyId"] as? Int == 1)
        let imported = try await folder.symbolon(
            "keys", "import", "--format", "tink", "--in", "-", "--keyring", "connections.keyring",
            input: run.output)
        #expect(imported.status == 0)
        #expect(try samples.ring(.connections).keys.map(\.id) == [RingSamples.id(1)])
        let both = try await folder.symbolon(
            "keys", "export", "--format", "tink", "--keyring", "state.keyring", "--out", "-", "--json")
        #expect(both.status == 2)
        let none = try await folder.symbolon(
            "keys", "export", "--format", "tink", "--keyring", "state.keyring")
        #expect(none.status == 2)
    }

    @Test func `nothing is overwritten`() async throws {
        let ring = try samples.write(RingSamples.key(1))
        try folder.write("mine", to: "keyset.json")
        let exported = try await samples.keys("export", "--format", "tink", "--out", "keyset.json")
        #expect(exported.status == 1)
        #expect(try folder.read("keyset.json") == "mine")
        _ = try await samples.keys("export", "--format", "tink", "--out", "other.json")
        for more in [[], ["--dry-run"]] {
            let imported = try await CommandRun(
                ["keys", "import", "--format", "tink", "--in", "other.json", "--keyring", "state.keyring"]
                    + more,
                in: folder)
            #expect(imported.status == 1)
        }
        #expect(try samples.ring() == ring)
        #expect(try await samples.keys("export", "--format", "tink", "--out", "nowhere/x.json").status == 3)
    }

    @Test func `a ring in which nothing seals is not exported`() async throws {
        try samples.write(RingSamples.key(1, status: .disabled))
        let run = try await samples.keys("export", "--format", "tink", "--out", "keyset.json")
        #expect(run.status == 1)
        #expect(try folder.fileNames == ["state.keyring"])
    }

    @Test func `a dry run imports nothing`() async throws {
        try samples.write(RingSamples.key(1))
        _ = try await samples.keys("export", "--format", "tink", "--out", "keyset.json")
        let run = try await folder.symbolon(
            "keys", "import", "--format", "tink", "--in", "keyset.json", "--keyring", "connections.keyring",
            "--dry-run", "--json")
        #expect(run.status == 0)
        #expect(try run.json["written"] as? Bool == false)
        #expect(try run.json["digest"] is NSNull)
        #expect(try folder.fileNames == ["keyset.json", "state.keyring"])
    }

    @Test func `another kind of key is refused by name, and its material is not shown`() async throws {
        let ring = try samples.write(RingSamples.key(1))
        _ = try await samples.keys("export", "--format", "tink", "--out", "keyset.json")
        let keyset = try folder.read("keyset.json")
        let changes = [
            ("AesCtrHmacAeadKey", "AesGcmKey", "AesGcmKey"), ("TINK", "RAW", "the prefix RAW"),
            ("ENABLED", "DESTROYED", "the status DESTROYED"), (#""key""#, #""clef""#, "key is missing"),
            (#""primaryKeyId" : 1"#, #""primaryKeyId" : 2"#, "primary key 2"),
            ("{", #"{"encryptedKeyset": "AA","#, "encrypted"),
        ]
        for (old, new, reason) in changes {
            try folder.write(keyset.replacing(old, with: new, maxReplacements: 1), to: "bad.json")
            let run = try await folder.symbolon(
                "keys", "import", "--format", "tink", "--in", "bad.json", "--keyring", "connections.keyring")
            #expect([1, 3].contains(run.status))
            #expect(run.output.isEmpty)
            #expect(run.errors.contains(reason), "\(run.errors)")
            #expect(!Self.leaks(ring, run))
        }
        #expect(try !folder.fileNames.contains("connections.keyring"))
    }

    @Test func `S23 a keyset on the command line is refused, and not said again`() async throws {
        let ring = try samples.write(RingSamples.key(1))
        let keyset = try await folder.symbolon(
            "keys", "export", "--format", "tink", "--keyring", ".", "--out", "-"
        ).output
        let run = try await folder.symbolon(
            "keys", "import", "--format", "tink", "--in", keyset, "--keyring", "connections.keyring")
        #expect(run.status == 2)
        #expect(!Self.leaks(ring, run))
    }

    @Test func `a keyset that others may have read is warned about`() async throws {
        try samples.write(RingSamples.key(1))
        _ = try await samples.keys("export", "--format", "tink", "--out", "keyset.json")
        try folder.setMode(0o644, of: "keyset.json")
        let run = try await folder.symbolon(
            "keys", "import", "--format", "tink", "--in", "keyset.json", "--keyring", "connections.keyring")
        #expect(run.status == 0)
        #expect(run.errors.contains("warning: keyset.json has mode 0644"))
    }

    /// Whether a run said any key in the form that a keyset has, or any half of one.
    private static func leaks(_ ring: Keyring, _ run: CommandRun) -> Bool {
        ring.keys.contains { key in
            let octets = key.material.withOctets { octets in octets.indices.map { octets[$0] } }
            return [octets.prefix(32), octets.suffix(32)].contains { half in
                let text = Data(half).base64EncodedString()
                return run.everything.contains(text.dropFirst(4).prefix(16))
            }
        }
    }
}
