import Foundation
import Keyrings
import StateTokens
import TestSupport
import Testing

@Suite("symbolon keys rotate") struct KeysRotateTests {
    let samples: RingSamples
    var folder: TemporaryFolder { samples.folder }

    init() throws { samples = try RingSamples() }

    @Test func `the timeline is printed, and holds`() async throws {
        try samples.write(RingSamples.key(1))
        let before = Timestamp.now()
        let run = try await samples.keys("rotate")
        #expect(run.status == 0)
        let ring = try samples.ring()
        let key = try #require(ring.keys.first { $0.id != RingSamples.id(1) })
        let activates = try #require(key.activates)
        #expect(activates == key.created + .seconds(660))
        // Not by a fraction of a second too early.
        #expect(key.created > before)
        #expect(run.output.contains("\(key.id), made"))
        for time in [
            key.created, key.created + .seconds(600), activates, try #require(ring.prunable(ring.keys[0])),
        ] {
            #expect(run.output.contains(time.rfc3339))
        }
        #expect(run.output.contains(ring.digest))
        #expect(run.errors.contains("/readyz"))
        #expect(try folder.fileNames == ["state.keyring"])
        #expect(ring.sealingKey(at: .now())?.id == RingSamples.id(1))
    }

    @Test func `JSON is one document with the same timeline`() async throws {
        try samples.write(RingSamples.key(1))
        let run = try await samples.keys("rotate", "--json")
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        let json = try run.json
        #expect(
            Set(json.keys) == [
                "written", "new", "key", "timeline", "path", "purpose", "deployment", "digest",
                "max_lifetime", "session_lifetime", "propagation", "skew", "sealing_key", "next_activation",
                "keys",
            ])
        let ring = try samples.ring()
        let timeline = try #require(json["timeline"] as? [String: Any])
        #expect(
            Set(timeline.keys) == [
                "published", "reaches_all_replicas", "seals", "superseded_key", "superseded_key_may_go",
            ])
        #expect((json["written"] as? Bool, json["new"] as? Bool) == (true, true))
        let key = try #require((json["key"] as? String).flatMap { KeyID($0) }.flatMap { ring[$0] })
        #expect(timeline["seals"] as? String == key.activates?.rfc3339)
        #expect(json["next_activation"] as? String == key.activates?.rfc3339)
        #expect(timeline["superseded_key"] as? String == "00000001")
        #expect(json["digest"] as? String == ring.digest)
    }

    @Test func `a second rotation makes no second key, and says so`() async throws {
        try samples.write(RingSamples.key(1))
        let first = try await samples.keys("rotate", "--json").json
        let before = try folder.read("state.keyring")
        let second = try await samples.keys("rotate", "--json").json
        #expect((second["written"] as? Bool, second["new"] as? Bool) == (false, false))
        #expect(second["key"] as? String == first["key"] as? String)
        #expect(second["timeline"] as? NSDictionary == first["timeline"] as? NSDictionary)
        #expect(try await samples.keys("rotate").output.contains("on its way already"))
        #expect(try folder.read("state.keyring") == before)
    }

    @Test(arguments: [[], ["--json"], ["--wait", "http://127.0.0.1:9"]])
    func `a dry run writes nothing, asks nobody and names no key`(_ more: [String]) async throws {
        try samples.write(RingSamples.key(1))
        let before = try folder.read("state.keyring")
        let run = try await CommandRun(
            ["keys", "rotate", "--keyring", "state.keyring", "--dry-run"] + more, in: folder)
        #expect(run.status == 0)
        #expect(try folder.read("state.keyring") == before)
        #expect(try folder.fileNames == ["state.keyring"])
        guard more == ["--json"] else {
            #expect(run.output.contains("would be made"))
            return
        }
        #expect(try run.json["written"] as? Bool == false)
        #expect(try run.json["key"] is NSNull)
        #expect(try run.json["digest"] is NSNull)
        let keys = try #require(run.json["keys"] as? [[String: Any]])
        #expect(keys.compactMap { $0["id"] as? String } == ["00000001"])
        #expect(keys.compactMap { $0["state"] as? String }.sorted() == ["next", "sealing"])
    }

    @Test(arguments: ["now", "0", "659", "10m", "2020-01-01T00:00:00Z"])
    func `an activation before every replica has the key is refused`(_ time: String) async throws {
        try samples.write(RingSamples.key(1))
        let before = try folder.read("state.keyring")
        let run = try await samples.keys("rotate", "--activates-at", time)
        #expect(run.status == 1)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains(time.hasPrefix("2020") ? "in the past" : "--force"))
        #expect(try folder.read("state.keyring") == before)
    }

    @Test func `force accepts it, and a later time needs none`() async throws {
        try samples.write(RingSamples.key(1))
        #expect(try await samples.keys("rotate", "--activates-at", "11m", "--dry-run").status == 0)
        #expect(try await samples.keys("rotate", "--activates-at", "12m", "--dry-run").status == 0)
        let run = try await samples.keys("rotate", "--activates-at", "now", "--force", "--json")
        #expect(run.status == 0)
        #expect(try run.json["sealing_key"] as? String == run.json["key"] as? String)
    }

    @Test func `another time for a key that waits already is refused`() async throws {
        try samples.write(RingSamples.key(1), RingSamples.key(2, activates: 5000))
        let run = try await samples.keys("rotate", "--activates-at", "20m")
        #expect(run.status == 1)
        #expect(run.errors.contains("00000002 is on its way"))
    }

    @Test func `the purpose is the file's own, and a connections keyring rotates as well`() async throws {
        try samples.write(RingSamples.key(1), purpose: .connections)
        let run = try await samples.keys("rotate", keyring: "connections.keyring")
        #expect(run.status == 0)
        #expect(run.output.contains("may be pruned when no row needs it"))
        #expect(run.errors.contains("symbolon connections reseal"))
        #expect(try samples.ring(.connections).keys.count == 2)
    }

    @Test func `who is changing the file is named`() async throws {
        try samples.write(RingSamples.key(1))
        let descriptor = open(folder.path(of: "state.keyring"), O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        #expect(flock(descriptor, LOCK_EX) == 0)
        let run = try await samples.keys("rotate", "--lock-timeout", "0")
        #expect(run.status == 4)
        #expect(run.errors.contains("process \(getpid())"))
        // A dry run needs no lock.
        #expect(try await samples.keys("rotate", "--dry-run").status == 0)
    }

    @Test func `a Kubernetes volume is not written through, and it is said what is to be done`() async throws
    {
        try samples.write(RingSamples.key(1))
        let version = folder.url.appending(path: "..2026_01_01.1")
        try FileManager.default.createDirectory(at: version, withIntermediateDirectories: false)
        try FileManager.default.moveItem(
            at: folder.url.appending(path: "state.keyring"), to: version.appending(path: "state.keyring"))
        try FileManager.default.createSymbolicLink(
            atPath: folder.path(of: "..data"), withDestinationPath: "..2026_01_01.1")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path(of: "state.keyring"), withDestinationPath: "..data/state.keyring")
        let run = try await samples.keys("rotate")
        #expect(run.status == 3)
        #expect(run.errors.contains("change the Secret"))
        #expect(try samples.ring().keys.count == 1)
    }

    @Test(arguments: [0o644, 0o660, 0o604])
    func `S25 a keyring that others can reach is not rotated`(_ mode: Int) async throws {
        try samples.write(RingSamples.key(1))
        try folder.setMode(mode, of: "state.keyring")
        let run = try await samples.keys("rotate")
        #expect(run.status == 3)
        #expect(run.errors.contains("chmod 600"))
        #expect(try folder.mode(of: "state.keyring") == mode)
    }

    @Test(arguments: [0o600, 0o640, 0o440]) func `the mode is kept`(_ mode: Int) async throws {
        try samples.write(RingSamples.key(1))
        try folder.setMode(mode, of: "state.keyring")
        #expect(try await samples.keys("rotate").status == 0)
        #expect(try folder.mode(of: "state.keyring") == mode)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can become somebody else"))
    func `a keyring that would change its owner is not rotated`() async throws {
        try samples.write(RingSamples.key(1))
        let before = try folder.read("state.keyring")
        try folder.setMode(0o640, of: "state.keyring")
        try FileManager.default.setAttributes(
            [.groupOwnerAccountName: "nogroup"], ofItemAtPath: folder.path(of: "state.keyring"))
        try folder.setMode(0o777, of: "")
        // Where it was built, somebody else may not be let in.
        let program = folder.path(of: "program")
        try FileManager.default.copyItem(atPath: SymbolonBinary.path(), toPath: program)
        let run = try await CommandRun(
            [
                "--reuid=nobody", "--regid=nogroup", "--clear-groups", program, "keys", "rotate", "--keyring",
                "state.keyring",
            ], program: "/usr/bin/setpriv", in: folder)
        #expect(run.status == 3)
        #expect(run.errors.contains("run this as that user"))
        #expect(try folder.read("state.keyring") == before)
        #expect(try folder.fileNames == ["program", "state.keyring"])
    }
}
