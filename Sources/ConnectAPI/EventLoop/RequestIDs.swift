internal import ConnectService

/// Makes ids for requests that bring none: 15 letters and digits, which a `String` holds without memory of its own.
///
/// The first 8 are random and stay, the other 7 count. So ids differ among event loops, replicas and restarts without
/// anything shared between them.
struct RequestIDs {
    private static let digitBits: UInt64 = 5
    private static let prefixLength = 8
    private static let numberLength = 7

    private var prefix: UInt64
    private var number: UInt64 = 0

    init() { prefix = .random(in: 0...UInt64.max) }

    mutating func next() -> RequestIdentifier {
        number += 1
        if number >> (Self.digitBits * UInt64(Self.numberLength)) != 0 { self = RequestIDs() }
        let (prefix, number) = (prefix, number)
        let text = unsafe String(unsafeUninitializedCapacity: Self.prefixLength + Self.numberLength) {
            octets in
            for index in 0..<Self.prefixLength {
                unsafe octets[index] = Self.digit(prefix, at: index)
            }
            for index in 0..<Self.numberLength {
                unsafe octets[Self.prefixLength + index] = Self.digit(
                    number, at: Self.numberLength - 1 - index)
            }
            return Self.prefixLength + Self.numberLength
        }
        return RequestIdentifier(own: text)
    }

    /// A digit to base 32, the last at 0.
    private static func digit(_ value: UInt64, at place: Int) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: value >> (digitBits * UInt64(place))) & 0x1F
        return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
