import Keyrings
import StateTokens
import Testing

@Suite("Retiring and disabling keys") struct KeyringRetiringTests {
    private let now = Rings.now

    @Test func `a superseded key is retired`() throws {
        let ring = try Rings.ring(Rings.key(1, activates: -20_000), Rings.key(2), purpose: .connections)
        let retired = try ring.retired(Rings.id(1), at: now)
        #expect(retired[Rings.id(1)]?.status == .retired)
        #expect(retired[Rings.id(2)] == ring[Rings.id(2)])
        #expect(try retired.retired(Rings.id(1), at: now) == retired)
    }

    @Test func `a rotation is called off by retiring its key`() throws {
        let rotation = try Rings.ring(Rings.key(1)).rotated(at: now)
        let off = try rotation.keyring.retired(rotation.keyID, at: now)
        #expect(off.sealingKey(at: now + .seconds(10_000))?.id == Rings.id(1))
        #expect(off.nextActivation(after: now) == nil)
        #expect(try off.rotated(at: now).isNew)
    }

    @Test func `the only key that seals is not retired`() throws {
        #expect(throws: KeyringChangeError.nothingElseSeals(Rings.id(1), next: nil)) {
            try Rings.ring(Rings.key(1)).retired(Rings.id(1), at: now)
        }
        let next = try Rings.ring(Rings.key(1), Rings.key(2, activates: 60))
        #expect(throws: KeyringChangeError.nothingElseSeals(Rings.id(1), next: now + .seconds(60))) {
            try next.retired(Rings.id(1), at: now)
        }
        let unscheduled = try Rings.ring(Rings.key(1), Rings.key(2, activates: nil))
        #expect(throws: KeyringChangeError.nothingElseSeals(Rings.id(1), next: nil)) {
            try unscheduled.retired(Rings.id(1), at: now)
        }
        let later = try next.retired(Rings.id(1), at: now + .seconds(60))
        #expect(later.sealingKey(at: now + .seconds(60))?.id == Rings.id(2))
    }

    @Test func `what is disabled or not there is not retired`() throws {
        let ring = try Rings.ring(Rings.key(1, status: .disabled), Rings.key(2))
        #expect(throws: KeyringChangeError.disabled(Rings.id(1))) { try ring.retired(Rings.id(1), at: now) }
        #expect(throws: KeyringChangeError.unknownKey(Rings.id(3))) { try ring.retired(Rings.id(3), at: now) }
        #expect(throws: KeyringChangeError.unknownKey(Rings.id(3))) {
            try ring.disabled([Rings.id(3)], at: now)
        }
    }

    @Test func `S33 disabling the only sealing key adds one that seals at once`() throws {
        let ring = try Rings.ring(Rings.key(1)).disabled([Rings.id(1)], at: now)
        #expect(ring[Rings.id(1)]?.status == .disabled)
        let successor = try #require(ring.sealingKey(at: now))
        #expect(ring.keys.count == 2)
        #expect((successor.created, successor.activates) == (now, now))
        #expect(try ring.disabled([Rings.id(1)], at: now) == ring)
    }

    @Test(arguments: [60, nil] as [Int64?])
    func `S33 a key that was to follow is brought forward`(_ activates: Int64?) throws {
        let ring = try Rings.ring(Rings.key(1), Rings.key(2, activates: activates))
        let disabled = try ring.disabled([Rings.id(1)], at: now)
        #expect(disabled.keys.count == 2)
        #expect(disabled.sealingKey(at: now)?.id == Rings.id(2))
        #expect(disabled[Rings.id(2)]?.activates == now)
        #expect(disabled[Rings.id(2)]?.material == ring[Rings.id(2)]?.material)
    }

    @Test func `S33 with all keys of a file that was seen a new one takes over`() throws {
        let ring = try Rings.ring(Rings.key(1), Rings.key(2, activates: 60), Rings.key(3, activates: nil))
        let disabled = try ring.disabled([1, 2, 3].map { Rings.id($0) }, at: now)
        #expect(disabled.keys.count == 4)
        #expect(disabled.keys.count { $0.status == .disabled } == 3)
        #expect(disabled[Rings.id(2)]?.activates == now + .seconds(60))
        let successor = try #require(disabled.sealingKey(at: now))
        #expect(ring[successor.id] == nil)
    }

    @Test func `disabling another key changes nothing else`() throws {
        let ring = try Rings.ring(Rings.key(1, activates: -20_000), Rings.key(2), Rings.key(3, activates: 60))
        for number: UInt32 in [1, 3] {
            let disabled = try ring.disabled([Rings.id(number)], at: now)
            #expect(disabled.sealingKey(at: now)?.id == Rings.id(2))
            #expect(
                disabled.keys.filter { $0.id != Rings.id(number) }
                    == ring.keys.filter { $0.id != Rings.id(number) })
        }
    }

    @Test func `an older key that still opens seals again before a new one is made`() throws {
        let ring = try Rings.ring(Rings.key(1, activates: -20_000), Rings.key(2))
        let disabled = try ring.disabled([Rings.id(2)], at: now)
        #expect(disabled.sealingKey(at: now)?.id == Rings.id(1))
        #expect(disabled.keys.count == 2)
    }
}
