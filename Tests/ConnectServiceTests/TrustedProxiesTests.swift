import Access
import ConnectService
import Encodings
import OAuthHTTP
import Testing

@Suite("TrustedProxies") struct TrustedProxiesTests {
    private func client(_ peer: String, _ forwarded: [String], trusting ranges: [String]) throws -> String {
        let proxies = TrustedProxies(try ranges.map { try #require(AddressRange($0)) })
        return proxies.client(of: try #require(IPAddress(peer)), forwardedFor: forwarded).description
    }

    @Test(arguments: [
        ("10.0.0.1", ["203.0.113.9"], ["10.0.0.0/8"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9, 10.0.0.2"], ["10.0.0.0/8"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9", "10.0.0.2"], ["10.0.0.0/8"], "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.1, 203.0.113.9"], ["10.0.0.0/8"], "203.0.113.9"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], ["10.0.0.0/8"], "10.0.0.3"),
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
        ("203.0.113.1", ["198.51.100.1:80"], ["203.0.113.0/24"]),
    ])
    func `S18 whatever nobody trusted says is not believed`(
        _ peer: String, _ forwarded: [String], _ ranges: [String]
    ) throws {
        #expect(try client(peer, forwarded, trusting: ranges) == peer)
    }
}
