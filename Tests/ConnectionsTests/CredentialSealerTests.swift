import StateTokens
import Testing

@testable import Connections

@Suite("CredentialSealer") struct CredentialSealerTests {
    private let now = Timestamp(secondsSinceEpoch: 1_800_000_000)
    private let here: CredentialLocation
    private let sealer: CredentialSealer

    init() throws {
        here = CredentialLocation(workspaceID: "wsp_one", connectionID: try .random())
        sealer = CredentialSealer(try Self.makeSealer())
    }

    @Test(arguments: Sample.credentials) func `what was sealed opens where it was sealed`(
        _ credentials: Credentials
    ) throws {
        let sealed = try sealer.seal(credentials, at: here, now: now)
        #expect(sealed.keyID == KeyID(rawValue: 0x1f3a_9c02))
        #expect(try sealer.open(sealed, at: here) == credentials)
    }

    @Test func `credentials copied to another row do not open`() throws {
        let there = CredentialLocation(workspaceID: here.workspaceID, connectionID: try .random())
        try expectForged(there)
    }

    @Test(arguments: ["wsp_two", "", "wsp_one\0", "WSP_ONE"])
    func `S22 credentials copied to another workspace do not open`(_ workspaceID: String) throws {
        try expectForged(CredentialLocation(workspaceID: workspaceID, connectionID: here.connectionID))
    }

    @Test(arguments: ["credential", "credentialss", "", "config"])
    func `credentials copied to another column do not open`(_ column: String) throws {
        try expectForged(
            CredentialLocation(
                workspaceID: here.workspaceID, connectionID: here.connectionID, column: column))
    }

    @Test(arguments: ["d_two", "", "d_onew"]) func `credentials of another deployment do not open`(
        _ deploymentID: String
    ) throws {
        let sealed = try sealer.seal(Sample.full, at: here, now: now)
        let other = CredentialSealer(try Self.makeSealer(deploymentID: deploymentID))
        #expect(throws: CredentialError.unopened(.forged)) { try other.open(sealed, at: here) }
    }

    @Test func `S04 a boundary that moves between two fields does not open`() throws {
        let id = here.connectionID
        let location = CredentialLocation(workspaceID: "x\0\0\0\u{1}b", connectionID: id)
        let sealed = try sealer.seal(Sample.full, at: location, now: now)
        let other = CredentialSealer(try Self.makeSealer(deploymentID: "d_one\0\0\0\u{6}x"))
        #expect(throws: CredentialError.unopened(.forged)) {
            try other.open(sealed, at: CredentialLocation(workspaceID: "b", connectionID: id))
        }
        let inner = try ConnectionID.random()
        let long = CredentialLocation(workspaceID: "w", connectionID: id, column: "\(inner)c")
        let moved = CredentialLocation(workspaceID: "w\(id)", connectionID: inner, column: "c")
        let contents = try sealer.seal(Sample.full, at: long, now: now)
        #expect(throws: CredentialError.unopened(.forged)) { try sealer.open(contents, at: moved) }
    }

    @Test func `S05 what was sealed for another purpose is no credentials`() throws {
        let sealer = try Self.makeSealer()
        let contents = Sample.full.encoded
        let context = here.context(deploymentID: "d_one")
        for purpose in [Purpose.state, .ticket] {
            let octets = try sealer.seal(contents.span, as: purpose, context: context.span, at: now)
            let sealed = SealedCredentials(octets: octets, keyID: KeyID(rawValue: 0x1f3a_9c02))
            #expect(throws: CredentialError.unopened(.forged)) { try self.sealer.open(sealed, at: here) }
        }
    }

    @Test func `a changed octet does not open`() throws {
        let sealed = try sealer.seal(Sample.full, at: here, now: now)
        for index in sealed.octets.indices {
            var octets = sealed.octets
            octets[index] ^= 1
            let changed = SealedCredentials(octets: octets, keyID: sealed.keyID)
            #expect(throws: CredentialError.self) { try sealer.open(changed, at: here) }
        }
    }

    @Test func `credentials under a key that is gone name it`() throws {
        let sealed = try sealer.seal(Sample.full, at: here, now: now)
        let other = CredentialSealer(try Self.makeSealer(keyID: 7))
        #expect(throws: CredentialError.unopened(.unknownKey(sealed.keyID))) {
            try other.open(sealed, at: here)
        }
    }

    @Test(arguments: [[], [1], [UInt8](repeating: 0, count: 200)])
    func `octets that nobody sealed do not open`(_ octets: [UInt8]) throws {
        let sealed = SealedCredentials(octets: octets, keyID: KeyID(rawValue: 1))
        #expect(throws: CredentialError.self) { try sealer.open(sealed, at: here) }
    }

    private func expectForged(_ there: CredentialLocation) throws {
        let sealed = try sealer.seal(Sample.full, at: here, now: now)
        #expect(throws: CredentialError.unopened(.forged)) { try sealer.open(sealed, at: there) }
    }

    private static func makeSealer(
        deploymentID: String = "d_one", keyID: UInt32 = 0x1f3a_9c02
    ) throws -> Sealer {
        let octets = (0..<64).map { UInt8($0) }
        let material = try KeyMaterial(octets: octets.span)
        let start = Timestamp(secondsSinceEpoch: 1_700_000_000)
        let key = Key(id: KeyID(rawValue: keyID), material: material, created: start, activates: start)
        return Sealer(
            KeyringReference(try Keyring(purpose: .connections, deploymentID: deploymentID, keys: [key])))
    }
}
