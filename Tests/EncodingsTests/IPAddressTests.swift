import Encodings
import Testing

@Suite("IPAddress") struct IPAddressTests {
    @Test(
        arguments: [
            ([127, 0, 0, 1], IPAddress.Reach.loopback), ([127, 255, 255, 255], .loopback),
            ([10, 1, 2, 3], .private),
            ([172, 16, 0, 1], .private), ([172, 31, 255, 255], .private), ([192, 168, 0, 1], .private),
            ([100, 64, 0, 1], .private), ([100, 127, 0, 1], .private), ([0, 0, 0, 0], .special),
            ([0, 1, 2, 3], .special),
            ([169, 254, 169, 254], .special), ([192, 0, 0, 8], .special), ([198, 18, 0, 1], .special),
            ([224, 0, 0, 1], .special), ([239, 1, 1, 1], .special), ([240, 0, 0, 1], .special),
            ([255, 255, 255, 255], .special), ([172, 15, 0, 1], .public), ([172, 32, 0, 1], .public),
            ([100, 63, 0, 1], .public), ([100, 128, 0, 1], .public), ([192, 167, 0, 1], .public),
            ([8, 8, 8, 8], .public),
            ([169, 253, 0, 1], .public), ([223, 255, 255, 255], .public),
        ] as [([UInt8], IPAddress.Reach)]) func `S19 an IPv4 address has the reach of its block`(
            _ octets: [UInt8], _ reach: IPAddress.Reach
        )
    {
        #expect(IPAddress.v4(InlineArray { octets[$0] }).reach == reach)
    }

    @Test(arguments: [
        ("0:0:0:0:0:0:0:1", IPAddress.Reach.loopback), ("0:0:0:0:0:0:0:0", .special),
        ("fe80:0:0:0:0:0:0:1", .special),
        ("febf:0:0:0:0:0:0:1", .special), ("fec0:0:0:0:0:0:0:1", .special), ("fc00:0:0:0:0:0:0:1", .private),
        ("fdff:0:0:0:0:0:0:1", .private), ("ff02:0:0:0:0:0:0:1", .special),
        ("2001:db8:0:0:0:0:0:1", .special),
        ("2001:0:0:0:0:0:0:1", .special), ("100:0:0:0:0:0:0:1", .special),
        ("0:0:0:0:0:ffff:7f00:1", .loopback),
        ("0:0:0:0:0:ffff:a9fe:a9fe", .special), ("0:0:0:0:0:ffff:a00:1", .private),
        ("0:0:0:0:0:ffff:808:808", .public),
        ("0:0:0:0:0:0:7f00:1", .special), ("64:ff9b:0:0:0:0:7f00:1", .loopback),
        ("64:ff9b:0:0:0:0:808:808", .public),
        ("64:ff9b:1:0:0:0:808:808", .special), ("2002:7f00:1:0:0:0:0:1", .loopback),
        ("2002:a00:1:0:0:0:0:1", .private),
        ("2607:f8b0:4005:80a:0:0:0:2004", .public), ("2a00:1450:0:0:0:0:0:1", .public),
        ("4000:0:0:0:0:0:0:1", .special),
    ]) func `S19 an IPv6 address has the reach of its block or of the IPv4 address in it`(
        _ text: String, _ reach: IPAddress.Reach
    ) throws {
        let octets = try text.split(separator: ":").flatMap { group in
            let value = try #require(UInt16(group, radix: 16))
            return [UInt8(value >> 8), UInt8(value & 255)]
        }
        let address = IPAddress.v6(InlineArray { octets[$0] })
        #expect(address.reach == reach)
    }

    @Test(arguments: [
        "3fff::", "3fff::1", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::1", "2001:1ff::1",
        "5f00::1",
        "fec0::1", "::ffff:0:808:808",
    ])
    func `S19 what the registry keeps for documentation and protocols is not public`(_ text: String) throws {
        #expect(try #require(IPAddress(text)).reach == .special)
    }

    @Test(arguments: ["3fff:1000::1", "3ffe::1", "2001:200::1", "2001:db9::1"])
    func `S19 what lies beside it is public`(_ text: String) throws {
        #expect(try #require(IPAddress(text)).reach == .public)
    }

    /// RFC 5952 §4.
    @Test(arguments: [
        ("2001:0DB8:0:0:0:0:0:1", "2001:db8::1"), ("::", "::"), ("::1", "::1"), ("1::", "1::"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("0:0:1:2:3:4:5:6", "::1:2:3:4:5:6"),
        ("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"), ("::ffff:10.1.2.3", "10.1.2.3"), ("203.0.113.7", "203.0.113.7"),
    ])
    func `an address has one text`(_ text: String, _ expected: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == expected)
        #expect(IPAddress(address.description) == address)
    }

    @Test(arguments: [
        ("203.0.113.7", "203.0.113.7"), ("203.0.113.7:4711", "203.0.113.7"), (" 203.0.113.7 ", "203.0.113.7"),
        ("203.0.113.7:_gazonk", "203.0.113.7"), ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"), ("2001:db8::1", "2001:db8::1"), ("[fe80::1%eth0]:1", "fe80::1"),
        ("fe80::1%25eth0", "fe80::1"), ("[::ffff:203.0.113.7]:65535", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"), ("2001:db8::1:443", "2001:db8::1:443"),
        ("::ffff:203.0.113.7:80", "203.0.113.7"), ("0:0:0:0:0:FFFF:203.0.113.7:80", "203.0.113.7"),
        ("64:ff9b::203.0.113.7:_gazonk", "64:ff9b::cb00:7107"), ("fe80::1%eth0.100", "fe80::1"),
    ])
    func `what a proxy writes is read, with or without a port`(_ text: String, _ expected: String) {
        #expect(IPAddress(node: text)?.description == expected)
    }

    @Test(arguments: [
        "", " ", "unknown", "_hidden", "203.0.113.7:", "203.0.113.7:65536", "203.0.113.7:x", "203.0.113.7:-1",
        "203.0.113.7:123456", "203.0.113.7:_", "203.0.113.7%eth0", "203.0.113.7 :1", "203. 0.113.7",
        "203.0.113",
        "[203.0.113.7]:1", "[2001:db8::1", "2001:db8::1]", "[2001:db8::1]443", "[2001:db8::1]:", "[]", "[]:1",
        "[2001:db8::1%]", "2001:db8::1%", "[2001:db8::1]]", "010.0.0.1", "0x7f.1", "::ffff:1.2.3.4.5",
        "[[::1]]",
        "203.0.113.7\0x", "\"203.0.113.7\"", "::ffff:203.0.113.7:", "::ffff:203.0.113.7:x",
        "::ffff:203.0.113.7:65536", "::ffff:203.0.113.7:80:80", "::ffff:203.0.113.7::",
        "::ffff:203.0.113.7:80]",
        "::ffff:203.0.113.7.80", "::ffff:203.0.113:80", "::ffff:203.0.113.7:1::", "203.0.113.7:80:80",
        "203.0.113.7:80%eth0", "2001:db8:1:2:3:4:5:6:443", "2001:db8::1:_gazonk", "unknown:80", "_hidden:80",
        "2001:80", ":80", "[::1]:80:80", "[::1]:_", "[::1] :80", "[ ::1]", "[::ffff:203.0.113.7:80]",
        "203.0.113.7\u{A0}", "203.0.113.７", "::ffff:203.0.113.7 80",
    ])
    func `anything else is no address`(_ text: String) { #expect(IPAddress(node: text) == nil) }

    @Test func `a NUL ends no address`() { #expect(IPAddress("10.0.0.1\0.example.com") == nil) }
}
