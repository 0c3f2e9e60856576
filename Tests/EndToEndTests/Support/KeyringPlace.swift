import Foundation
import Keyrings
import StateTokens
import TestSupport

/// A keyring of a server, and the ways in which an operator puts another in its place.
struct KeyringPlace: Sendable {
    let folder: TemporaryFolder
    let purpose: Keyring.Purpose
    let path: String

    init(_ server: SymbolonServer, _ purpose: Keyring.Purpose = .state) {
        self.init(server.folder, purpose)
    }

    init(_ folder: TemporaryFolder, _ purpose: Keyring.Purpose = .state) {
        self.init(folder, purpose, path: ".symbolon/" + KeyringFile.name(for: purpose))
    }

    /// - Parameter path: in the folder.
    init(_ folder: TemporaryFolder, _ purpose: Keyring.Purpose = .state, path: String) {
        self.folder = folder
        self.purpose = purpose
        self.path = "\(folder.path)/\(path)"
    }

    func keyring() throws -> Keyring { try KeyringFile.load(path, purpose: purpose) }

    /// What `mv` does.
    func replace(with text: String, mode: Int = 0o600) throws {
        let name = UUID().uuidString
        let temporary = try folder.write(text, to: name)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: temporary)
        guard rename(temporary, path) == 0 else { throw POSIXError(.EIO) }
    }

    func replace(with ring: Keyring) throws { try replace(with: Self.text(ring)) }

    static func text(_ ring: Keyring) throws -> String {
        String(decoding: try KeyringDocument.json(ring), as: UTF8.self)
    }
}

extension Keyring {
    /// This ring with other keys.
    func with(_ keys: [Key], deploymentID: String? = nil) throws -> Keyring {
        try Keyring(
            purpose: purpose, deploymentID: deploymentID ?? self.deploymentID,
            maximumLifetime: maximumLifetime, propagation: propagation, skew: skew, keys: keys)
    }

    /// This ring with one key more, which waits for its time unless it is to seal at once.
    func withNewKey(sealing: Bool = false) throws -> Keyring {
        let now = Timestamp.now()
        return try with(keys + [Key.make(created: now, activates: sealing ? now : now + .seconds(3_600))])
    }

    /// This ring with every key that it has disabled, and a new one that seals.
    func compromised() throws -> Keyring {
        let disabled = keys.map { key in
            Key(
                id: key.id, material: key.material, created: key.created, activates: key.activates,
                status: .disabled)
        }
        return try with(disabled + [Key.make(created: .now(), activates: .now())])
    }
}
