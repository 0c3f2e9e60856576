import Foundation
import TestSupport
import Testing

@Suite("keys/rotate") struct RotateTests {
    let folder: TemporaryFolder
    let environment: [String: String]

    init() throws {
        folder = try TemporaryFolder()
        environment = ["SYMBOLON": try SymbolonBinary.path(), "KEYRING": "state.keyring"]
    }

    private func generate(_ name: String = "state.keyring", _ more: String...) async throws {
        let run = try await ScriptRun(
            SymbolonBinary.path(), ["keys", "generate", "--keyring", name] + more, in: folder)
        try #require(run.status == 0, "\(run.errors)")
    }

    private func rotate(_ environment: [String: String] = [:], _ arguments: String...) async throws
        -> ScriptRun
    {
        try await ScriptRun(
            KeysScript.rotate, arguments, environment: self.environment.merging(environment) { $1 },
            in: folder)
    }

    private func keyring(_ name: String = "state.keyring") throws -> KeyringContent {
        try KeyringContent(Data(folder.read(name).utf8))
    }

    @Test func `a run adds a key that is scheduled, and says when what happens`() async throws {
        try await generate()
        let before = try keyring()
        let run = try await rotate()
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.isEmpty)
        let after = try keyring()
        #expect(after.keys.count == 2)
        #expect(before.keys.allSatisfy(after.keys.contains))
        #expect(after.keys.allSatisfy { $0.activates != nil })
        let new = try #require(after.keys.first { !before.keys.contains($0) })
        #expect(run.output.contains(new.id))
        #expect(!after.leak(into: run.everything))
    }

    @Test func `a second run makes no second key`() async throws {
        try await generate()
        _ = try await rotate()
        let before = try folder.read("state.keyring")
        let run = try await rotate()
        #expect(run.status == 0, "\(run.errors)")
        #expect(try folder.read("state.keyring") == before)
    }

    @Test func `of five runs at once one makes a key`() async throws {
        try await generate()
        let statuses = try await withThrowingTaskGroup(of: Int32.self) { group in
            for _ in 0..<5 { group.addTask { try await rotate().status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == [0, 0, 0, 0, 0])
        #expect(try keyring().keys.count == 2)
    }

    @Test func `what nothing needs any more is taken out`() async throws {
        try await generate()
        // A key that was superseded two days ago, as a run of two days ago would have left it.
        var ring = try #require(
            try JSONSerialization.jsonObject(with: Data(folder.read("state.keyring").utf8)) as? [String: Any])
        let keys = try #require(ring["keys"] as? [[String: Any]])
        let old = Data((0..<64).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        var past = try #require(keys.first)
        past["id"] = "00000001"
        past["material"] = old
        past["created"] = "2026-01-01T00:00:00Z"
        past["activates"] = "2026-01-01T00:00:00Z"
        var current = try #require(keys.first)
        current["created"] = "2026-01-02T00:00:00Z"
        current["activates"] = "2026-01-02T00:00:00Z"
        ring["keys"] = [past, current]
        try folder.write(
            String(decoding: JSONSerialization.data(withJSONObject: ring), as: UTF8.self), to: "state.keyring"
        )
        let run = try await rotate()
        #expect(run.status == 0, "\(run.errors)")
        #expect(try keyring().keys.count == 2)
        #expect(try !keyring().keys.contains { $0.id == "00000001" })
    }

    @Test func `a connections keyring keeps all its keys, for rows may name them`() async throws {
        try await generate("connections.keyring")
        let run = try await rotate(["KEYRING": "connections.keyring"])
        #expect(run.status == 0, "\(run.errors)")
        #expect(try keyring("connections.keyring").keys.count == 2)
    }

    @Test(arguments: [
        (["KEYRING": ""], Int32(2), "KEYRING is not set"),
        (["SYMBOLON": "no-such-program"], 3, "there is no program no-such-program: set SYMBOLON"),
        (["KEYRING": "nowhere/state.keyring"], 3, "no keyring at nowhere/state.keyring"),
        (["REPLICAS": "http://127.0.0.1:1", "TIMEOUT": "1"], 4, "127.0.0.1:1"),
    ])
    func `what is wrong is said in one line, and nothing is written`(
        _ environment: [String: String], _ status: Int32, _ reason: String
    ) async throws {
        try await generate()
        let run = try await rotate(environment)
        #expect(run.status == status)
        #expect(run.errors.hasPrefix("keys/rotate: "))
        #expect(run.errors.contains(reason))
        #expect(run.hasOneLineOfErrors, "\(run.errors)")
        #expect(run.output.isEmpty)
    }

    @Test func `a keyring that others can reach is refused with what to do`() async throws {
        try await generate()
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644],
            ofItemAtPath: folder.url.appending(path: "state.keyring").path(percentEncoded: false))
        let run = try await rotate()
        #expect(run.status == 3)
        #expect(run.errors.contains("chmod 600 state.keyring"))
        #expect(try keyring().keys.count == 1)
    }

    @Test func `with all replicas named, the key is scheduled as soon as they have it`() async throws {
        try await generate()
        try await generate("connections.keyring")
        let replicas = try await Replicas.start([".", "."], in: folder)
        let run = try await rotate(["REPLICAS": replicas.urls.joined(separator: " ")])
        await replicas.stop()
        #expect(run.status == 0, "\(run.errors)")
        #expect(try keyring().keys.count == 2)
        #expect(try keyring().keys.allSatisfy { $0.activates != nil })
    }

    @Test func `a replica that lags is named, nothing is scheduled, and the next run goes on from there`()
        async throws
    {
        try await generate()
        try await generate("connections.keyring")
        let own = folder.url.appending(path: "own")
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: false)
        for name in ["state.keyring", "connections.keyring"] {
            try FileManager.default.copyItem(
                at: folder.url.appending(path: name), to: own.appending(path: name))
        }
        let replicas = try await Replicas.start([".", "own"], in: folder)
        let environment = ["REPLICAS": replicas.urls.joined(separator: " "), "TIMEOUT": "4"]
        let run = try await rotate(environment)
        #expect(run.status == 4)
        #expect(run.hasOneLineOfErrors, "\(run.errors)")
        #expect(run.errors.contains(replicas.urls[1]))
        #expect(!run.errors.contains(replicas.urls[0]))
        #expect(run.errors.contains("Nothing was scheduled"))
        #expect(try keyring().keys.count == 2)
        #expect(try keyring().keys.contains { $0.activates == nil })
        // The file comes late, as a whole.
        try FileManager.default.copyItem(
            at: folder.url.appending(path: "state.keyring"), to: own.appending(path: "new"))
        try #require(rename(own.appending(path: "new").path, own.appending(path: "state.keyring").path) == 0)
        let again = try await rotate(environment)
        await replicas.stop()
        #expect(again.status == 0, "\(again.errors)")
        #expect(try keyring().keys.count == 2)
        #expect(try keyring().keys.allSatisfy { $0.activates != nil })
    }

    @Test func `arguments are refused`() async throws {
        let run = try await rotate([:], "--force")
        #expect(run.status == 2)
        #expect(run.hasOneLineOfErrors)
    }
}
