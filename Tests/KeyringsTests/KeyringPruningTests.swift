import Keyrings
import StateTokens
import Testing

@Suite("Pruning keys") struct KeyringPruningTests {
    private let now = Rings.now
    private let day: Int64 = 86_400

    /// Key 1, from which key 2 took over so many seconds ago.
    private func superseded(
        _ ago: Int64, _ status: Key.Status = .enabled, purpose: Keyring.Purpose = .state
    ) throws -> Keyring {
        try Rings.ring(
            Rings.key(1, activates: -ago - 1000, status: status), Rings.key(2, activates: -ago),
            purpose: purpose)
    }

    @Test(arguments: [Key.Status.enabled, .retired, .disabled])
    func `a state key may go a day after its last state`(_ status: Key.Status) throws {
        // The lifetime of sessions, which is longer than that of states, and two skews.
        let end = 1920 + day
        #expect(throws: KeyringChangeError.inFlight(Rings.id(1), until: now + .seconds(1))) {
            try superseded(end - 1, status).pruned([Rings.id(1)], at: now)
        }
        #expect(try superseded(end - 1, status).pruned(at: now).keys.count == 2)
        for ids in [nil, [Rings.id(1)]] {
            #expect(try superseded(end, status).pruned(ids, at: now).keys.map(\.id) == [Rings.id(2)])
        }
    }

    @Test func `force gives up the day, and not what may be in flight`() throws {
        // Propagation as well: a replica may have been late.
        let end: Int64 = 1920 + 600
        #expect(throws: KeyringChangeError.inFlight(Rings.id(1), until: now + .seconds(1))) {
            try superseded(end - 1).pruned([Rings.id(1)], at: now, isForced: true)
        }
        #expect(try superseded(end).pruned([Rings.id(1)], at: now, isForced: true).keys.count == 1)
    }

    @Test func `a key stays for the longest session that its ring allows`() throws {
        let old = try superseded(0)
        let ring = try Keyring(
            purpose: .state, deploymentID: "d_test", sessionLifetime: .seconds(86_400), keys: old.keys)
        #expect(ring.inFlightUntil(try #require(ring[Rings.id(1)])) == now + .seconds(86_400 + 120))
        #expect(try ring.rotated(at: now).keyring.sessionLifetime == .seconds(86_400))
    }

    @Test func `a disabled state key goes at once if that is forced, for it authenticates nothing`() throws {
        let ring = try superseded(1, .disabled)
        #expect(throws: KeyringChangeError.self) { try ring.pruned([Rings.id(1)], at: now) }
        #expect(try ring.pruned([Rings.id(1)], at: now, isForced: true).keys.count == 1)
    }

    @Test func `S47 no connection key goes while a row does not say which key it needs`() throws {
        let ring = try superseded(1_000_000, purpose: .connections)
        for ids in [nil, [Rings.id(1)]] {
            #expect(throws: KeyringChangeError.rowsUnreadable(2)) {
                try ring.pruned(ids, at: now, rowsName: [], unreadableRowCount: 2)
            }
        }
        let forced = try ring.pruned(
            [Rings.id(1)], at: now, rowsName: [], unreadableRowCount: 2, isForced: true)
        #expect(forced.keys.map(\.id) == [Rings.id(2)])
        // Nothing would go, and a state key needs no row.
        #expect(try ring.pruned(at: now, rowsName: [Rings.id(1)], unreadableRowCount: 1) == ring)
        #expect(try superseded(1_000_000).pruned(at: now, unreadableRowCount: 1).keys.count == 1)
    }

    @Test(arguments: [true, false], [Keyring.Purpose.state, .connections])
    func `the key that seals stays`(_ isForced: Bool, _ purpose: Keyring.Purpose) throws {
        let ring = try superseded(1_000_000, purpose: purpose)
        #expect(throws: KeyringChangeError.seals(Rings.id(2))) {
            try ring.pruned([Rings.id(2)], at: now, rowsName: [], isForced: isForced)
        }
    }

    @Test func `a key from which none has taken over stays`() throws {
        let ring = try Rings.ring(Rings.key(1), Rings.key(2, activates: -5000, status: .retired))
        #expect(throws: KeyringChangeError.inFlight(Rings.id(2), until: nil)) {
            try ring.pruned([Rings.id(2)], at: now + .seconds(100 * day), isForced: true)
        }
    }

    @Test func `a key that is about to seal stays, and one that no replica will seal with goes`() throws {
        let soon = try Rings.ring(Rings.key(1), Rings.key(2, activates: 659))
        #expect(throws: KeyringChangeError.aboutToSeal(Rings.id(2), now + .seconds(659))) {
            try soon.pruned([Rings.id(2)], at: now, isForced: true)
        }
        for activates in [660, nil] as [Int64?] {
            let ring = try Rings.ring(Rings.key(1), Rings.key(2, activates: activates))
            #expect(try ring.pruned([Rings.id(2)], at: now).keys.map(\.id) == [Rings.id(1)])
            // Only if it is named.
            #expect(try ring.pruned(at: now) == ring)
        }
    }

    @Test func `of several keys all go or none does`() throws {
        let ring = try Rings.ring(
            Rings.key(1, activates: -300_000), Rings.key(2, activates: -200_000), Rings.key(3, activates: -1))
        #expect(throws: KeyringChangeError.inFlight(Rings.id(2), until: now + .seconds(1920 + day - 1))) {
            try ring.pruned([Rings.id(1), Rings.id(2)], at: now)
        }
        #expect(try ring.pruned(at: now).keys.map(\.id) == [Rings.id(2), Rings.id(3)])
        #expect(throws: KeyringChangeError.unknownKey(Rings.id(9))) {
            try ring.pruned([Rings.id(9)], at: now)
        }
    }

    @Test func `a connections key goes only when the store was asked`() throws {
        let ring = try superseded(1_000_000, purpose: .connections)
        #expect(throws: KeyringChangeError.rowsUnknown) { try ring.pruned(at: now) }
        #expect(throws: KeyringChangeError.rowsUnknown) { try ring.pruned([Rings.id(1)], at: now) }
        // Force needs a name.
        #expect(throws: KeyringChangeError.rowsUnknown) { try ring.pruned(at: now, isForced: true) }
        #expect(try ring.pruned([Rings.id(1)], at: now, isForced: true).keys.count == 1)
        for ids in [nil, [Rings.id(1)]] {
            #expect(try ring.pruned(ids, at: now, rowsName: [Rings.id(2)]).keys.map(\.id) == [Rings.id(2)])
        }
    }

    @Test(arguments: [true, false]) func `a connections key that rows name stays`(_ isForced: Bool) throws {
        for status in [Key.Status.enabled, .retired, .disabled] {
            let ring = try superseded(1_000_000, status, purpose: .connections)
            #expect(throws: KeyringChangeError.rowsName(Rings.id(1))) {
                try ring.pruned([Rings.id(1)], at: now, rowsName: [Rings.id(1)], isForced: isForced)
            }
            #expect(try ring.pruned(at: now, rowsName: [Rings.id(1)]) == ring)
        }
    }

    @Test func `a connections key stays while a late replica may still write with it`() throws {
        // Propagation and two skews.
        let end: Int64 = 720
        let early = try superseded(end - 1, .retired, purpose: .connections)
        #expect(throws: KeyringChangeError.inFlight(Rings.id(1), until: now + .seconds(1))) {
            try early.pruned([Rings.id(1)], at: now, rowsName: [])
        }
        #expect(throws: KeyringChangeError.inFlight(Rings.id(1), until: now + .seconds(1))) {
            try early.checkRowsDoNotNeed([Rings.id(1)], at: now, rowsName: [])
        }
        let ring = try superseded(end, .retired, purpose: .connections)
        #expect(try ring.pruned([Rings.id(1)], at: now, rowsName: []).keys.count == 1)
        try ring.checkRowsDoNotNeed([Rings.id(1)], at: now, rowsName: [])
    }

    @Test func `a connections key that rows name, or that seals, is not to be disabled`() throws {
        let ring = try superseded(1_000_000, purpose: .connections)
        #expect(throws: KeyringChangeError.rowsName(Rings.id(1))) {
            try ring.checkRowsDoNotNeed([Rings.id(1)], at: now, rowsName: [Rings.id(1)])
        }
        #expect(throws: KeyringChangeError.seals(Rings.id(2))) {
            try ring.checkRowsDoNotNeed([Rings.id(2)], at: now, rowsName: [])
        }
        #expect(throws: KeyringChangeError.unknownKey(Rings.id(3))) {
            try ring.checkRowsDoNotNeed([Rings.id(3)], at: now, rowsName: [])
        }
    }
}
