import Encodings
import Testing

@Suite("AddressRange") struct AddressRangeTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.1.2"), ("10.1.2.3", "10.1.2.3"), ("0.0.0.0/0", "203.0.113.9"),
        ("192.168.4.0/22", "192.168.7.255"), ("2001:db8::/32", "2001:db8:ffff::1"), ("::1", "::1"),
        ("::/0", "2001:db8::1"), ("2001:db8::/33", "2001:db8:7fff::"), ("10.0.0.0/8", "::ffff:10.2.3.4"),
        ("::ffff:10.0.0.0", "10.0.0.0"),
    ])
    func `an address within its block is contained`(_ range: String, _ address: String) throws {
        let range = try #require(AddressRange(range))
        #expect(range.contains(try #require(IPAddress(address))))
    }

    @Test(arguments: [
        ("10.0.0.0/8", "11.0.0.0"), ("10.1.2.3", "10.1.2.4"), ("192.168.4.0/22", "192.168.8.0"),
        ("2001:db8::/33", "2001:db8:8000::"), ("::1", "::2"), ("0.0.0.0/0", "::1"), ("::/0", "10.0.0.1"),
    ])
    func `an address beside it is not`(_ range: String, _ address: String) throws {
        let range = try #require(AddressRange(range))
        #expect(!range.contains(try #require(IPAddress(address))))
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/ 8", "10.0.0.0/8/8", "10.0.0/8",
        "10.0.0.1/8",
        "10.0.0.0/08x", "::/129", "2001:db8::1/32", "example.com", "0x0a.0.0.1", "010.0.0.1", " 10.0.0.1",
        "1",
        "fe80::1%eth0", "[::1]",
    ])
    func `anything else is no block`(_ text: String) { #expect(AddressRange(text) == nil) }
}
