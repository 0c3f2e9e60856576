internal import Cryptography
internal import Encodings

/// A key with its schedule. The clock does the switching: see ``Keyring/sealingKey(at:)``.
public struct Key: Sendable, Equatable {
    /// What a key may still be used for.
    public enum Status: String, Sendable {
        /// Opens, and seals when its time has come.
        case enabled
        /// Opens, never seals.
        case retired
        /// Does neither: to be used when the key may be known to others.
        case disabled
    }

    public let id: KeyID
    public let material: KeyMaterial
    public let created: Timestamp
    /// When it starts sealing; `nil` while it is only published.
    public let activates: Timestamp?
    public let status: Status

    public init(
        id: KeyID, material: KeyMaterial, created: Timestamp, activates: Timestamp?, status: Status = .enabled
    ) {
        self.id = id
        self.material = material
        self.created = created
        self.activates = activates
        self.status = status
    }
}

/// The name of a key in its keyring, and the first thing that a token says: 4 octets.
public struct KeyID: Sendable, Hashable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Reads exactly 8 lower-case hexadecimal digits.
    public init?(_ text: String) {
        guard let octets = Hexadecimal.decode(text), octets.count == 4 else { return nil }
        rawValue = octets.reduce(0) { $0 << 8 | UInt32($1) }
        // Upper case would be a second spelling.
        guard description == text else { return nil }
    }
}

extension KeyID: Comparable {
    public static func < (left: KeyID, right: KeyID) -> Bool { left.rawValue < right.rawValue }
}

extension KeyID: CustomStringConvertible {
    /// 8 lower-case hexadecimal digits.
    public var description: String {
        let octets = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: rawValue >> $0) }
        return Hexadecimal.encode(octets.span)
    }
}

/// The secret of one key: an AES-256 key (32 octets), then an HMAC-SHA-256 key (32 octets).
///
/// It is wiped when released, compared in constant time, and silent in logs.
public struct KeyMaterial: Sendable, Equatable {
    /// The length of the material.
    public static let byteCount = 64

    private let secret: SecretBytes

    /// - Throws: ``KeyringError/wrongMaterialLength(byteCount:)`` unless there are 64 octets.
    public init(octets: Span<UInt8>) throws(KeyringError) {
        guard octets.count == Self.byteCount else { throw .wrongMaterialLength(byteCount: octets.count) }
        secret = SecretBytes(octets)
    }

    /// Fresh material from libcrypto's generator.
    ///
    /// - Throws: ``KeyringError/unavailable`` if libcrypto has no random bytes.
    public static func random() throws(KeyringError) -> KeyMaterial {
        do {
            var octets = try RandomBytes.make(count: byteCount)
            defer {
                var span = octets.mutableSpan
                wipe(&span)
            }
            return try KeyMaterial(octets: octets.span)
        } catch let error as KeyringError {
            throw error
        } catch {
            throw .unavailable
        }
    }

    /// The 64 octets, for as long as the call lasts.
    public func withOctets<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try secret.withSpan(body)
    }
}

extension KeyMaterial: CustomStringConvertible, CustomReflectable {
    public var description: String { "(secret)" }

    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Key {
    /// Whether what it seals is opened again by it, and not if an octet was changed: asked of a key before a ring with it
    /// is put in force.
    package func sealsAndOpens() -> Bool {
        do {
            let context = try KeyContext(self)
            let contents = try RandomBytes.make(count: 32)
            let sealed = try Self.sealed(contents, with: context)
            var damaged = sealed
            damaged[SealedFrame.headerByteCount] ^= 1
            return try Self.opened(sealed, with: context) == contents
                && Self.opened(damaged, with: context) == nil
        } catch {
            return false
        }
    }

    private static func sealed(
        _ contents: [UInt8], with context: KeyContext
    ) throws(CryptographyError) -> [UInt8] {
        let iv = try RandomBytes.make(count: SealedFrame.ivByteCount)
        var frame =
            [UInt8](repeating: 0, count: SealedFrame.ivOffset) + iv + contents
            + [UInt8](repeating: 0, count: SealedFrame.tagByteCount)
        var span = frame.mutableSpan
        try context.seal(&span, prefix: Purpose.trial.prefix, context: Span())
        return frame
    }

    private static func opened(
        _ sealed: [UInt8], with context: KeyContext
    ) throws(CryptographyError) -> [UInt8]? {
        try context.open(sealed.span, prefix: Purpose.trial.prefix, context: Span())
    }
}
