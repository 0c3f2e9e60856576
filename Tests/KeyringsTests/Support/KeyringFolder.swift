import Foundation
import Keyrings
import StateTokens

/// A folder with keyrings in it, gone with this value.
final class KeyringFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "keyrings-\(UUID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        do {
            try FileManager.default.removeItem(at: url)
        } catch {
            print("left behind: \(url.path)")
        }
    }

    func path(_ name: String = "state.keyring") -> String { url.appending(path: name).path }

    /// Puts a file in place in one step, as `mv` does.
    func replace(_ name: String = "state.keyring", with text: String, mode: Int = 0o600) throws {
        let temporary = path("\(UUID())")
        try write(text, to: temporary, mode: mode)
        guard rename(temporary, path(name)) == 0 else { throw POSIXError(.EIO) }
    }

    func replace(_ name: String = "state.keyring", with ring: Keyring) throws {
        try replace(name, with: Self.text(ring))
    }

    /// Writes into the file that is there.
    func overwrite(_ name: String = "state.keyring", with text: String) throws {
        let file = try FileHandle(forWritingTo: url.appending(path: name))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }

    func write(_ text: String, to path: String, mode: Int = 0o600) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
    }

    /// Puts a link in place in one step, as Kubernetes does with `..data`.
    func link(_ name: String, to target: String) throws {
        let temporary = path("\(UUID())")
        try FileManager.default.createSymbolicLink(atPath: temporary, withDestinationPath: target)
        guard rename(temporary, path(name)) == 0 else { throw POSIXError(.EIO) }
    }

    static func text(_ ring: Keyring) throws -> String {
        String(decoding: try KeyringDocument.json(ring), as: UTF8.self)
    }
}
