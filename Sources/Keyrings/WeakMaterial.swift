internal import Cryptography
internal import StateTokens

/// Material that no generator gives: patterns, and what examples are made of.
enum WeakMaterial {
    /// 64 random octets have fewer than 32 different ones less than once in 10^15.
    private static let leastDifferent = 32

    static func isWeak(_ octets: [UInt8]) -> Bool {
        guard Set(octets).count >= leastDifferent else { return true }
        guard octets.prefix(32) != octets.suffix(32) else { return true }
        // An arithmetic sequence, such as 00 01 02 …
        let steps = Set(zip(octets, octets.dropFirst()).map { $1 &- $0 })
        return steps.count <= 2
    }
}

extension KeyMaterial {
    /// Whether no generator would give this.
    var isWeak: Bool {
        withOctets { octets in
            var copy = [UInt8](capacity: octets.count) { output in
                for index in octets.indices { output.append(octets[index]) }
            }
            defer {
                var span = copy.mutableSpan
                wipe(&span)
            }
            return WeakMaterial.isWeak(copy)
        }
    }
}
