internal import Cryptography

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
