/// Changes URIs at random, the same way for the same seed.
struct Mutator {
    private static let snippets = [
        "/", "//", "/./", "/../", "\\", "@", "@evil.example", ".evil.example", "evil.example", ":", ":80",
        ":65535",
        ":65536", ":-0", ":+1", "?", "?x=1", "&x=1", "#", "%", "%2f", "%2e%2e", "%00", "%0a", "%20", "%63",
        " ", "\t", "\n", "\r\n", "\0",
        "\u{212a}", "\u{37e}", "\u{1fef}", "\u{301}", "\u{200b}", "\u{ff0f}", "\u{2024}", "é", "javascript:",
        "data:", "http:", "https:", "[", "]", "[::1]",
        "127.0.0.1", "localhost", "0", "1", ";", ",", "callback", "done", "K", "k",
    ]

    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func mutate(_ text: String) -> String {
        var scalars = Array(text.unicodeScalars)
        for _ in 0...next(3) { change(&scalars) }
        var result = String.UnicodeScalarView()
        result.append(contentsOf: scalars)
        return String(result)
    }

    private mutating func change(_ scalars: inout [Unicode.Scalar]) {
        let place = next(scalars.count + 1)
        switch next(8) {
        case 0: scalars.insert(contentsOf: snippet(), at: place)
        case 1: if place < scalars.count { scalars.remove(at: place) }
        case 2: if place < scalars.count { scalars[place] = Unicode.Scalar(UInt8(next(128))) }
        case 3: if place < scalars.count { scalars.insert(scalars[place], at: place) }
        case 4: if place < scalars.count { scalars[place] = otherCase(scalars[place]) }
        case 5: scalars.replaceSubrange(place..<min(place + next(6), scalars.count), with: snippet())
        case 6: scalars = next(2) == 0 ? Array(scalars[..<place]) : Array(scalars[place...])
        default: changePort(&scalars)
        }
    }

    private mutating func changePort(_ scalars: inout [Unicode.Scalar]) {
        let ends = scalars.indices.filter { $0 > 7 && "/?".unicodeScalars.contains(scalars[$0]) }
        guard let end = ends.first else { return }
        scalars.insert(contentsOf: ":\(next(70_000))".unicodeScalars, at: end)
    }

    private mutating func snippet() -> [Unicode.Scalar] {
        Array(Self.snippets[next(Self.snippets.count)].unicodeScalars)
    }

    private func otherCase(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let isLetter = (0x41...0x5a).contains(scalar.value & ~0x20) && scalar.isASCII
        return isLetter ? Unicode.Scalar(UInt8(scalar.value ^ 0x20)) : scalar
    }

    /// SplitMix64.
    private mutating func next(_ limit: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        value ^= value >> 31
        return Int(value % UInt64(max(limit, 1)))
    }
}
