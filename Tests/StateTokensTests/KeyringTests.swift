import Testing

@testable import StateTokens

@Suite("Keyring") struct KeyringTests {
    let now = TestKeys.start

    @Test func `S25 a ring without keys is refused`() {
        #expect(throws: KeyringError.noKeys) { try TestKeys.ring([]) }
    }

    @Test func `S25 two keys with one id are refused`() throws {
        let other = Key(
            id: KeyID(rawValue: 1), material: try TestKeys.material(9), created: now, activates: nil)
        #expect(throws: KeyringError.duplicateID(KeyID(rawValue: 1))) {
            try TestKeys.ring([TestKeys.key(1), other])
        }
    }

    @Test func `S25 two keys with one material are refused`() throws {
        let other = Key(
            id: KeyID(rawValue: 2), material: try TestKeys.material(1), created: now, activates: nil)
        #expect(throws: KeyringError.duplicateMaterial(KeyID(rawValue: 1), KeyID(rawValue: 2))) {
            try TestKeys.ring([TestKeys.key(1), other])
        }
    }

    @Test(arguments: [0, 32, 63, 65, 128]) func `S25 material of another length is refused`(_ count: Int) {
        #expect(throws: KeyringError.wrongMaterialLength(byteCount: count)) {
            let octets = [UInt8](repeating: 1, count: count)
            _ = try KeyMaterial(octets: octets.span)
        }
    }

    @Test(arguments: [(0, 600, 60), (-1, 600, 60), (600, -1, 60), (600, 600, -1)])
    func `durations that make no sense are refused`(_ lifetime: Int, _ propagation: Int, _ skew: Int) {
        #expect(throws: KeyringError.invalidDuration) {
            try Keyring(
                purpose: .state, deploymentID: "d", maximumLifetime: .seconds(lifetime),
                propagation: .seconds(propagation), skew: .seconds(skew), keys: [TestKeys.key(1)])
        }
    }

    @Test func `the key whose activation came last seals`() throws {
        let ring = try TestKeys.ring([
            TestKeys.key(1), TestKeys.key(2, activates: now + .seconds(10)), TestKeys.key(3, activates: nil),
        ])
        #expect(ring.sealingKey(at: now)?.id.rawValue == 1)
        #expect(ring.sealingKey(at: now + .seconds(9))?.id.rawValue == 1)
        #expect(ring.sealingKey(at: now + .seconds(10))?.id.rawValue == 2)
    }

    @Test func `of two that came at once the higher id seals`() throws {
        let ring = try TestKeys.ring([TestKeys.key(7), TestKeys.key(9), TestKeys.key(8)])
        #expect(ring.sealingKey(at: now)?.id.rawValue == 9)
    }

    @Test func `if no activation has come the earliest seals`() throws {
        let ring = try TestKeys.ring([
            TestKeys.key(1, activates: nil), TestKeys.key(2, activates: now + .seconds(60)),
            TestKeys.key(3, activates: now + .seconds(50)),
        ])
        #expect(ring.sealingKey(at: now)?.id.rawValue == 3)
    }

    @Test(arguments: [Key.Status.retired, .disabled])
    func `a key that is not enabled never seals`(_ status: Key.Status) throws {
        let ring = try TestKeys.ring([TestKeys.key(1), TestKeys.key(2, status: status)])
        #expect(ring.sealingKey(at: now)?.id.rawValue == 1)
        #expect(try TestKeys.ring([TestKeys.key(2, status: status)]).sealingKey(at: now) == nil)
    }

    @Test func `a superseded key may go a day after its last token`() throws {
        let ring = try TestKeys.ring([TestKeys.key(1), TestKeys.key(2, activates: now + .seconds(100))])
        let first = try #require(ring[KeyID(rawValue: 1)])
        let end = now + .seconds(100 + 1800 + 120)
        #expect(ring.superseded(first) == now + .seconds(100))
        #expect(ring.inFlightUntil(first) == end)
        #expect(ring.state(of: first, at: now) == .sealing)
        #expect(ring.state(of: first, at: now + .seconds(100)) == .opening)
        #expect(ring.state(of: first, at: end + .seconds(86_399)) == .opening)
        #expect(ring.state(of: first, at: end + .seconds(86_400)) == .prunable)
        let second = try #require(ring[KeyID(rawValue: 2)])
        #expect(ring.state(of: second, at: now) == .next)
        #expect(ring.prunable(second) == nil)
    }

    @Test func `a connections key never becomes prunable by the clock`() throws {
        let ring = try TestKeys.ring(
            [TestKeys.key(1, status: .retired), TestKeys.key(2, activates: now + .seconds(1))],
            purpose: .connections)
        let first = try #require(ring[KeyID(rawValue: 1)])
        #expect(ring.state(of: first, at: now + .seconds(10_000_000)) == .retired)
    }

    @Test(arguments: ["", "1f3a9c0", "1f3a9c022", "1F3A9C02", "+1f3a9c0", "-0000001", "1f3a9c0g", "0x1f3a9c"])
    func `other texts are no key id`(_ text: String) { #expect(KeyID(text) == nil) }

    @Test func `a key id is 8 hexadecimal digits`() {
        #expect(KeyID("0000002a")?.rawValue == 42)
        #expect(KeyID(rawValue: 42).description == "0000002a")
    }
}
