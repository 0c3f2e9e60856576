import Access
import ConnectService
import Encodings
import OAuthHTTP
import Testing

@Suite("TrustedProxies") struct TrustedProxiesTests {
    private func client(
        _ peer: String, _ values: [String], trusting ranges: [String],
        _ header: TrustedProxies.Header = .forwardedFor
    ) throws -> String {
        let proxies = TrustedProxies(try ranges.map { try #require(AddressRange($0)) }, header: header)
        return proxies.client(of: try #require(IPAddress(peer)), by: values).description
    }

    @Test(arguments: [
        ("10.0.0.1", ["203.0.113.9"], ["10.0.0.0/8"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9, 10.0.0.2"], ["10.0.0.0/8"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9", "10.0.0.2"], ["10.0.0.0/8"], "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.1, 203.0.113.9"], ["10.0.0.0/8"], "203.0.113.9"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], ["10.0.0.0/8"], "10.0.0.3"),
        ("10.0.0.1", ["203.0.113.9:4711"], ["10.0.0.0/8"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9:4711, 10.0.0.2:80"], ["10.0.0.0/8"], "203.0.113.9"),
        ("10.0.0.1", ["[2001:db8::1]:443"], ["10.0.0.0/8"], "2001:db8::1"),
        ("10.0.0.1", ["203.0.113.9, , "], ["10.0.0.0/8"], "203.0.113.9"),
        ("2001:db8::9", ["::ffff:203.0.113.9"], ["2001:db8::/32"], "203.0.113.9"),
        ("10.0.0.1", ["::ffff:203.0.113.9:80"], ["10.0.0.0/8"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9, ::ffff:10.0.0.2:80"], ["10.0.0.0/8"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9" + String(repeating: ",", count: 20_000)], ["10.0.0.0/8"], "203.0.113.9"),
        (
            "10.0.0.1", ["203.0.113.9" + String(repeating: ",10.0.0.2", count: 5000)], ["10.0.0.0/8"],
            "203.0.113.9"
        ),
    ])
    func `the last address that no trusted proxy has is the client's`(
        _ peer: String, _ forwarded: [String], _ ranges: [String], _ expected: String
    ) throws {
        #expect(try client(peer, forwarded, trusting: ranges) == expected)
    }

    @Test(arguments: [
        ("203.0.113.1", ["198.51.100.1"], ["10.0.0.0/8"]), ("203.0.113.1", ["198.51.100.1"], []),
        ("203.0.113.1", [], ["203.0.113.0/24"]), ("203.0.113.1", [""], ["203.0.113.0/24"]),
        ("203.0.113.1", ["unknown"], ["203.0.113.0/24"]),
        ("203.0.113.1", ["198.51.100.1, _hidden"], ["203.0.113.0/24"]),
        ("203.0.113.1", ["198.51.100.1:port"], ["203.0.113.0/24"]),
        ("203.0.113.1", ["for=198.51.100.1"], ["203.0.113.0/24"]),
        ("203.0.113.1", ["198.51.100.1, unknown, "], ["203.0.113.0/24"]),
        ("203.0.113.1", ["198.51.100.1, \"198.51.100.2\""], ["203.0.113.0/24"]),
        ("203.0.113.1", ["198.51.100.1, 198.51.100.2 198.51.100.3"], ["203.0.113.0/24"]),
        ("203.0.113.1", ["198.51.100.1, [2001:db8::1]:"], ["203.0.113.0/24"]),
        ("203.0.113.1", ["198.51.100.1, ::ffff:198.51.100.2:x"], ["203.0.113.0/24"]),
        ("203.0.113.1", ["198.51.100.1, ::ffff:198.51.100.2:80:80"], ["203.0.113.0/24"]),
        ("203.0.113.1", ["198.51.100.1, 2001:db8:1:2:3:4:5:6:443"], ["203.0.113.0/24"]),
        ("203.0.113.1", [String(repeating: ", ,", count: 10_000)], ["203.0.113.0/24"]),
        ("203.0.113.1", ["198.51.100.1\n"], ["203.0.113.0/24"]),
    ])
    func `S18 whatever nobody trusted says is not believed`(
        _ peer: String, _ forwarded: [String], _ ranges: [String]
    ) throws {
        #expect(try client(peer, forwarded, trusting: ranges) == peer)
    }

    /// RFC 7239 §4, §6 and §7.
    @Test(arguments: [
        (["for=203.0.113.9"], "203.0.113.9"), (["For=\"[2001:db8:cafe::17]:4711\""], "2001:db8:cafe::17"),
        (["for=203.0.113.9;proto=http;by=10.0.0.1"], "203.0.113.9"),
        (["proto=https ; FOR = \"203.0.113.9:_gazonk\" ;host=\"a;b,c\""], "203.0.113.9"),
        (["for=198.51.100.1, for=203.0.113.9"], "203.0.113.9"),
        (["for=198.51.100.1", "for=203.0.113.9, for=10.0.0.2"], "203.0.113.9"),
        (["for=\"open, for=203.0.113.9"], "203.0.113.9"),
        (["for=198.51.100.1;host=\"a, for=203.0.113.9;host=\"b\""], "203.0.113.9"),
    ])
    func `S48 the last element of Forwarded that no trusted proxy has is the client's`(
        _ values: [String], _ expected: String
    ) throws {
        #expect(try client("10.0.0.1", values, trusting: ["10.0.0.0/8"], .forwarded) == expected)
    }

    @Test(arguments: [
        ["203.0.113.9"], ["for=unknown"], ["for=_hidden"], ["for="], ["by=203.0.113.9"], ["for"],
        ["for=203.0.113.9;for=198.51.100.1"], ["for=\"203.0.113.9"], ["for=\"203.0.113.9\"x"], ["for=\"\""],
        ["xfor=203.0.113.9"], ["for=\"203.0.113.9\\\""], ["for=203.0.113.9, proto=http"],
        ["for=\"[2001:db8::1]:\""], ["for=\"::ffff:203.0.113.9:80:80\""], ["for=\"203.0.113.9 \\ \""],
        [String(repeating: "for=203.0.113.9;", count: 1000)],
    ])
    func `S48 an element without a node ends the search`(_ values: [String]) throws {
        #expect(try client("10.0.0.1", values, trusting: ["10.0.0.0/8"], .forwarded) == "10.0.0.1")
    }

    @Test func `S48 of the two headers the other one is ignored`() throws {
        let ranges = [try #require(AddressRange("10.0.0.0/8"))]
        let peer = try #require(IPAddress("10.0.0.1"))
        for (header, expected) in [
            (TrustedProxies.Header.forwardedFor, "203.0.113.1"), (.forwarded, "203.0.113.2"),
        ] {
            let origin = TrustedProxies(ranges, header: header).origin(
                of: peer, forwardedFor: ["203.0.113.1"], forwarded: ["for=203.0.113.2"])
            #expect(origin?.description == expected)
        }
    }
}
