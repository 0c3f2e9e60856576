/// Undoes DEFLATE (RFC 1951), within a bound.
package struct Inflate {
    package enum Failure: Error, Hashable {
        /// Not DEFLATE, or cut off.
        case malformed
        /// More octets than the bound allows.
        case tooLarge
    }

    private var reader: BitReader
    private var output: [UInt8] = []
    private let byteCountLimit: Int

    private init(_ reader: BitReader, byteCountLimit: Int) {
        self.reader = reader
        self.byteCountLimit = byteCountLimit
    }

    /// Reads one stream.
    ///
    /// - Parameters:
    ///   - start: where it begins in `input`.
    ///   - byteCountLimit: for what comes out.
    /// - Returns: the content, and the index behind the stream.
    package static func decode(
        _ input: [UInt8], from start: Int = 0, byteCountLimit: Int
    ) throws(Failure) -> (content: [UInt8], end: Int) {
        var inflate = Inflate(BitReader(input, at: start), byteCountLimit: byteCountLimit)
        var isLast = false
        repeat {
            isLast = try inflate.reader.bits(1) == 1
            switch try inflate.reader.bits(2) {
            case 0: try inflate.readStored()
            case 1: try inflate.readBlock(literals: .fixedLiterals, distances: .fixedDistances)
            case 2:
                let (literals, distances) = try inflate.readCodes()
                try inflate.readBlock(literals: literals, distances: distances)
            default: throw .malformed
            }
        } while !isLast
        return (inflate.output, inflate.reader.endOfOctet)
    }

    /// §3.2.4
    private mutating func readStored() throws(Failure) {
        reader.skipToOctet()
        let count = try reader.bits(16)
        guard try reader.bits(16) == ~count & 0xFFFF else { throw .malformed }
        guard output.count + count <= byteCountLimit else { throw .tooLarge }
        for _ in 0..<count { output.append(UInt8(truncatingIfNeeded: try reader.bits(8))) }
    }

    /// §3.2.5
    private mutating func readBlock(
        literals: HuffmanCode, distances: HuffmanCode
    ) throws(Failure) {
        while true {
            let symbol = try literals.symbol(&reader)
            if symbol < 256 {
                guard output.count < byteCountLimit else { throw .tooLarge }
                output.append(UInt8(truncatingIfNeeded: symbol))
                continue
            }
            guard symbol != 256 else { return }
            guard symbol <= 285 else { throw .malformed }
            let (length, lengthBits) = Self.lengths[symbol - 257]
            let count = length + (try reader.bits(lengthBits))
            let distanceSymbol = try distances.symbol(&reader)
            guard distanceSymbol < Self.distances.count else { throw .malformed }
            let (base, distanceBits) = Self.distances[distanceSymbol]
            let distance = base + (try reader.bits(distanceBits))
            guard distance <= output.count else { throw .malformed }
            guard output.count + count <= byteCountLimit else { throw .tooLarge }
            // What is copied may be made by this very copy.
            for index in output.count - distance..<output.count - distance + count {
                output.append(output[index])
            }
        }
    }

    /// §3.2.7
    private mutating func readCodes() throws(Failure) -> (HuffmanCode, HuffmanCode) {
        let literalCount = 257 + (try reader.bits(5))
        let distanceCount = 1 + (try reader.bits(5))
        let orderCount = 4 + (try reader.bits(4))
        guard literalCount <= 286, distanceCount <= 30 else { throw .malformed }
        var codeLengths = [Int](repeating: 0, count: Self.order.count)
        for index in Self.order.prefix(orderCount) { codeLengths[index] = try reader.bits(3) }
        let code = try HuffmanCode(lengths: codeLengths[...], mayBeIncomplete: false)
        var lengths: [Int] = []
        while lengths.count < literalCount + distanceCount {
            let symbol = try code.symbol(&reader)
            switch symbol {
            case 0...15: lengths.append(symbol)
            case 16:
                guard let last = lengths.last else { throw .malformed }
                lengths.append(contentsOf: repeatElement(last, count: 3 + (try reader.bits(2))))
            case 17: lengths.append(contentsOf: repeatElement(0, count: 3 + (try reader.bits(3))))
            default: lengths.append(contentsOf: repeatElement(0, count: 11 + (try reader.bits(7))))
            }
        }
        // A block that has no end of block would never end.
        guard lengths.count == literalCount + distanceCount, lengths[256] > 0 else { throw .malformed }
        return (
            try HuffmanCode(lengths: lengths[..<literalCount], mayBeIncomplete: true),
            try HuffmanCode(lengths: lengths[literalCount...], mayBeIncomplete: true)
        )
    }

    /// The order of the code lengths' own lengths.
    private static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    /// Lengths from symbol 257 on, each with how many bits are added to it.
    private static let lengths: [(base: Int, bits: Int)] =
        ranges(
            from: 3,
            bits: [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5])
        + [(258, 0)]

    private static let distances: [(base: Int, bits: Int)] = ranges(
        from: 1,
        bits: [
            0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
        ])

    private static func ranges(from first: Int, bits: [Int]) -> [(base: Int, bits: Int)] {
        var base = first
        return bits.map { count in
            defer { base += 1 << count }
            return (base, count)
        }
    }
}

