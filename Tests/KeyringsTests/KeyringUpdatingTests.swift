import Foundation
import Keyrings
import StateTokens
import Testing

@Suite("KeyringFile updates") struct KeyringUpdatingTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "keyrings-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try KeyringFile.create(Keyring.make(purpose: .state), at: path())
    }

    private func path(_ name: String = "state.keyring") -> String { folder.appending(path: name).path }

    private var fileNames: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
    }

    private func attribute(_ key: FileAttributeKey, of path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[key] as? Int
    }

    private static func rotate(_ ring: Keyring) throws(KeyringChangeError) -> Keyring {
        try ring.rotated(at: .now()).keyring
    }

    private static func adding(_ key: Key, to ring: Keyring) throws(KeyringChangeError) -> Keyring {
        do {
            return try Keyring(purpose: .state, deploymentID: ring.deploymentID, keys: ring.keys + [key])
        } catch {
            throw .keyring(error)
        }
    }

    @Test func `a change is in the file, and nothing else is left`() throws {
        let before = try KeyringFile.load(path(), purpose: .state)
        let after = try KeyringFile.update(path(), purpose: .state, Self.rotate)
        #expect(after.keys.count == 2)
        #expect(try KeyringFile.load(path(), purpose: .state) == after)
        #expect(after.keys.contains(before.keys[0]))
        #expect(try fileNames == ["state.keyring"])
    }

    @Test(arguments: [0o600, 0o400, 0o440, 0o640]) func `mode and owner are kept`(_ mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path())
        let group = gid_t(getegid() == 0 ? 12_345 : getegid())
        #expect(chown(path(), geteuid(), group) == 0)
        try KeyringFile.update(path(), purpose: .state, Self.rotate)
        #expect(try attribute(.posixPermissions, of: path()) == mode)
        #expect(try attribute(.groupOwnerAccountID, of: path()) == Int(group))
    }

    @Test func `a folder stands for the file in it, and a link stays a link`() throws {
        try KeyringFile.update(folder.path, purpose: .state, Self.rotate)
        #expect(try KeyringFile.load(path(), purpose: .state).keys.count == 2)
        try FileManager.default.createSymbolicLink(
            atPath: path("link.keyring"), withDestinationPath: "state.keyring")
        try KeyringFile.update(path("link.keyring"), purpose: .state) { ring throws(KeyringChangeError) in
            try ring.disabled([ring.keys[0].id], at: .now())
        }
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: path("link.keyring")) == "state.keyring"
        )
        #expect(try KeyringFile.load(path(), purpose: .state).keys[0].status == .disabled)
    }

    @Test func `what changes nothing writes nothing`() throws {
        let before = try attribute(.systemFileNumber, of: path())
        try KeyringFile.update(path(), purpose: .state) { ring throws(KeyringChangeError) in ring }
        #expect(try attribute(.systemFileNumber, of: path()) == before)
    }

    @Test func `a change that is refused writes nothing, and says why`() throws {
        let before = try Data(contentsOf: URL(filePath: path()))
        let id = KeyID(rawValue: 1)
        #expect(throws: KeyringFileError.change(.unknownKey(id))) {
            try KeyringFile.update(path(), purpose: .state) { ring throws(KeyringChangeError) in
                try ring.retired(id, at: .now())
            }
        }
        #expect(try Data(contentsOf: URL(filePath: path())) == before)
        #expect(try fileNames == ["state.keyring"])
    }

    @Test func `S25 a bad file is neither read nor written over`() throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path())
        #expect(throws: KeyringFileError.tooOpen(path: path(), mode: 0o644)) {
            try KeyringFile.update(path(), purpose: .state, Self.rotate)
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path())
        #expect(throws: KeyringFileError.wrongPurpose(expected: .connections, found: .state)) {
            try KeyringFile.update(path(), purpose: .connections, Self.rotate)
        }
        #expect(throws: KeyringFileError.notFound(path: path("other"))) {
            try KeyringFile.update(path("other"), purpose: .state, Self.rotate)
        }
    }

    @Test func `a Kubernetes volume is not written through`() throws {
        let volume = folder.appending(path: "volume")
        let version = volume.appending(path: "..2026_01_01_00_00_00.1234")
        try FileManager.default.createDirectory(at: version, withIntermediateDirectories: true)
        try FileManager.default.moveItem(
            atPath: path(), toPath: version.appending(path: "state.keyring").path)
        try FileManager.default.createSymbolicLink(
            atPath: volume.appending(path: "..data").path, withDestinationPath: version.lastPathComponent)
        let file = volume.appending(path: "state.keyring").path
        try FileManager.default.createSymbolicLink(
            atPath: file, withDestinationPath: "..data/state.keyring")
        let ring = try KeyringFile.load(volume.path, purpose: .state)
        for path in [volume.path, file] {
            #expect(throws: KeyringFileError.mounted(path: file)) {
                try KeyringFile.update(path, purpose: .state, Self.rotate)
            }
        }
        #expect(try KeyringFile.load(volume.path, purpose: .state) == ring)
    }

    @Test func `who holds the lock is named when waiting has run out`() throws {
        let descriptor = open(path(), O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        #expect(flock(descriptor, LOCK_EX) == 0)
        #expect(throws: KeyringFileError.locked(path: path(), holder: getpid())) {
            try KeyringFile.update(path(), purpose: .state, waiting: .milliseconds(100), Self.rotate)
        }
        #expect(flock(descriptor, LOCK_UN) == 0)
        try KeyringFile.update(path(), purpose: .state, waiting: .zero, Self.rotate)
    }

    @Test func `a reader needs no lock`() throws {
        let descriptor = open(path(), O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        #expect(flock(descriptor, LOCK_EX) == 0)
        #expect(try KeyringFile.load(path(), purpose: .state).keys.count == 1)
    }

    @Test func `of many changes at once none is lost, and readers see whole rings only`() async throws {
        let path = path()
        let reading = Task.detached {
            var count = 0
            while !Task.isCancelled {
                let ring = try KeyringFile.load(path, purpose: .state)
                #expect(ring.keys.count >= count)
                count = ring.keys.count
                await Task.yield()
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let key = try Key.make(created: .now(), activates: .now() + .seconds(number))
                    try KeyringFile.update(path, purpose: .state, waiting: .seconds(60)) {
                        ring throws(KeyringChangeError) in try Self.adding(key, to: ring)
                    }
                }
            }
            try await group.waitForAll()
        }
        reading.cancel()
        try await reading.value
        #expect(try KeyringFile.load(path, purpose: .state).keys.count == 41)
        #expect(try fileNames == ["state.keyring"])
    }

    @Test func `what killed writers left is removed, and what is being written stays`() throws {
        let names = ["state.keyring.1abc.new", "state.keyring.2.new"]
        for name in names { try Data("secret".utf8).write(to: folder.appending(path: name)) }
        let others = ["state.keyring.bak", "other.1abc.new", "state.keyring.new"]
        for name in others { try Data().write(to: folder.appending(path: name)) }
        let alive = open(path(names[1]), O_RDONLY | O_CLOEXEC)
        defer { close(alive) }
        #expect(flock(alive, LOCK_EX) == 0)
        try KeyringFile.update(path(), purpose: .state) { ring throws(KeyringChangeError) in ring }
        #expect(try fileNames == (others + ["state.keyring", names[1]]).sorted())
        #expect(flock(alive, LOCK_UN) == 0)
        try FileManager.default.removeItem(atPath: path())
        try KeyringFile.create(Keyring.make(purpose: .state), at: path())
        #expect(try fileNames == (others + ["state.keyring"]).sorted())
    }
}
