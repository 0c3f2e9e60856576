import Foundation
import StateTokens
import Synchronization
import Testing

@testable import Keyrings

private final class Stopwatch: Sendable {
    private let start = ContinuousClock.now
    private let elapsed = Mutex(Duration.zero)

    var now: ContinuousClock.Instant { start + elapsed.withLock { $0 } }

    func advance(by duration: Duration) { elapsed.withLock { $0 += duration } }
}

private final class Running: Sendable {
    private let state = Atomic(true)

    var goesOn: Bool { state.load(ordering: .relaxed) }

    func end() { state.store(false, ordering: .relaxed) }
}

@Suite("LiveKeyring") struct LiveKeyringTests {
    private let folder: KeyringFolder
    private let observed = Observed()
    private let stopwatch = Stopwatch()
    /// Far ahead of every file time, so that a file is looked at for its stamp alone.
    private let later = SampleRings.start + .seconds(1 << 40)

    init() throws {
        folder = try KeyringFolder()
        try folder.replace(with: SampleRings.ring(1))
    }

    private func live(_ path: String? = nil, lifetime: Duration = .zero) throws -> LiveKeyring {
        let source = KeyringSource.path(path ?? folder.path())
        return LiveKeyring(
            try source.load(.state), from: source, lifetime: lifetime, now: { [later] in later },
            instant: { [stopwatch] in stopwatch.now }, observer: { [observed] in observed.add($0) })
    }

    // MARK: What is noticed

    @Test func `a file that another was put in place of is read`() throws {
        let live = try live()
        #expect(live.reloadIfChanged() == .unchanged)
        let next = try SampleRings.ring(1, 2)
        try folder.replace(with: next)
        #expect(live.reloadIfChanged() == .replaced(with: next))
        #expect(live.reference.current == next)
        #expect(live.status == LiveKeyring.Status(reloadedAt: later, problem: nil))
        #expect(live.reloadIfChanged() == .unchanged)
        #expect(observed.outcomes == [.replaced(with: next)])
    }

    @Test func `a file that was written over is read`() throws {
        let live = try live()
        live.reloadIfChanged()
        let next = try SampleRings.ring(2, 3)
        try folder.overwrite(with: KeyringFolder.text(next))
        #expect(live.reloadIfChanged() == .replaced(with: next))
    }

    @Test func `a folder that another was put in place of is read`() throws {
        for (name, ring) in [("keys", try SampleRings.ring(1)), ("next", try SampleRings.ring(1, 2))] {
            try folder.makeFolder(name)
            try folder.replace("\(name)/state.keyring", with: ring)
        }
        let live = try live(folder.path("keys"))
        live.reloadIfChanged()
        try FileManager.default.moveItem(atPath: folder.path("keys"), toPath: folder.path("before"))
        try FileManager.default.moveItem(atPath: folder.path("next"), toPath: folder.path("keys"))
        #expect(live.reloadIfChanged() == .replaced(with: try SampleRings.ring(1, 2)))
    }

    @Test(arguments: ["mount", "mount/state.keyring"]) func `Kubernetes' swap of ..data is seen`(
        _ path: String
    ) throws {
        for (name, ring) in [("..2026_1", try SampleRings.ring(1)), ("..2026_2", try SampleRings.ring(1, 2))]
        {
            try folder.makeFolder("mount/\(name)")
            try folder.replace("mount/\(name)/state.keyring", with: ring)
        }
        try folder.link("mount/..data", to: "..2026_1")
        try folder.link("mount/state.keyring", to: "..data/state.keyring")
        let live = try live(folder.path(path))
        #expect(live.reloadIfChanged() == .unchanged)
        try folder.link("mount/..data", to: "..2026_2")
        #expect(live.reloadIfChanged() == .replaced(with: try SampleRings.ring(1, 2)))
    }

    @Test func `what was changed between the start and the first look is seen`() throws {
        let live = try live()
        try folder.replace(with: SampleRings.ring(1, 2))
        #expect(live.reloadIfChanged() == .replaced(with: try SampleRings.ring(1, 2)))
    }

    @Test func `a file of the same length and time is another if it was written over`() throws {
        let live = try live()
        live.reloadIfChanged()
        var before = stat()
        #expect(stat(folder.path(), &before) == 0)
        let next = try SampleRings.ring(2)
        try folder.overwrite(with: KeyringFolder.text(next))
        #expect(utimensat(AT_FDCWD, folder.path(), [before.st_atim, before.st_mtim], 0) == 0)
        #expect(live.reloadIfChanged() == .replaced(with: next))
    }

    @Test func `a file that has just been changed is read at every look, for file times have gaps`() throws {
        var information = stat()
        #expect(stat(folder.path(), &information) == 0)
        let changed = Timestamp(secondsSinceEpoch: Int64(information.st_ctim.tv_sec))
        let source = KeyringSource.path(folder.path())
        let ring = try source.load(.state)
        for (age, isRead) in [(-60, true), (0, true), (1, true), (2, false), (60, false)] {
            let live = LiveKeyring(ring, from: source, now: { changed + .seconds(age) })
            live.reloadIfChanged()
            // Another ring in force than the file's: only reading tells.
            live.reference.replace(with: try SampleRings.ring(1, 2))
            #expect(live.reloadIfChanged() == (isRead ? .replaced(with: ring) : .unchanged), "\(age)")
        }
    }