/// Bits from the least significant of each octet on.
private struct BitReader {
    private let input: [UInt8]
    private var index: Int
    private var held = 0
    private var heldCount = 0

    init(_ input: [UInt8], at index: Int) {
        self.input = input
        self.index = index
    }

    /// At most 16 bits, the first as the lowest.
    mutating func bits(_ count: Int) throws(Inflate.Failure) -> Int {
        while heldCount < count {
            guard index < input.count else { throw .malformed }
            held |= Int(input[index]) << heldCount
            index += 1
            heldCount += 8
        }
        defer {
            held >>= count
            heldCount -= count
        }
        return held & ((1 << count) - 1)
    }

    mutating func skipToOctet() {
        held >>= heldCount % 8
        heldCount -= heldCount % 8
    }

    /// The index behind the octet that the last bit came from.
    var endOfOctet: Int { index - heldCount / 8 }
}

/// A prefix code whose codes of one length follow each other (§3.2.2).
private struct HuffmanCode {
    private static let longest = 15

    /// How many symbols have a code of this length.
    private var counts = [Int](repeating: 0, count: longest + 1)
    /// By code.
    private var symbols: [Int] = []

    /// - Parameter mayBeIncomplete: whether one code of one bit is enough, as in a block with one distance.
    init(lengths: ArraySlice<Int>, mayBeIncomplete: Bool) throws(Inflate.Failure) {
        for length in lengths where length > 0 { counts[length] += 1 }
        var left = 1
        for length in 1...Self.longest {
            left = left * 2 - counts[length]
            guard left >= 0 else { throw .malformed }
        }
        let count = counts.reduce(0, +)
        guard left == 0 || mayBeIncomplete && (count == 0 || count == 1 && counts[1] == 1) else {
            throw .malformed
        }
        for length in 1...Self.longest where counts[length] > 0 {
            for (symbol, other) in lengths.enumerated() where other == length { symbols.append(symbol) }
        }
    }

    private init(_ lengths: [Int]) {
        for length in lengths { counts[length] += 1 }
        for length in 1...Self.longest {
            for (symbol, other) in lengths.enumerated() where other == length { symbols.append(symbol) }
        }
    }

    /// §3.2.6
    static let fixedLiterals = HuffmanCode(
        (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
    static let fixedDistances = HuffmanCode([Int](repeating: 5, count: 30))

    func symbol(_ reader: inout BitReader) throws(Inflate.Failure) -> Int {
        var (code, first, index) = (0, 0, 0)
        for length in 1...Self.longest {
            code |= try reader.bits(1)
            let count = counts[length]
            if code - first < count { return symbols[index + code - first] }
            index += count
            first = (first + count) << 1
            code <<= 1
        }
        throw .malformed
    }
}
