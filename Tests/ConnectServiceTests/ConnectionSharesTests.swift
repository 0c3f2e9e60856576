import Access
import Encodings
import Testing

/// How many connections one address may hold.
@Suite("Shares of the connections") struct ConnectionSharesTests {
    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    @Test func `S28 an address gets its share, others get theirs, and what is given back is free again`()
        throws
    {
        let shares = ConnectionShares(limit: 2)
        let now = ContinuousClock.now
        let one = try address("198.51.100.7")
        for _ in 0..<2 { #expect(shares.take(one, at: now) == .granted) }
        #expect(shares.take(one, at: now) == .refused(isNews: true))
        #expect(shares.take(one, at: now + .seconds(59)) == .refused(isNews: false))
        #expect(try shares.take(address("198.51.100.8"), at: now) == .granted)
        shares.release(one)
        #expect(shares.take(one, at: now) == .granted)
        #expect(shares.take(one, at: now + .seconds(200)) == .refused(isNews: true))
    }

    @Test func `an IPv6 address counts as its network`() throws {
        let shares = ConnectionShares(limit: 1)
        #expect(try shares.take(address("2001:db8::1")) == .granted)
        #expect(try shares.take(address("2001:db8::ffff:1")) != .granted)
        #expect(try shares.take(address("2001:db8:0:1::1")) == .granted)
    }

    @Test func `a trusted proxy has no limit`() throws {
        let range = try #require(AddressRange("10.0.0.0/8"))
        let shares = ConnectionShares(limit: 1, except: TrustedProxies([range]))
        for _ in 0..<3 { #expect(try shares.take(address("10.1.2.3")) == .granted) }
        shares.release(try address("10.1.2.3"))
        #expect(try shares.take(address("192.0.2.1")) == .granted)
        #expect(try shares.take(address("192.0.2.1")) != .granted)
    }
}
