internal import Encodings
internal import Synchronization

/// The order in which a host's addresses are dialled (RFC 8305 §4).
enum AddressOrder {
    /// More are not dialled: a name server must not decide how many connections one request costs.
    static let countLimit = 32

    /// The families alternate, so that one family that is broken delays a connection by one head start only. The
    /// address that was connected to last comes first.
    static func interleaved(_ addresses: [IPAddress], first known: IPAddress? = nil) -> [IPAddress] {
        var rest = addresses
        var ordered: [IPAddress] = []
        if let known, let index = rest.firstIndex(of: known) { ordered.append(rest.remove(at: index)) }
        while let next = rest.firstIndex(where: { $0.isIPv4 != ordered.last?.isIPv4 }) ?? rest.indices.first {
            ordered.append(rest.remove(at: next))
        }
        return Array(ordered.prefix(countLimit))
    }
}

extension IPAddress {
    var isIPv4: Bool { if case .v4 = self { true } else { false } }
}

/// The address of each route that the last connection was made to.
///
/// An entry is kept for ten minutes: a network that has been mended is used again, and a broken one costs its head
/// start that rarely.
final class ConnectedAddresses: Sendable {
    private struct Entry {
        let address: IPAddress
        let end: ContinuousClock.Instant
    }

    private static let lifetime: Duration = .seconds(600)

    private let countLimit: Int
    private let entries = Mutex<[Route: Entry]>([:])

    init(countLimit: Int = 1_024) { self.countLimit = countLimit }

    func address(of route: Route, at now: ContinuousClock.Instant = .now) -> IPAddress? {
        entries.withLock { entries in
            guard let entry = entries[route] else { return nil }
            if now < entry.end { return entry.address }
            entries[route] = nil
            return nil
        }
    }

    /// One of the others makes room where there are too many.
    func remember(_ address: IPAddress, of route: Route, at now: ContinuousClock.Instant = .now) {
        entries.withLock { entries in
            if entries[route] == nil, entries.count >= countLimit, let other = entries.keys.first {
                entries[other] = nil
            }
            entries[route] = Entry(address: address, end: now + Self.lifetime)
        }
    }
}
