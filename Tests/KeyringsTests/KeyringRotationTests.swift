import Keyrings
import StateTokens
import Testing

@Suite("Keyring rotation") struct KeyringRotationTests {
    private let now = Rings.now
    /// Propagation and skew of the rings here.
    private let spread = Duration.seconds(660)

    @Test
    func
        `S26 a new key seals when every replica has it, and the old one may go a day after its last session`()
        throws
    {
        let ring = try Rings.ring(Rings.key(1))
        let rotation = try ring.rotated(at: now)
        #expect(rotation.isNew)
        #expect(rotation.published == now)
        #expect(rotation.reachesAllReplicas == now + .seconds(600))
        #expect(rotation.seals == now + spread)
        #expect(rotation.supersededKeyID == Rings.id(1))
        #expect(rotation.supersededKeyMayGo == now + spread + .seconds(1_800 + 120 + 86_400))
        #expect(rotation.keyring.sealingKey(at: now)?.id == Rings.id(1))
        #expect(rotation.keyring.sealingKey(at: now + spread)?.id == rotation.keyID)
        #expect(rotation.keyring[Rings.id(1)] == ring[Rings.id(1)])
        #expect(rotation.keyring.keys.count == 2)
    }

    @Test func `a connections ring rotates in the same way, and only the rows say when the old key may go`()
        throws
    {
        let rotation = try Rings.ring(Rings.key(1), purpose: .connections).rotated(at: now)
        #expect(rotation.seals == now + spread)
        #expect(rotation.supersededKeyMayGo == nil)
    }

    @Test(arguments: [0, 1, 30, 659])
    func `a second rotation makes no second key while the first one's waits`(
        _ later: Int
    ) throws {
        let first = try Rings.ring(Rings.key(1)).rotated(at: now)
        let second = try first.keyring.rotated(at: now + .seconds(later))
        #expect(!second.isNew)
        #expect(second.keyring == first.keyring)
        #expect(second.keyID == first.keyID)
        #expect(second.seals == first.seals)
        #expect(second.supersededKeyID == Rings.id(1))
    }

    @Test func `once a key seals the next rotation makes another`() throws {
        let first = try Rings.ring(Rings.key(1)).rotated(at: now)
        let second = try first.keyring.rotated(at: now + spread)
        #expect(second.isNew)
        #expect(second.supersededKeyID == first.keyID)
        #expect(second.keyring.keys.count == 3)
    }

    @Test(arguments: [0, 1, 600, 659]) func `S26 an activation before every replica has the key is refused`(
        _ later: Int
    ) throws {
        let ring = try Rings.ring(Rings.key(1))
        #expect(throws: KeyringChangeError.activationTooEarly(earliest: now + spread)) {
            try ring.rotated(at: now, activation: now + .seconds(later))
        }
        let forced = try ring.rotated(at: now, activation: now + .seconds(later), isForced: true)
        #expect(forced.seals == now + .seconds(later))
    }

    @Test func `a later activation is taken as it is`() throws {
        let activation = now + .seconds(661)
        let rotation = try Rings.ring(Rings.key(1)).rotated(at: now, activation: activation)
        #expect(rotation.seals == activation)
    }

    @Test(arguments: [true, false]) func `nothing is made to seal in the past`(_ isForced: Bool) throws {
        #expect(throws: KeyringChangeError.activationInPast) {
            try Rings.ring(Rings.key(1)).rotated(
                at: now, activation: now - .seconds(1), isForced: isForced)
        }
    }

    @Test func `another time for a key that is scheduled is refused`() throws {
        let first = try Rings.ring(Rings.key(1)).rotated(at: now)
        #expect(throws: KeyringChangeError.alreadyScheduled(first.keyID, now + spread)) {
            try first.keyring.rotated(at: now, activation: now + .seconds(700))
        }
        #expect(try !first.keyring.rotated(at: now, activation: now + spread).isNew)
    }

    @Test func `where nothing seals a new key does at once`() throws {
        let ring = try Rings.ring(Rings.key(1, status: .disabled), Rings.key(2, status: .retired))
        for rotation in [try ring.rotated(at: now), try ring.published(at: now)] {
            #expect(rotation.seals == now)
            #expect(rotation.supersededKeyID == nil)
            #expect(rotation.keyring.sealingKey(at: now)?.id == rotation.keyID)
        }
    }

    @Test func `a key is published without a time, and scheduled in a second write`() throws {
        let published = try Rings.ring(Rings.key(1)).published(at: now)
        #expect(published.isNew)
        #expect(published.seals == nil)
        #expect(published.supersededKeyMayGo == nil)
        #expect(published.keyring.sealingKey(at: now + .seconds(1_000_000))?.id == Rings.id(1))
        let again = try published.keyring.published(at: now + .seconds(5))
        #expect(!again.isNew)
        #expect(again.keyring == published.keyring)
        let scheduled = try published.keyring.scheduled(
            published.keyID, activation: now + .seconds(60), at: now)
        #expect(scheduled.sealingKey(at: now + .seconds(60))?.id == published.keyID)
        #expect(published.with(scheduled).seals == now + .seconds(60))
        #expect(try scheduled.published(at: now).keyring == scheduled)
    }

    @Test func `a rotation that was broken off between its writes is taken up, not begun again`() throws {
        let published = try Rings.ring(Rings.key(1)).published(at: now)
        let resumed = try published.keyring.rotated(at: now + .seconds(10))
        #expect(!resumed.isNew)
        #expect(resumed.keyID == published.keyID)
        #expect(resumed.keyring.keys.count == 2)
        #expect(resumed.seals == now + .seconds(10) + spread)
        #expect(resumed.keyring[published.keyID]?.material == published.keyring[published.keyID]?.material)
    }

    @Test func `only a published key is scheduled, and not for the past`() throws {
        let ring = try Rings.ring(
            Rings.key(1), Rings.key(2, activates: nil), Rings.key(3, activates: nil, status: .retired))
        #expect(throws: KeyringChangeError.notUnscheduled(Rings.id(1))) {
            try ring.scheduled(Rings.id(1), activation: now, at: now)
        }
        #expect(throws: KeyringChangeError.notUnscheduled(Rings.id(3))) {
            try ring.scheduled(Rings.id(3), activation: now, at: now)
        }
        #expect(throws: KeyringChangeError.unknownKey(Rings.id(9))) {
            try ring.scheduled(Rings.id(9), activation: now, at: now)
        }
        #expect(throws: KeyringChangeError.activationInPast) {
            try ring.scheduled(Rings.id(2), activation: now - .seconds(1), at: now)
        }
    }

    @Test func `S25 a new key never has the id or the material of another`() throws {
        var ring = try Rings.ring(Rings.key(1))
        for step in 0..<50 {
            ring = try ring.rotated(at: now + .seconds(step * 1000)).keyring
        }
        #expect(Set(ring.keys.map(\.id)).count == 51)
        #expect(ring.keysThatFail().isEmpty)
    }
}
