import Foundation
import Keyrings
import StateTokens
import TestSupport
import Testing

@Suite("symbolon keys retire, disable, prune") struct KeysDisableTests {
    let samples: RingSamples
    var folder: TemporaryFolder { samples.folder }

    init() throws { samples = try RingSamples() }

    @Test func `a superseded key is retired`() async throws {
        try samples.write(RingSamples.key(1, activates: -20_000), RingSamples.key(2))
        let run = try await samples.keys("retire", "00000001", "--json")
        #expect(run.status == 0)
        #expect(try run.json["retired"] as? [String] == ["00000001"])
        #expect(try run.json["written"] as? Bool == true)
        #expect(try samples.ring().keys.map(\.status) == [.retired, .enabled])
        let again = try await samples.keys("retire", "00000001")
        #expect(again.status == 0)
        #expect(again.errors.contains("Nothing was changed"))
    }

    @Test func `the key that seals is not retired, and it is said what to do first`() async throws {
        try samples.write(RingSamples.key(1))
        let run = try await samples.keys("retire", "00000001")
        #expect(run.status == 1)
        #expect(run.errors.contains("symbolon keys rotate"))
        #expect(try samples.ring().keys.map(\.status) == [.enabled])
    }

    @Test(arguments: ["retire", "disable", "prune"])
    func `a key that is not there is refused`(_ command: String) async throws {
        try samples.write(RingSamples.key(1))
        let run = try await samples.keys(command, "000000ff")
        #expect(run.status == 1)
        #expect(run.errors.contains("no key 000000ff"))
    }

