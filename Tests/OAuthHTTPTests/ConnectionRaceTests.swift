import Encodings
import Synchronization
import Testing

@testable import OAuthHTTP

@Suite("ConnectionRace", .timeLimit(.minutes(1))) struct ConnectionRaceTests {
    private struct Refused: Error {}

    /// What an address does when it is dialled.
    private enum Behaviour { case connects(after: Duration), refuses, isSilent }

    private final class Network: Sendable {
        let behaviours: [IPAddress: Behaviour]
        let dialled = Mutex<[IPAddress]>([])
        let closed = Mutex<[IPAddress]>([])

        init(_ behaviours: [IPAddress: Behaviour]) { self.behaviours = behaviours }

        func race(headStart: Duration = .milliseconds(250)) -> ConnectionRace<IPAddress> {
            ConnectionRace(headStart: headStart) { address in
                self.dialled.withLock { $0.append(address) }
                switch self.behaviours[address] ?? .refuses {
                case .connects(let delay):
                    try await Task.sleep(for: delay)
                    return address
                case .refuses: throw Refused()
                case .isSilent:
                    try await Task.sleep(for: .seconds(30))
                    throw Refused()
                }
            } close: { second in
                self.closed.withLock { $0.append(second) }
            }
        }
    }

    private static let six = (1...5).map { IPAddress.v6(InlineArray<16, UInt8>(last: $0)) }
    private static let four = IPAddress.v4([93, 184, 216, 34])

    private func run(
        _ network: Network, _ addresses: [IPAddress], headStart: Duration = .milliseconds(250)
    ) async -> (IPAddress?, Duration) {
        let start = ContinuousClock.now
        let winner = await network.race(headStart: headStart).winner(among: addresses)
        return (winner?.address, start.duration(to: .now))
    }

    @Test func `an address that is silent costs its head start and not the time-out`() async {
        let network = Network([Self.six[0]: .isSilent, Self.four: .connects(after: .zero)])
        let (winner, elapsed) = await run(network, [Self.six[0], Self.four])
        #expect(winner == Self.four)
        #expect(elapsed >= .milliseconds(240) && elapsed < .seconds(2), "\(elapsed)")
    }

    @Test func `addresses that refuse cost nothing, however many they are`() async {
        let network = Network([Self.four: .connects(after: .zero)])
        let (winner, elapsed) = await run(network, Self.six + [Self.four], headStart: .seconds(20))
        #expect(winner == Self.four)
        #expect(elapsed < .seconds(10), "\(elapsed)")
    }

    @Test func `an attempt goes on while the next one is made, and may still win`() async {
        let network = Network([
            Self.six[0]: .connects(after: .milliseconds(400)), Self.four: .isSilent,
        ])
        let (winner, elapsed) = await run(network, [Self.six[0], Self.four])
        #expect(winner == Self.six[0])
        #expect(elapsed < .seconds(2), "\(elapsed)")
        #expect(network.dialled.withLock { $0 } == [Self.six[0], Self.four])
    }

    @Test func `an address that connects within its head start is the only one dialled`() async {
        let network = Network([
            Self.six[0]: .connects(after: .milliseconds(50)), Self.four: .connects(after: .zero),
        ])
        let (winner, _) = await run(network, [Self.six[0], Self.four], headStart: .seconds(20))
        #expect(winner == Self.six[0])
        #expect(network.dialled.withLock { $0 } == [Self.six[0]])
    }

    @Test func `where none connects, the race ends with the last attempt`() async {
        let (winner, elapsed) = await run(Network([:]), Self.six, headStart: .seconds(20))
        #expect(winner == nil)
        #expect(elapsed < .seconds(10), "\(elapsed)")
        #expect(await run(Network([:]), []).0 == nil)
    }
}

@Suite("AddressOrder") struct AddressOrderTests {
    private static let six = (1...3).map { IPAddress.v6(InlineArray<16, UInt8>(last: $0)) }
    private static let four = (1...3).map { IPAddress.v4([93, 184, 216, $0]) }
    private static let route = Route(isSecure: true, host: "provider.test", port: 443, isTunnelled: false)

    @Test func `the families alternate, beginning with the resolver's first`() {
        let (six, four) = (Self.six, Self.four)
        #expect(
            AddressOrder.interleaved(six + four) == [six[0], four[0], six[1], four[1], six[2], four[2]])
        #expect(AddressOrder.interleaved([four[0]] + six) == [four[0], six[0], six[1], six[2]])
        #expect(AddressOrder.interleaved([]) == [])
    }

    @Test func `the address that was connected to last comes first, if it is still among them`() {
        let (six, four) = (Self.six, Self.four)
        #expect(
            AddressOrder.interleaved(six + [four[1]], first: four[1]) == [four[1], six[0], six[1], six[2]])
        #expect(AddressOrder.interleaved([six[0]], first: four[1]) == [six[0]])
    }

    @Test func `S28 a name server does not decide how many connections are attempted`() {
        let many = (0..<1_000).map { IPAddress.v4([10, 1, UInt8($0 / 256), UInt8($0 % 256)]) }
        #expect(AddressOrder.interleaved(many).count == AddressOrder.countLimit)
    }

    @Test func `what connected is remembered for ten minutes and for a bounded number of hosts`() {
        let addresses = ConnectedAddresses(countLimit: 2)
        let now = ContinuousClock.now
        addresses.remember(Self.four[0], of: Self.route, at: now)
        #expect(addresses.address(of: Self.route, at: now + .seconds(599)) == Self.four[0])
        #expect(addresses.address(of: Self.route, at: now + .seconds(601)) == nil)
        let routes = (1...5).map { Route(isSecure: true, host: "\($0).test", port: 443, isTunnelled: false) }
        for route in routes { addresses.remember(Self.four[0], of: route, at: now) }
        #expect(routes.filter { addresses.address(of: $0, at: now) != nil }.count == 2)
        #expect(addresses.address(of: routes[4], at: now) != nil)
    }
}

extension InlineArray where Element == UInt8 {
    /// An address of the public internet that ends in an octet.
    fileprivate init(last: UInt8) { self.init { $0 == 0 ? 0x26 : $0 == Self.count - 1 ? last : 0 } }
}
