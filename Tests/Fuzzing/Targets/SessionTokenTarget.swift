import Encodings
import StateTokens

/// Opening connect sessions: what was not sealed as one must never open, and no state or ticket is one.
struct SessionTokenTarget: FuzzTarget {
    private static let changesPerInput = 31

    private let codec: SessionCodec
    private let good: Set<String>
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
        self.good = Set(good)
        octets = SealedOctets(good + others)
    }

    mutating func read(_ input: [UInt8]) -> Count {
        let text = String(decoding: input, as: UTF8.self)
        var count = open(text)
        guard let sealed = Base64URL.decode(text) else { return count }
        var random = FuzzRandom(of: input)
        for _ in 0..<Self.changesPerInput {
            let changed = octets.changed(sealed, with: &random)
            count += open(Base64URL.encode(changed.span))
        }
        return count
    }

    mutating func mutated(_ input: [UInt8], with random: inout FuzzRandom) -> [UInt8]? {
        octets.mutated(input, with: &random)
    }

    /// A tag that holds is a good session's, which is not counted as accepted, or a finding.
    private func open(_ text: String) -> Count {
        do throws(SessionError) {
            _ = try codec.verify(text, at: FuzzKeys.start)
            expect(isGood(text), "opened: \(text)")
            return Count(tried: 1)
        } catch {
            switch error {
            case .unopened(let reason):
                expect(!isGood(text) && reason != .unavailable, "did not open: \(text)")
                return Count(tried: 1, forged: reason == .forged ? 1 : 0)
            case .unreadable, .notYetValid, .expired: fatalError("\(error): \(text)")
            }
        }
    }

    /// By octets: Swift's strings are equal when they are equivalent.
    private func isGood(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 < 0x80 } && good.contains(text)
    }
}
