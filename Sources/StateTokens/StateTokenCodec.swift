internal import Cryptography
internal import Encodings

/// Encodes flows as state tokens, and verifies them.
///
/// Synchronous, without I/O, and safe to use from any thread. The layout is on the page <doc:Format>.
public final class StateTokenCodec: Sendable {
    /// The longest token that is made or read, in characters.
    public static let maximumCharacterCount = Base64URL.characterCount(
        ofOctets: StateRecord.maximumByteCount + SealedFrame.overhead)

    private let sealer: Sealer
    let associatedData: [UInt8]

    public init(sealer: Sealer, audience: Audience) {
        self.sealer = sealer
        associatedData = Purpose.state.prefix + Array(audience.description.utf8)
    }

    /// A code verifier of 32 fresh random octets (RFC 7636 §4.1), which is to go into the state.
    ///
    /// - Throws: ``StateEncodingError/unavailable`` if libcrypto has no random bytes.
    public func makeCodeVerifier() throws(StateEncodingError) -> CodeVerifier {
        try sealer.withLane(orThrow: .unavailable) { lane throws(StateEncodingError) in
            do {
                return try lane.randomVerifier()
            } catch {
                throw .unavailable
            }
        }
    }

    /// Seals a flow's state with the key that seals at `now`.
    ///
    /// - Throws: ``StateEncodingError``.
    public func encode(
        _ state: FlowState, at now: Timestamp = .now()
    ) throws(StateEncodingError) -> StateToken {
        try sealer.withLane(orThrow: .unavailable) { lane throws(StateEncodingError) in
            let key: Unmanaged<KeyContext>
            do {
                unsafe key = try lane.sealingContext(at: now)
            } catch {
                throw .noSealingKey
            }
            guard state.lifetime <= lane.maximumLifetime else { throw .invalidField(.lifetime) }
            return try unsafe encode(state, with: key, in: lane) { frame throws(CryptographyError) in
                try lane.fillIV(of: &frame)
            }
        }
    }

    /// Seals with a given key and IV, for vectors only.
    package func encode(
        _ state: FlowState, key: KeyID, iv: [UInt8]
    ) throws(StateEncodingError) -> StateToken {
        precondition(iv.count == SealedFrame.ivByteCount, "an IV has 16 octets")
        return try sealer.withLane(orThrow: .unavailable) { lane throws(StateEncodingError) in
            let context: Unmanaged<KeyContext>
            do {
                unsafe context = try lane.openingContext(for: key)
            } catch {
                throw .noSealingKey
            }
            return try unsafe encode(state, with: context, in: lane) { frame throws(CryptographyError) in
                for index in iv.indices { frame[SealedFrame.ivOffset + index] = iv[index] }
            }
        }
    }

    /// Opens a token and reads what it carries.
    ///
    /// - Throws: ``StateTokenError``. An expired state comes with its error, because it is authentic and says where to go.
    public func verify(_ text: String, at now: Timestamp = .now()) throws(StateTokenError) -> VerifiedState {
        let characters = text.utf8.span
        guard characters.count <= Self.maximumCharacterCount else { throw .malformed }
        return try sealer.withLane(orThrow: .unavailable) { lane throws(StateTokenError) in
            let verified = try lane.buffer.withOutputSpan { output throws(StateTokenError) in
                guard Base64URL.decode(characters, into: &output) else { throw .malformed }
                return try open(&output, in: lane)
            }
            // Read here: a call on the state would copy it.
            let (issuedAt, lifetime) = (verified.state.issuedAt, verified.state.lifetime)
            // Compared first without the skew: to add a duration divides 128 bits.
            guard issuedAt <= now || issuedAt <= now + lane.skew else { throw .notYetValid(verified) }
            guard now < issuedAt + lifetime else { throw .expired(verified) }
            return verified
        }
    }

    private func encode(
        _ state: FlowState, with key: Unmanaged<KeyContext>, in lane: SealingLane,
        iv: (inout MutableSpan<UInt8>) throws(CryptographyError) -> Void
    ) throws(StateEncodingError) -> StateToken {
        return try lane.buffer.withOutputSpan { output throws(StateEncodingError) in
            output.append(repeating: 0, count: SealedFrame.headerByteCount)
            try StateRecord.write(state, to: &output)
            output.append(repeating: 0, count: SealedFrame.tagByteCount)
            do {
                var frame = output.mutableSpan
                try iv(&frame)
                try unsafe key.lend { key throws(CryptographyError) in
                    try key.seal(&frame, prefix: associatedData, context: Span())
                }
            } catch {
                throw .unavailable
            }
            let sealed = output.span
            return StateToken(
                text: Base64URL.encode(sealed),
                flowID: FlowID(sealed: sealed, tagOffset: sealed.count - SealedFrame.tagByteCount))
        }
    }
}

extension StateTokenCodec {
    /// Opens the sealed octets in `output`, in place, and reads the record.
    // Inlined, because the state is large and each return copies it.
    @inline(__always)
    func open(
        _ output: inout OutputSpan<UInt8>, in lane: SealingLane
    ) throws(StateTokenError) -> VerifiedState {
        let byteCount = output.count
        let tagOffset = byteCount - SealedFrame.tagByteCount
        let keyID: KeyID
        let key: Unmanaged<KeyContext>
        do throws(OpenError) {
            keyID = try SealedFrame.keyID(of: output.span)
            unsafe key = try lane.openingContext(for: keyID)
        } catch {
            throw StateTokenError(error)
        }
        let isAuthentic: Bool
        do throws(CryptographyError) {
            isAuthentic = try unsafe key.lend { key throws(CryptographyError) in
                guard try key.authenticates(output.span, prefix: associatedData, context: Span()) else {
                    return false
                }
                var frame = output.mutableSpan
                try key.decrypt(&frame)
                return true
            }
        } catch {
            throw .unavailable
        }
        guard isAuthentic else { throw .forged }
        let sealed = output.span
        do {
            let record = sealed.extracting(SealedFrame.contents(ofFrame: byteCount))
            let state = try StateRecord.read(record)
            return VerifiedState(
                state: state, flowID: FlowID(sealed: sealed, tagOffset: tagOffset), keyID: keyID)
        } catch {
            throw .unreadable
        }
    }
}

extension StateTokenError {
    init(_ error: OpenError) {
        self =
            switch error {
            case .malformed: .malformed
            case .unknownKey(let id): .unknownKey(id)
            case .disabledKey(let id): .disabledKey(id)
            case .forged: .forged
            case .unavailable: .unavailable
            }
    }
}

/// A state that was authentic: only ``StateTokenCodec/verify(_:at:)`` makes one.
public struct VerifiedState: Sendable, Equatable {
    public let state: FlowState
    public let flowID: FlowID
    /// The key that it was sealed with.
    public let keyID: KeyID

    init(state: FlowState, flowID: FlowID, keyID: KeyID) {
        self.state = state
        self.flowID = flowID
        self.keyID = keyID
    }
}

/// A state token with the flow that it names.
public struct StateToken: Sendable, Equatable {
    /// The value of the `state` parameter: `A-Z a-z 0-9 - _`, at most 1436 characters.
    public let text: String
    public let flowID: FlowID
}
