import Encodings
import StateTokens

/// Opening connect sessions: what was not sealed as one must never open, and no state or ticket is one.
struct SessionTokenTarget: FuzzTarget {
    private let codec: SessionCodec
    private let octets: SealedOctets

    init() throws {
        let keys = [try FuzzKeys.key(1), try FuzzKeys.key(2, .retired), try FuzzKeys.key(0xffff_ffff)]
        let audience = try FuzzKeys.audience()
        // Who sealed had the disabled key still enabled.
        let sealer = try FuzzKeys.sealer(keys + [try FuzzKeys.key(3)])
        codec = SessionCodec(
            sealer: try FuzzKeys.sealer(keys + [try FuzzKeys.key(3, .disabled)]), audience: audience)
        var good: [String] = []
        var others: [String] = []
        let sessions = SessionCodec(sealer: sealer, audience: audience)
        let elsewhere = SessionCodec(
            sealer: sealer, audience: try FuzzKeys.audience("https://connect.example.org"))
        for (index, session) in FuzzKeys.sessions.enumerated() {
            let iv = (0..<16).map { UInt8(index * 16 + $0) }
            for key in keys { good.append(try sessions.encode(session, key: key.id, iv: iv)) }
            others.append(try sessions.encode(session, key: KeyID(rawValue: 3), iv: iv))
            others.append(try elsewhere.encode(session, key: KeyID(rawValue: 1), iv: iv))
        }
        let states = StateTokenCodec(sealer: sealer, audience: audience)
        let tickets = TicketCodec(sealer: sealer, audience: audience)
        for state in FuzzKeys.states {
            let text = try states.encode(state, key: KeyID(rawValue: 1), iv: Array(0..<16)).text
            others.append(text)
            let ticket = Ticket(issuedAt: FuzzKeys.start, stateText: text, code: "4/0AX4XfWh")
            others.append(try tickets.encode(ticket, at: FuzzKeys.start))
        }
        octets = SealedOctets(good: good, others: others)
    }

    mutating func read(_ input: [UInt8]) -> Count { octets.read(input, open: open) }

    mutating func mutated(_ input: [UInt8], with random: inout FuzzRandom) -> [UInt8]? {
        octets.mutated(input, with: &random)
    }

    /// A tag that holds is a good session's, which is not counted as accepted, or a finding.
    private func open(_ text: String) -> Count {
        do throws(SessionError) {
            _ = try codec.verify(text, at: FuzzKeys.start)
            expect(octets.isGood(text), "opened: \(text)")
            return Count(tried: 1)
        } catch {
            switch error {
            case .unopened(let reason):
                expect(!octets.isGood(text) && reason != .unavailable, "did not open: \(text)")
                return Count(tried: 1, forged: reason == .forged ? 1 : 0)
            case .unreadable, .notYetValid, .expired: fatalError("\(error): \(text)")
            }
        }
    }
}
