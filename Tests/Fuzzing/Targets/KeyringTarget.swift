import Keyrings
import StateTokens

/// Keyring files and Tink's keysets: what was read is written again, and reads the same.
struct KeyringTarget: FuzzTarget {
    init() {}

    mutating func read(_ input: [UInt8]) throws -> Count {
        var count = Count(tried: 3)
        for purpose in [Keyring.Purpose.state, .connections] {
            guard let ring = try? KeyringDocument.parse(input, purpose: purpose) else { continue }
            count.accepted += 1
            try expectKept(ring)
            expect(ring.purpose == purpose)
        }
        let keyset = try? TinkKeyset.keyring(
            input, purpose: .state, deploymentID: "d_fuzz", at: FuzzKeys.start)
        if let keyset {
            count.accepted += 1
            try expectKept(keyset)
            let again = try TinkKeyset.keyring(
                TinkKeyset.json(keyset, at: FuzzKeys.start), purpose: .state, deploymentID: "d_fuzz",
                at: FuzzKeys.start)
            expect(again == keyset, "a keyset that reads differently when it is written again")
        }
        return count
    }

    private func expectKept(_ ring: Keyring) throws {
        let again = try KeyringDocument.parse(KeyringDocument.json(ring), purpose: ring.purpose)
        expect(again == ring, "a ring that reads differently when it is written again")
        expect(Set(ring.keys.map(\.id)).count == ring.keys.count)
    }
}