    @Test func `a file that could not be taken is tried again at every look`() throws {
        let live = try live()
        let other = try SampleRings.ring(1, deploymentID: "d_other")
        try folder.replace(with: other)
        live.reloadIfChanged()
        #expect(live.status.problem == .otherDeployment(expected: "d_test", found: "d_other"))
        live.reference.replace(with: other)
        #expect(live.reloadIfChanged() == .restored)
    }

    @Test func `the same ring in another formatting is no other ring`() throws {
        let live = try live()
        let document = try JSONSerialization.jsonObject(
            with: Data(KeyringFolder.text(live.reference.current).utf8))
        let compact = try JSONSerialization.data(withJSONObject: document)
        try folder.replace(with: String(decoding: compact, as: UTF8.self))
        #expect(live.reloadIfChanged() == .unchanged && live.reload() == .unchanged)
        #expect(live.status == LiveKeyring.Status() && observed.outcomes.isEmpty)
    }

    @Test func `JSON from the environment stays as it is`() throws {
        let ring = try SampleRings.ring(1)
        let live = try LiveKeyring(.json(KeyringFolder.text(ring)), purpose: .state)
        #expect(live.reload() == .unchanged && live.reloadIfChanged() == .unchanged)
        #expect(!live.keyIsUnknown(KeyID(rawValue: 2)))
        #expect(live.reference.current == ring && !live.isMountedAlone)
    }

    @Test func `the source of a keyring shows no JSON`() throws {
        let source = KeyringSource.json(try KeyringFolder.text(SampleRings.ring(1)))
        var dumped = ""
        dump(source, to: &dumped)
        #expect("\(source) \(String(reflecting: source)) \(dumped)".contains("material") == false)
    }

    // MARK: A key that is unknown

    @Test func `an unknown key makes it look at once`() throws {
        let live = try live()
        try folder.replace(with: SampleRings.ring(1, 2))
        #expect(live.keyIsUnknown(KeyID(rawValue: 2)))
        #expect(try live.reference.current == SampleRings.ring(1, 2))
    }

    @Test func `and that at most once a second, whichever key it is`() throws {
        let live = try live()
        #expect(!live.keyIsUnknown(KeyID(rawValue: 2)))
        try folder.replace(with: SampleRings.ring(1, 2, 3))
        #expect(!live.keyIsUnknown(KeyID(rawValue: 3)))
        stopwatch.advance(by: .milliseconds(999))
        #expect(!live.keyIsUnknown(KeyID(rawValue: 2)))
        stopwatch.advance(by: .milliseconds(1))
        #expect(live.keyIsUnknown(KeyID(rawValue: 2)))
        #expect(live.keyIsUnknown(KeyID(rawValue: 3)), "there already: no look is needed")
    }

    @Test func `a key that no file has stays unknown, and the ring stays`() throws {
        let live = try live()
        #expect(!live.keyIsUnknown(KeyID(rawValue: 9)))
        #expect(try live.reference.current == SampleRings.ring(1) && observed.outcomes.isEmpty)
    }

    // MARK: Many at once

    @Test func `S26 readers never see a mixture of two rings`() async throws {
        let odd = try SampleRings.ring(1, 3, 5, 7)
        let even = try SampleRings.ring(2, 4, 6, 8)
        try folder.replace(with: odd)
        let live = try live()
        let sealer = Sealer(live.reference)
        let rings = [Set(odd.keys.map(\.id)), Set(even.keys.map(\.id))]
        let running = Running()
        let reads = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var count = 0
                    let message = Array("text".utf8)
                    while running.goesOn {
                        #expect(rings.contains(Set(live.reference.current.keys.map(\.id))))
                        _ = try sealer.seal(
                            message.span, as: .state, context: message.span, at: SampleRings.start)
                        count += 1
                        await Task.yield()
                    }
                    return count
                }
            }
            for _ in 0..<2 {
                group.addTask {
                    while running.goesOn {
                        live.reload()
                        await Task.yield()
                    }
                    return 0
                }
            }
            for round in 0..<100 {
                try folder.replace(with: round.isMultiple(of: 2) ? even : odd)
                try await Task.sleep(for: .milliseconds(2))
            }
            running.end()
            return try await group.reduce(0, +)
        }
        #expect(reads > 100)
        live.reload()
        #expect(live.reference.current == odd)
    }

    @Test func `of callbacks that come together with a new key, all find it`() async throws {
        let live = try live()
        try folder.replace(with: SampleRings.ring(1, 2))
        let found = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 { group.addTask { live.keyIsUnknown(KeyID(rawValue: 2)) } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(found == 50)
        #expect(observed.outcomes.count == 1)
    }
}
