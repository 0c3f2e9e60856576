import Encodings
import Testing

/// What an attacker or a broken link makes of a token.
enum Tampering {
    /// Calls `body` with a text that has each bit flipped, each end cut off, or one octet more at each place.
    ///
    /// - Returns: how many texts there were.
    @discardableResult
    static func forEach(of text: String, _ body: (String) -> Void) throws -> Int {
        let sealed = try #require(Base64URL.decode(text))
        var count = 0
        func take(_ changed: String) {
            body(changed)
            count += 1
        }
        for bit in 0..<sealed.count * 8 {
            var flipped = sealed
            flipped[bit / 8] ^= 1 << (bit % 8)
            take(Base64URL.encode(flipped.span))
        }
        for length in 0..<sealed.count { take(Base64URL.encode(Array(sealed[..<length]).span)) }
        for length in 0..<text.utf8.count { take(String(text.prefix(length))) }
        for place in 0...sealed.count {
            var longer = sealed
            longer.insert(UInt8(truncatingIfNeeded: place), at: place)
            take(Base64URL.encode(longer.span))
        }
        return count
    }
}
