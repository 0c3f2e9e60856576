internal import Cryptography

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
    /// - Throws: ``KeyringError/unavailable`` if libcrypto has no random octets to give.
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
