/// The name of a key in its keyring, and the first thing that a token says: 4 octets.
public struct KeyID: Sendable, Hashable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Reads exactly 8 lower-case hexadecimal digits.
    public init?(_ text: String) {
        guard text.utf8.count == 8, let value = UInt32(text, radix: 16) else { return nil }
        rawValue = value
        guard description == text else { return nil }
    }
}

extension KeyID: Comparable {
    public static func < (left: KeyID, right: KeyID) -> Bool { left.rawValue < right.rawValue }
}

extension KeyID: CustomStringConvertible {
    /// 8 lower-case hexadecimal digits.
    public var description: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }
}
