import Encodings
import StateTokens

/// Opening state tokens: what was not sealed as one must never open.
///
/// Most of its inputs are good tokens with a few octets changed, so that it is the tag that refuses them.
struct StateTokenTarget: FuzzTarget {
    private let codec: StateTokenCodec
    private let octets: SealedOctets

    init() throws {
        let keys = [try FuzzKeys.key(1), try FuzzKeys.key(2, .retired), try FuzzKeys.key(0xffff_ffff)]
        let audience = try FuzzKeys.audience()
        // Who sealed had the disabled key still enabled.
        let sealer = try FuzzKeys.sealer(keys + [try FuzzKeys.key(3)])
        let ring = try FuzzKeys.sealer(keys + [try FuzzKeys.key(3, .disabled)])
        codec = StateTokenCodec(sealer: ring, audience: audience)
        var good: [String] = []
        var others: [String] = []
        for (index, state) in FuzzKeys.states.enumerated() {
            let iv = (0..<16).map { UInt8(index * 16 + $0) }
            for key in keys { good.append(try Self.token(state, sealer, key.id, iv, audience)) }
            others.append(try Self.token(state, sealer, KeyID(rawValue: 3), iv, audience))
            let elsewhere = try FuzzKeys.audience("https://connect.example.org")
            others.append(try Self.token(state, sealer, KeyID(rawValue: 1), iv, elsewhere))
            let stranger = try FuzzKeys.sealer([try FuzzKeys.key(4)])
            others.append(try Self.token(state, stranger, KeyID(rawValue: 4), iv, audience))
        }
        let tickets = TicketCodec(sealer: sealer, audience: audience)
        let ticket = Ticket(
            issuedAt: FuzzKeys.start, stateText: good[0], code: "4/0AX4XfWh", fields: ["a": "b"])
        others.append(try tickets.encode(ticket, at: FuzzKeys.start))
        octets = SealedOctets(good: good, others: others)
    }

    mutating func read(_ input: [UInt8]) -> Count { octets.read(input, open: open) }

    mutating func mutated(_ input: [UInt8], with random: inout FuzzRandom) -> [UInt8]? {
        octets.mutated(input, with: &random)
    }

    /// A tag that holds is a good token's, which is not counted as accepted, or a finding.
    private func open(_ text: String) -> Count {
        do throws(StateTokenError) {
            _ = try codec.verify(text, at: FuzzKeys.start)
            expect(octets.isGood(text), "opened: \(text)")
            return Count(tried: 1)
        } catch {
            switch error {
            case .malformed, .unknownKey, .disabledKey, .forged:
                expect(!octets.isGood(text), "did not open: \(text)")
                return Count(tried: 1, forged: error == .forged ? 1 : 0)
            case .unreadable, .notYetValid, .expired, .unavailable:
                fatalError("\(error): \(text)")
            }
        }
    }
}

extension StateTokenTarget {
    private static func token(
        _ state: FlowState, _ sealer: Sealer, _ key: KeyID, _ iv: [UInt8], _ audience: Audience
    ) throws -> String {
        try StateTokenCodec(sealer: sealer, audience: audience).encode(state, key: key, iv: iv).text
    }
}
