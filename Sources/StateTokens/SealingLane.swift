internal import Cryptography

/// What one thread needs to seal and open: the ring's keys made ready, random octets, and a buffer.
///
/// It follows the ring: when that is replaced, the keys are made ready again at the next use.
final class SealingLane {
    private let reference: KeyringReference
    private var keyring: Keyring
    private var generation: UInt64
    private var contexts: [KeyContext]
    private var sealing: SealingPeriod?
    private let random: RandomPool
    /// A buffer for the state token that is being sealed or opened.
    let buffer = SecretBuffer(capacity: StateRecord.maximumByteCount + SealedFrame.overhead)

    init(_ reference: KeyringReference) throws(CryptographyError) {
        self.reference = reference
        (keyring, generation) = reference.snapshot
        random = try RandomPool()
        contexts = try Self.contexts(of: keyring)
    }

    /// Follows the ring if it was replaced: all of it, or, if its keys cannot be made ready, none of it.
    func refresh() throws(CryptographyError) {
        guard generation != reference.generation else { return }
        let next = reference.snapshot
        contexts = try Self.contexts(of: next.keyring)
        (keyring, generation) = next
        sealing = nil
    }

    /// The key that seals at `now`.
    func sealingContext(at now: Timestamp) throws(SealError) -> KeyContext {
        if let sealing, sealing.from <= now, now < sealing.until { return sealing.context }
        guard let key = keyring.sealingKey(at: now), let context = contexts.first(where: { $0.id == key.id })
        else { throw .noSealingKey }
        let until = keyring.nextActivation(after: now) ?? Timestamp(secondsSinceEpoch: .max)
        sealing = SealingPeriod(context: context, from: now, until: until)
        return context
    }

    /// The key that sealed octets name.
    func openingContext(for id: KeyID) throws(OpenError) -> KeyContext {
        for context in contexts where context.id == id { return context }
        throw keyring[id] == nil ? .unknownKey(id) : .disabledKey(id)
    }

    /// Writes a fresh IV into a frame.
    func fillIV(of frame: inout MutableSpan<UInt8>) throws(CryptographyError) {
        let start = SealedFrame.ivOffset
        try random.fill(&frame, in: start..<start + SealedFrame.ivByteCount)
    }

    /// Fresh random octets for a code verifier.
    func randomVerifier() throws(CryptographyError) -> CodeVerifier {
        try buffer.withOutputSpan { output throws(CryptographyError) in
            output.append(repeating: 0, count: CodeVerifier.byteCount)
            var octets = output.mutableSpan
            try random.fill(&octets, in: 0..<CodeVerifier.byteCount)
            return CodeVerifier(storage: Octets(octets.span, from: 0))
        }
    }

    var maximumLifetime: Duration { keyring.maximumLifetime }
    /// The longest that a session may live.
    var sessionLifetime: Duration { keyring.sessionLifetime }

    var skew: Duration { keyring.skew }

    private static func contexts(of keyring: Keyring) throws(CryptographyError) -> [KeyContext] {
        var contexts: [KeyContext] = []
        for key in keyring.keys where key.status != .disabled { contexts.append(try KeyContext(key)) }
        return contexts
    }
}

/// The key that seals, and the time for which that is known.
private struct SealingPeriod {
    let context: KeyContext
    let from: Timestamp
    let until: Timestamp
}