    @Test(arguments: [["retire", "1"], ["disable", "00000001"], ["prune", "3"], ["prune"]])
    func `a dry run writes nothing`(_ command: [String]) async throws {
        try samples.write(
            RingSamples.key(1, activates: -900_000), RingSamples.key(2, activates: -200_000),
            RingSamples.key(3, activates: -800_000))
        let before = try folder.read("state.keyring")
        let id = command.dropFirst().first.map { [String(repeating: "0", count: 8 - $0.count) + $0] } ?? []
        for more in [[], ["--json"]] {
            let run = try await CommandRun(
                ["keys", command[0]] + id + ["--keyring", "state.keyring", "--dry-run"] + more, in: folder)
            #expect(run.status == 0)
            #expect(
                more.isEmpty ? run.output.contains("would be") : try run.json["written"] as? Bool == false)
        }
        #expect(try folder.read("state.keyring") == before)
        #expect(try folder.fileNames == ["state.keyring"])
    }

    @Test(arguments: ["retire", "disable", "prune"])
    func `what is no key's id is told what one is`(_ command: String) async throws {
        try samples.write(RingSamples.key(1))
        let run = try await samples.keys(command, "zzz")
        #expect(
            run.status == 2 && run.errors.contains("a key's id has 8 hexadecimal digits"), "\(run.errors)")
    }

    @Test func `S33 disabling the only sealing key adds one that seals, in the same write`() async throws {
        try samples.write(RingSamples.key(1))
        let dry = try await samples.keys("disable", "00000001", "--dry-run", "--json")
        #expect(try dry.json["successor"] is NSNull)
        #expect(try (dry.json["keys"] as? [[String: Any]])?.count == 2)
        let run = try await samples.keys("disable", "00000001", "--json")
        #expect(run.status == 0)
        #expect(try run.json["disabled"] as? [String] == ["00000001"])
        let ring = try samples.ring()
        #expect(ring[RingSamples.id(1)]?.status == .disabled)
        let sealing = try #require(ring.sealingKey(at: .now()))
        #expect(try run.json["successor"] as? String == sealing.id.description)
        #expect(try run.json["sealing_key"] as? String == sealing.id.description)
    }

    @Test func `S33 all keys of a file that was seen are disabled at once`() async throws {
        try samples.write(
            RingSamples.key(1, activates: -20_000), RingSamples.key(2), RingSamples.key(3, activates: 600))
        let run = try await samples.keys("disable", "00000001", "00000002", "00000003")
        #expect(run.status == 0)
        #expect(run.output.contains("seals now"))
        let ring = try samples.ring()
        #expect(ring.keys.count { $0.status == .disabled } == 3)
        #expect(ring.keys.count == 4)
        #expect(ring.sealingKey(at: .now()) != nil)
    }

    @Test func `a state key goes when nothing that it sealed can be in flight`() async throws {
        try samples.write(
            RingSamples.key(1, activates: -900_000), RingSamples.key(2, activates: -80_000),
            RingSamples.key(3))
        let refused = try await samples.keys("prune", "00000001", "00000002")
        #expect(refused.status == 1)
        #expect(refused.errors.contains("00000001"))
        #expect(try samples.ring().keys.count == 3)
        let run = try await samples.keys("prune", "--json")
        #expect(run.status == 0)
        // Key 2 took over from key 1 80,000 s ago, which is not a day.
        #expect(try run.json["pruned"] as? [String] == [])
        let forced = try await samples.keys("prune", "--force", "--json")
        #expect(try forced.json["pruned"] as? [String] == ["00000001", "00000002"])
        #expect(try samples.ring().keys.map(\.id) == [RingSamples.id(3)])
    }

    @Test(arguments: [[], ["--force"]]) func `what seals or may be in flight is not pruned`(_ more: [String])
        async throws
    {
        try samples.write(
            RingSamples.key(1, activates: -900_000), RingSamples.key(2, activates: -100),
            RingSamples.key(3, activates: 60))
        for (id, reason) in [
            ("00000001", "may be on its way until"), ("00000002", "is what seals"), ("00000003", "retire it"),
        ] {
            let run = try await CommandRun(["keys", "prune", id, "--keyring", "."] + more, in: folder)
            #expect(run.status == 1)
            #expect(run.errors.contains(reason))
        }
        #expect(try samples.ring().keys.count == 3)
    }

    // MARK: Connections keyrings

    private func connectionKeys(_ arguments: String...) async throws -> CommandRun {
        try await CommandRun(["keys"] + arguments + ["--keyring", "connections.keyring"], in: folder)
    }

    @Test(arguments: ["disable", "prune"])
    func `a connections key needs the store to be asked, or force`(_ command: String) async throws {
        try samples.write(RingSamples.key(1, activates: -20_000), RingSamples.key(2), purpose: .connections)
        let refused = try await connectionKeys(command, "00000001")
        #expect(refused.status == 1)
        #expect(refused.errors.contains("--store sqlite:PATH"))
        #expect(try samples.ring(.connections).keys.map(\.status) == [.enabled, .enabled])
        #expect(try await connectionKeys(command, "00000001", "--force").status == 0)
        #expect(try samples.ring(.connections)[RingSamples.id(1)]?.status != .enabled)
    }

    @Test(arguments: ["disable", "prune"], [[], ["--force"]])
    func `a connections key that a row names stays`(_ command: String, _ more: [String]) async throws {
        let ring = try samples.write(
            RingSamples.key(1, activates: -20_000, status: .retired), RingSamples.key(2),
            purpose: .connections)
        let store = try StoreSamples(in: folder)
        try await store.insert(1, under: ring.keys[0])
        let arguments =
            [
                "keys", command, "00000001", "--keyring", "connections.keyring", "--store",
                "sqlite:store.sqlite",
            ]
        let refused = try await CommandRun(arguments + more, in: folder)
        #expect(refused.status == 1)
        #expect(refused.errors.contains("symbolon connections reseal"))
        #expect(try samples.ring(.connections) == ring)
        let sealed = try await CommandRun(
            ["connections", "reseal", "--keyring", ".", "--store", "sqlite:store.sqlite"], in: folder)
        #expect(sealed.status == 0)
        #expect(try await CommandRun(arguments + more, in: folder).status == 0)
    }

    @Test(arguments: ["disable", "prune"])
    func `S47 a connections key stays while a row does not say which key it needs`(_ command: String)
        async throws
    {
        let ring = try samples.write(
            RingSamples.key(1, activates: -20_000, status: .retired), RingSamples.key(2),
            purpose: .connections)
        try await StoreSamples(in: folder).insert(1, under: ring.keys[1])
        let script =
            "import sqlite3; s = sqlite3.connect('store.sqlite'); s.execute('PRAGMA ignore_check_constraints = ON'); "
            + "s.execute('UPDATE credentials SET key_id = -1'); s.commit()"
        let changed = try await CommandRun(["-c", script], program: "/usr/bin/python3", in: folder)
        #expect(changed.status == 0, "\(changed.errors)")
        let refused = try await connectionKeys(command, "00000001", "--store", "sqlite:store.sqlite")
        #expect(refused.status == 1 && refused.errors.contains("1 row of the store does not say"))
        #expect(try samples.ring(.connections) == ring)
        let forced = try await connectionKeys(
            command, "00000001", "--store", "sqlite:store.sqlite", "--force")
        #expect(forced.status == 0, "\(forced.errors)")
    }

    @Test(arguments: ["disable", "prune"])
    func `a connections key that seals, or that a late replica may write with, stays`(_ command: String)
        async throws
    {
        try samples.write(
            RingSamples.key(1, activates: -20_000), RingSamples.key(2, activates: -600), purpose: .connections
        )
        _ = try StoreSamples(in: folder)
        for (id, reason) in [("00000001", "on its way until"), ("00000002", "is what seals")] {
            let run = try await connectionKeys(command, id, "--store", "sqlite:store.sqlite")
            #expect(run.status == 1)
            #expect(run.errors.contains(reason))
        }
    }

    @Test(arguments: ["disable", "prune"])
    func `a store that is not there is not made, and decides nothing`(_ command: String) async throws {
        try samples.write(RingSamples.key(1, activates: -20_000), RingSamples.key(2), purpose: .connections)
        let run = try await connectionKeys(command, "00000001", "--store", "sqlite:store.sqlite")
        #expect(run.status == 4)
        #expect(try folder.fileNames == ["connections.keyring"])
        try folder.write("no database", to: "store.sqlite")
        let broken = try await connectionKeys(command, "00000001", "--store", "sqlite:store.sqlite")
        #expect([3, 4].contains(broken.status))
        #expect(try samples.ring(.connections).keys.map(\.status) == [.enabled, .enabled])
    }
}
