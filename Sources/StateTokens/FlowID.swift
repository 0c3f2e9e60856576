internal import Encodings

/// The name of a flow: the first 16 octets of its state's tag.
///
/// It is unique, cannot be chosen without the key, and is bound to key, audience and contents. Knowing it
/// gives no right to anything.
public struct FlowID: Sendable, Hashable {
    /// The length of a flow id.
    public static let byteCount = 16

    private let storage: Octets<16>

    /// - Returns: `nil` unless there are 16 octets.
    public init?(octets: [UInt8]) {
        guard let storage = Octets<16>(octets.span) else { return nil }
        self.storage = storage
    }

    /// Reads what `description` gives: 22 characters of base64url.
    public init?(_ text: String) {
        guard let octets = Base64URL.decode(text) else { return nil }
        self.init(octets: octets)
    }

    /// Reads the start of the tag that stands at `offset` in `sealed`.
    init(sealed: Span<UInt8>, tagOffset offset: Int) { storage = Octets(sealed, from: offset) }

    /// The 16 octets.
    public var octets: [UInt8] { storage.array }
}

extension FlowID: CustomStringConvertible {
    /// The octets in base64url, 22 characters.
    public var description: String { storage.base64URL }
}
