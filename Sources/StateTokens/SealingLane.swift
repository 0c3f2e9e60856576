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

    /// The key that seals at `now`, to be lent until the next ``refresh()``.
    func sealingContext(at now: Timestamp) throws(SealError) -> Unmanaged<KeyContext> {
        if let sealing, sealing.from <= now, now < sealing.until { return unsafe sealing.context }
        guard let key = keyring.sealingKey(at: now), let context = contexts.first(where: { $0.id == key.id })
        else { throw .noSealingKey }
        let until = keyring.nextActivation(after: now) ?? Timestamp(secondsSinceEpoch: .max)
        let lent = unsafe Unmanaged.passUnretained(context)
        sealing = unsafe SealingPeriod(context: lent, from: now, until: until)
        return unsafe lent
    }

    /// The key that sealed octets name, to be lent until the next ``refresh()``.
    func openingContext(for id: KeyID) throws(OpenError) -> Unmanaged<KeyContext> {
        for context in contexts where context.id == id { return unsafe .passUnretained(context) }
        throw keyring[id] == nil ? .unknownKey(id) : .disabledKey(id)
    }

    /// Writes a fresh IV into a frame.
    func fillIV(of frame: inout MutableSpan<UInt8>) throws(CryptographyError) {
        let start = SealedFrame.ivOffset
        try random.fill(&frame, in: start..<start + SealedFrame.ivByteCount)
    }

    /// Fresh random octets for a code verifier.
    func randomVerifier() throws(CryptographyError) -> CodeVerifier {
        var octets = InlineArray<32, UInt8>(repeating: 0)
        var span = octets.mutableSpan
        try random.fill(&span, in: 0..<CodeVerifier.byteCount)
        return CodeVerifier(storage: Octets(octets))
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
// Safe: the lane's `contexts` hold the key, and a period ends with them.
@safe private struct SealingPeriod {
    let context: Unmanaged<KeyContext>
    let from: Timestamp
    let until: Timestamp
}
