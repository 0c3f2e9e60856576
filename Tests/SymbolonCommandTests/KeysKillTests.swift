import Foundation
import Keyrings
import StateTokens
import Synchronization
import TestSupport
import Testing

/// `symbolon keys rotate`, killed at random moments while others read and write the same ring.
///
/// 200 times, or as often as `ROTATION_KILLS` says.
@Suite("A killed rotation", .timeLimit(.minutes(30))) struct KeysKillTests {
    /// What readers have seen: never two materials under one id.
    private final class Observations: Sendable {
        private let materials = Mutex<[KeyID: KeyMaterial]>([:])
        private let rings = Mutex(0)

        func note(_ ring: Keyring) {
            rings.withLock { $0 += 1 }
            for key in ring.keys {
                let first = materials.withLock { materials in
                    if materials[key.id] == nil { materials[key.id] = key.material }
                    return materials[key.id]
                }
                #expect(first == key.material)
            }
            #expect(ring.keys.count { $0.activates.map { $0 > .now() } ?? true } <= 1)
            #expect(ring.keysThatFail().isEmpty)
        }

        var count: Int { rings.withLock { $0 } }
    }

    private let samples: RingSamples
    private let observations = Observations()

    init() throws { samples = try RingSamples() }

    @Test func `the ring always loads, no id has two materials, and there is at most one key on its way`()
        async throws
    {
        let count = ProcessInfo.processInfo.environment["ROTATION_KILLS"].flatMap { Int($0) } ?? 200
        let duration = try await duration()
        let path = samples.folder.path(of: "state.keyring")
        let reader = Task.detached { [observations] in
            while !Task.isCancelled {
                // Between two rounds there is none for a moment.
                if let ring = try Self.loaded(path) { observations.note(ring) }
                await Task.yield()
            }
        }
        var killed = 0
        var written = 0
        for round in 0..<count {
            let ring = try samples.write(RingSamples.key(UInt32(round + 1)))
            // Every other time somebody else rotates at the same moment.
            let other = round.isMultiple(of: 2) ? nil : try start()
            let process = try start()
            try await Task.sleep(for: duration * Double.random(in: 0.2...1.1))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            other?.waitUntilExit()
            if process.terminationReason == .uncaughtSignal { killed += 1 }

            let after = try samples.ring()
            observations.note(after)
            #expect(after.keys.contains(ring.keys[0]))
            #expect((1...2).contains(after.keys.count))
            if other != nil { #expect(after.keys.count == 2) }
            if after.keys.count == 2 { written += 1 }

            let again = try await samples.keys("rotate")
            #expect(again.status == 0)
            let last = try samples.ring()
            observations.note(last)
            #expect(last.keys.count == 2)
            #expect(after.keys.count == 1 || last == after)
            // What the killed one left is gone.
            #expect(try samples.folder.fileNames == ["state.keyring"])
            try FileManager.default.removeItem(atPath: path)
        }
        reader.cancel()
        try await reader.value
        print("\(killed) of \(count) killed, \(written) had written; \(observations.count) rings read")
        #expect(killed > count / 4)
    }

    private static func loaded(_ path: String) throws -> Keyring? {
        do {
            return try KeyringFile.load(path, purpose: .state)
        } catch KeyringFileError.notFound {
            return nil
        }
    }

    private func start() throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: try SymbolonBinary.path())
        process.arguments = ["keys", "rotate", "--keyring", "state.keyring"]
        process.currentDirectoryURL = samples.folder.url
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// How long a rotation takes here.
    private func duration() async throws -> Duration {
        var longest = Duration.zero
        for _ in 0..<5 {
            try samples.write(RingSamples.key(1))
            let start = ContinuousClock.now
            try self.start().waitUntilExit()
            longest = max(longest, ContinuousClock.now - start)
            try FileManager.default.removeItem(atPath: samples.folder.path(of: "state.keyring"))
        }
        return longest
    }
}
