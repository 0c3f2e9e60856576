internal import Cryptography
internal import Encodings

/// Seals and opens octets under a keyring that may be replaced at any time.
///
/// Synchronous, and safe to use from any thread: each has its own contexts, made ready once a key. The layout is on the
/// page <doc:Format>.
public final class Sealer: Sendable {
    private let keyring: KeyringReference
    private let lanes = ThreadLocal<SealingLane>()

    public init(_ keyring: KeyringReference) { self.keyring = keyring }

    /// The deployment that the ring belongs to.
    public var deploymentID: String { keyring.current.deploymentID }

    /// Seals octets, at most 16 MiB, with the key that seals at `now`. The result is 53 octets longer.
    ///
    /// - Throws: ``SealError``.
    public func seal(
        _ plaintext: Span<UInt8>, as purpose: Purpose, context: Span<UInt8>, at now: Timestamp
    ) throws(SealError) -> [UInt8] {
        guard plaintext.count <= SealedFrame.maximumPlaintextByteCount else {
            throw .tooLong(byteCount: plaintext.count)
        }
        return try withLane(orThrow: .unavailable) { lane throws(SealError) in
            let key = unsafe try lane.sealingContext(at: now)
            do {
                return try [UInt8](capacity: plaintext.count + SealedFrame.overhead) {
                    output throws(CryptographyError) in
                    output.append(repeating: 0, count: SealedFrame.headerByteCount)
                    output.append(octets: plaintext)
                    output.append(repeating: 0, count: SealedFrame.tagByteCount)
                    var frame = output.mutableSpan
                    try lane.fillIV(of: &frame)
                    try unsafe key.lend { key throws(CryptographyError) in
                        try key.seal(&frame, prefix: purpose.prefix, context: context)
                    }
                }
            } catch {
                throw .unavailable
            }
        }
    }

    /// Opens sealed octets.
    ///
    /// - Throws: ``OpenError``; nothing is decrypted before the tag holds.
    public func open(
        _ sealed: Span<UInt8>, as purpose: Purpose, context: Span<UInt8>
    ) throws(OpenError) -> [UInt8] {
        try withOpeningContext(for: SealedFrame.keyID(of: sealed)) { key throws(OpenError) in
            let plaintext: [UInt8]?
            do {
                plaintext = try key.open(sealed, prefix: purpose.prefix, context: context)
            } catch {
                throw .unavailable
            }
            guard let plaintext else { throw .forged }
            return plaintext
        }
    }

    /// A keyed hash of `message` under the key with this id, 32 octets: the same on every replica, and meaningless
    /// without the key.
    ///
    /// - Parameter label: what the hash is for; hashes with different labels have nothing in common.
    package func keyedHash(
        of message: Span<UInt8>, label: Purpose, context: Span<UInt8>, key: KeyID
    ) throws(OpenError) -> [UInt8] {
        try withOpeningContext(for: key) { key throws(OpenError) in
            do {
                return try key.tag(of: message, label: label.prefix, context: context)
            } catch {
                throw .unavailable
            }
        }
    }

    /// Lends the context of the key with this id to `body`.
    func withOpeningContext<Result>(
        for id: KeyID, _ body: (KeyContext) throws(OpenError) -> Result
    ) throws(OpenError) -> Result {
        try withLane(orThrow: .unavailable) { lane throws(OpenError) in
            try unsafe lane.openingContext(for: id).lend(to: body)
        }
    }

    /// Lends this thread's lane to `body`, once it has followed the ring.
    ///
    /// - Parameter unavailable: is thrown if a lane or the ring's keys cannot be made ready.
    @inline(__always)
    func withLane<Result, Failure: Error>(
        orThrow unavailable: Failure, _ body: (SealingLane) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let lane: Unmanaged<SealingLane>
        do {
            unsafe lane = try self.lane()
        } catch {
            throw unavailable
        }
        // Safe, because `self`, which holds the lanes, lives for as long as the call.
        return try unsafe lane.lend(to: body)
    }

    /// This thread's lane, once it has followed the ring, which the caller holds.
    // Not inlined, which makes the caller slower.
    @inline(never)
    func heldLane() throws(CryptographyError) -> SealingLane { unsafe try lane().takeUnretainedValue() }

    /// This thread's lane, once it has followed the ring, to be lent while this sealer lives.
    @inline(__always)
    private func lane() throws(CryptographyError) -> Unmanaged<SealingLane> {
        let lane = unsafe try lanes.value { () throws(CryptographyError) in try SealingLane(keyring) }
        try unsafe lane.lend { lane throws(CryptographyError) in try lane.refresh() }
        return unsafe lane
    }
}

/// Where things stand in sealed octets: `01 | key id (4) | IV (16) | ciphertext | tag (32)`.
package enum SealedFrame {
    package static let version: UInt8 = 1
    static let ivOffset = 5
    static let ivByteCount = 16
    package static let headerByteCount = 21
    package static let tagByteCount = 32
    /// What sealing adds.
    package static let overhead = headerByteCount + tagByteCount
    /// The longest plaintext.
    static let maximumPlaintextByteCount = 16 * 1024 * 1024

    /// The range of the ciphertext in a frame of this length.
    static func contents(ofFrame byteCount: Int) -> Range<Int> { headerByteCount..<byteCount - tagByteCount }

    /// The key id that sealed octets name.
    static func keyID(of sealed: Span<UInt8>) throws(OpenError) -> KeyID {
        guard sealed.count >= overhead, sealed[0] == version else { throw .malformed }
        return KeyID(
            rawValue: UInt32(sealed[1]) << 24 | UInt32(sealed[2]) << 16 | UInt32(sealed[3]) << 8
                | UInt32(sealed[4]))
    }
}

/// Why octets were not sealed.
public enum SealError: Error, Equatable {
    /// No key of the ring is enabled.
    case noSealingKey
    /// More octets than one seal takes, which is 16 MiB.
    case tooLong(byteCount: Int)
    /// libcrypto failed or gave no random octets.
    case unavailable
}

/// Why sealed octets were not opened.
public enum OpenError: Error, Equatable {
    /// Not of a known version, or of an impossible length.
    case malformed
    /// No key in the keyring has this id.
    case unknownKey(KeyID)
    /// The key is disabled, so nothing that it sealed is believed.
    case disabledKey(KeyID)
    /// The tag does not match the contents, the purpose and the context.
    case forged
    /// libcrypto failed.
    case unavailable
}

extension OpenError {
    /// The name for logs and metrics.
    package var name: String {
        switch self {
        case .malformed: "malformed"
        case .unknownKey: "unknown_key"
        case .disabledKey: "disabled_key"
        case .forged: "forged"
        case .unavailable: "unavailable"
        }
    }

    /// The key that the octets name, if that is what is wrong.
    package var keyID: KeyID? {
        switch self {
        case .unknownKey(let id), .disabledKey(let id): id
        case .malformed, .forged, .unavailable: nil
        }
    }
}
