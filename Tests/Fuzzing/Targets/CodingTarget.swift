@testable import OAuthHTTP

/// Content codings of a provider's response: bounded, whatever the octets are.
struct CodingTarget: FuzzTarget {
    private static let byteCountLimit = 1 << 16

    init() {}

    mutating func read(_ input: [UInt8]) throws -> Count {
        var count = Count(tried: 2)
        for coding in [ContentCoding.gzip, .deflate] {
            let content = try? ContentCoding.decode(input, [coding], byteCountLimit: Self.byteCountLimit)
            guard let content else { continue }
            expect(content.count <= Self.byteCountLimit, "\(content.count) octets")
            count.accepted += 1
        }
        return count
    }
}
