internal import Cryptography
internal import Encodings

/// Encodes connect sessions as tokens, and verifies them when a browser shows them.
///
/// A session is kept nowhere: its token carries it, and any replica takes it. It is sealed for a purpose of its own: no
/// state and no ticket is taken for a session, and no session for one of them.
package final class SessionCodec: Sendable {
    /// The longest token that is made or read, in characters.
    package static let maximumCharacterCount = Base64URL.characterCount(
        ofOctets: SessionRecord.maximumByteCount + SealedFrame.overhead)

    private let sealer: Sealer
    private let audience: [UInt8]

    package init(sealer: Sealer, audience: Audience) {
        self.sealer = sealer
        self.audience = Array(audience.description.utf8)
    }

    /// Whether a text has the length and the beginning of a session's token: an API key has not.
    package static func isToken(_ text: String) -> Bool {
        let octets = text.utf8
        return octets.first == UInt8(ascii: "A") && octets.count > 80 && octets.count <= maximumCharacterCount
    }

    /// Seals a session with the key that seals at `now`.
    package func encode(_ session: Session, at now: Timestamp) throws(TokenEncodingError) -> String {
        let longest = try longestLifetime()
        guard session.lifetime <= longest else { throw .lifetimeTooLong(longest: longest) }
        let record = try SessionRecord.octets(of: session)
        let audience = audience
        do {
            let sealed = try sealer.seal(record.span, as: .session, context: audience.span, at: now)
            return Base64URL.encode(sealed.span)
        } catch {
            throw TokenEncodingError(error)
        }
    }

    /// Seals with a given key and IV, for vectors only.
    package func encode(
        _ session: Session, key: KeyID, iv: [UInt8]
    ) throws(TokenEncodingError) -> String {
        precondition(iv.count == SealedFrame.ivByteCount, "an IV has 16 octets")
        let record = try SessionRecord.octets(of: session)
        let audience = audience
        var sealed = [UInt8](repeating: 0, count: record.count + SealedFrame.overhead)
        sealed.replaceSubrange(SealedFrame.ivOffset..<SealedFrame.headerByteCount, with: iv)
        sealed.replaceSubrange(SealedFrame.contents(ofFrame: sealed.count), with: record)
        do {
            try sealer.withOpeningContext(for: key) { context throws(OpenError) in
                var frame = sealed.mutableSpan
                do {
                    try context.seal(&frame, prefix: Purpose.session.prefix, context: audience.span)
                } catch {
                    throw .unavailable
                }
            }
        } catch {
            throw .unavailable
        }
        return Base64URL.encode(sealed.span)
    }

    /// Opens a session's token and reads what it carries.
    ///
    /// - Throws: ``SessionError``. Whether the credential that made the session still stands is the caller's to ask.
    package func verify(_ text: String, at now: Timestamp) throws(SessionError) -> Session {
        guard text.utf8.count <= Self.maximumCharacterCount, let sealed = Base64URL.decode(text) else {
            throw .unopened(.malformed)
        }
        let session = try open(sealed)
        guard session.issuedAt <= now + (try skew()) else { throw .notYetValid }
        guard now < session.expiresAt else { throw .expired(session) }
        return session
    }

    private func open(_ sealed: [UInt8]) throws(SessionError) -> Session {
        let record: [UInt8]
        let audience = audience
        do {
            record = try sealer.open(sealed.span, as: .session, context: audience.span)
        } catch {
            throw .unopened(error)
        }
        do {
            return try SessionRecord.read(record.span)
        } catch {
            throw .unreadable
        }
    }

    /// The longest that a session may live under the ring in force.
    package func longestLifetime() throws(TokenEncodingError) -> Duration {
        try sealer.withLane(orThrow: .unavailable) { lane throws(TokenEncodingError) in lane.sessionLifetime
        }
    }

    private func skew() throws(SessionError) -> Duration {
        try sealer.withLane(orThrow: .unopened(.unavailable)) { lane throws(SessionError) in lane.skew }
    }
}
