import Encodings

/// Sealed octets to begin from, and how they are changed, so that it is the tag that refuses most of what comes of it.
struct SealedOctets {
    private static let changesPerInput = 31

    private let good: Set<String>
    private let originals: [[UInt8]]

    /// - Parameters:
    ///   - good: the tokens that open.
    ///   - others: tokens that must not.
    init(good: [String], others: [String]) {
        self.good = Set(good)
        originals = (good + others).compactMap(Base64URL.decode)
    }

    /// By octets: Swift's strings are equal when they are equivalent.
    func isGood(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 < 0x80 } && good.contains(text)
    }

    /// Opens an input, and, since that costs less than libFuzzer's next input, some changes of one that is base64url.
    func read(_ input: [UInt8], open: (String) -> Count) -> Count {
        let text = String(decoding: input, as: UTF8.self)
        var count = open(text)
        guard let sealed = Base64URL.decode(text) else { return count }
        var random = FuzzRandom(of: input)
        for _ in 0..<Self.changesPerInput {
            count += open(Base64URL.encode(changed(sealed, with: &random).span))
        }
        return count
    }

    /// The input, or one of the originals, with a few octets changed.
    func mutated(_ input: [UInt8], with random: inout FuzzRandom) -> [UInt8] {
        let sealed = random.below(2) == 0 ? nil : Base64URL.decode(String(decoding: input, as: UTF8.self))
        let next = changed(sealed ?? originals[random.below(originals.count)], with: &random)
        return Array(Base64URL.encode(next.span).utf8)
    }

    private func changed(_ sealed: [UInt8], with random: inout FuzzRandom) -> [UInt8] {
        var octets = sealed
        repeat {
            let place = random.below(octets.count + 1)
            switch random.below(8) {
            case 0...3 where place < octets.count: octets[place] ^= 1 << random.below(8)
            case 4 where place < octets.count: octets[place] = UInt8(random.below(256))
            case 5: octets.removeLast(min(octets.count, random.below(4)))
            case 6: octets.insert(UInt8(random.below(256)), at: place)
            default: splice(&octets, with: &random)
            }
        } while random.below(4) == 0
        return octets
    }

    /// Header, IV, contents or tag of another token.
    private func splice(_ octets: inout [UInt8], with random: inout FuzzRandom) {
        let other = originals[random.below(originals.count)]
        let start = [0, 1, 5, 21, max(0, octets.count - 32)][random.below(5)]
        guard start < min(octets.count, other.count) else { return }
        let end = min(octets.count, other.count, start + [1, 4, 16, 32, 64][random.below(5)])
        octets.replaceSubrange(start..<end, with: other[start..<end])
    }
}
