import Keyrings
import StateTokens
import TestSupport
import Testing

/// Rings in a folder, whose keys have small numbers as their ids and are scheduled from now on.
struct RingSamples {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static func id(_ number: UInt32) -> KeyID { KeyID(rawValue: number) }

    static func key(
        _ number: UInt32, activates: Int64? = -10_000, status: Key.Status = .enabled
    ) throws -> Key {
        let now = Timestamp.now()
        return Key(
            id: id(number), material: try .random(), created: now - .seconds(1_000_000),
            activates: activates.map { now + .seconds($0) }, status: status)
    }

    /// Puts a ring into the folder, as `state.keyring` or `connections.keyring`.
    @discardableResult
    func write(
        _ keys: Key..., purpose: Keyring.Purpose = .state, propagation: Int = 600, skew: Int = 60
    ) throws -> Keyring {
        try write(keys, purpose: purpose, propagation: propagation, skew: skew)
    }

    @discardableResult
    func write(
        _ keys: [Key], purpose: Keyring.Purpose, propagation: Int = 600, skew: Int = 60
    ) throws -> Keyring {
        let ring = try Keyring(
            purpose: purpose, deploymentID: "d_test", propagation: .seconds(propagation),
            skew: .seconds(skew), keys: keys)
        try KeyringFile.create(ring, at: folder.path(of: "\(purpose.rawValue).keyring"))
        return ring
    }

    func ring(_ purpose: Keyring.Purpose = .state) throws -> Keyring {
        try KeyringFile.load(folder.path, purpose: purpose)
    }

    /// Runs `symbolon keys …` and sees to it that no material was said.
    func keys(_ arguments: String..., keyring: String = "state.keyring") async throws -> CommandRun {
        var secrets: [KeyringSecrets] = []
        let isThere = try folder.fileNames.contains(keyring)
        if isThere { secrets.append(try KeyringSecrets(in: folder, keyring)) }
        let run = try await CommandRun(["keys"] + arguments + ["--keyring", keyring], in: folder)
        if isThere { secrets.append(try KeyringSecrets(in: folder, keyring)) }
        for secret in secrets { #expect(!secret.leak(in: run), "S23") }
        return run
    }
}
