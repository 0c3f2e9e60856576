import Foundation
import Keyrings
import StateTokens
import Testing

@Suite("KeyringFile") struct KeyringFileTests {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "keyrings-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func path(_ name: String = "state.keyring") -> String { folder.appending(path: name).path }

    private func mode(_ mode: Int, of path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    @Test func `a new keyring is for its owner alone, and loads`() throws {
        let ring = try Keyring.make(purpose: .state)
        try KeyringFile.create(ring, at: path())
        let attributes = try FileManager.default.attributesOfItem(atPath: path())
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try KeyringFile.load(path(), purpose: .state) == ring)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["state.keyring"])
    }

    @Test func `a folder stands for the file in it`() throws {
        let ring = try Keyring.make(purpose: .state)
        try KeyringFile.create(ring, at: path())
        #expect(try KeyringFile.load(folder.path, purpose: .state) == ring)
        #expect(throws: KeyringFileError.notFound(path: path("connections.keyring"))) {
            try KeyringFile.load(folder.path, purpose: .connections)
        }
    }

    @Test func `a keyring is never overwritten`() throws {
        try KeyringFile.create(Keyring.make(purpose: .state), at: path())
        let before = try Data(contentsOf: URL(filePath: path()))
        #expect(throws: KeyringFileError.alreadyExists(path: path())) {
            try KeyringFile.create(Keyring.make(purpose: .state), at: path())
        }
        #expect(try Data(contentsOf: URL(filePath: path())) == before)
    }

    @Test(arguments: [0o604, 0o644, 0o602, 0o601, 0o620, 0o660, 0o666, 0o777, 0o444])
    func `S25 a file that others can reach or the group can write is refused`(_ mode: Int) throws {
        try KeyringFile.create(Keyring.make(purpose: .state), at: path())
        try self.mode(mode, of: path())
        #expect(throws: KeyringFileError.tooOpen(path: path(), mode: UInt32(mode))) {
            try KeyringFile.load(path(), purpose: .state)
        }
    }

    @Test(arguments: [0o400, 0o440, 0o600, 0o640]) func `other modes are fine`(_ mode: Int) throws {
        try KeyringFile.create(Keyring.make(purpose: .state), at: path())
        try self.mode(mode, of: path())
        _ = try KeyringFile.load(path(), purpose: .state)
    }

    @Test func `what is not there, or no file, is named`() throws {
        #expect(throws: KeyringFileError.notFound(path: path())) {
            try KeyringFile.load(path(), purpose: .state)
        }
        try FileManager.default.createDirectory(
            atPath: path("state.keyring"), withIntermediateDirectories: true)
        #expect(throws: KeyringFileError.notAFile(path: path())) {
            try KeyringFile.load(folder.path, purpose: .state)
        }
        #expect(throws: KeyringFileError.notFound(path: "/nowhere/at/all/x")) {
            try KeyringFile.create(Keyring.make(purpose: .state), at: "/nowhere/at/all/x")
        }
    }

    @Test func `a file of more than a mebibyte is refused`() throws {
        _ = FileManager.default.createFile(
            atPath: path(), contents: Data(repeating: 0x20, count: 1 << 20 + 1),
            attributes: [.posixPermissions: 0o600])
        #expect(throws: KeyringFileError.tooLarge(path: path())) {
            try KeyringFile.load(path(), purpose: .state)
        }
    }
}
