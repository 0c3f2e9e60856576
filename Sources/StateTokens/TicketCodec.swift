internal import Cryptography
internal import Encodings

/// Encodes what a callback brought as a ticket, and verifies it when it is handed in: by the app's server in confirm mode, or
/// by our own page.
///
/// A ticket carries all that completing the flow needs, so that any replica can do it. It is sealed for a purpose of its
/// own: no state is taken for a ticket, no ticket for a state, and none of confirm mode for one of our page.
package final class TicketCodec: Sendable {
    /// The longest ticket that is made or read, in characters.
    package static let maximumCharacterCount = Base64URL.characterCount(
        ofOctets: TicketRecord.maximumByteCount + SealedFrame.overhead)

    private let sealer: Sealer
    private let audience: [UInt8]
    private let states: StateTokenCodec

    package init(sealer: Sealer, audience: Audience) {
        self.sealer = sealer
        self.audience = Array(audience.description.utf8)
        states = StateTokenCodec(sealer: sealer, audience: audience)
    }

    /// Seals a ticket with the key that seals at `now`.
    ///
    /// - Parameter purpose: ``Purpose/ticket`` or ``Purpose/screen``.
    package func encode(
        _ ticket: Ticket, as purpose: Purpose = .ticket, at now: Timestamp
    ) throws(TokenEncodingError) -> String {
        var record = try TicketRecord.octets(of: ticket)
        defer {
            var octets = record.mutableSpan
            wipe(&octets)
        }
        let audience = audience
        do {
            let sealed = try sealer.seal(record.span, as: purpose, context: audience.span, at: now)
            return Base64URL.encode(sealed.span)
        } catch {
            throw TokenEncodingError(error)
        }
    }

    /// Opens a ticket, and the state that it carries.
    ///
    /// The state may have expired since the callback took it. A key that was disabled since, the ticket's or the state's,
    /// ends both.
    ///
    /// - Parameter purpose: what the ticket was sealed for.
    package func verify(
        _ text: String, as purpose: Purpose = .ticket, at now: Timestamp
    ) throws(TicketError) -> VerifiedTicket {
        guard text.utf8.count <= Self.maximumCharacterCount, let sealed = Base64URL.decode(text) else {
            throw .unopened(.malformed)
        }
        let ticket = try open(sealed, as: purpose)
        guard ticket.issuedAt <= now + (try skew()) else { throw .notYetValid }
        guard now < ticket.expiresAt else { throw .expired }
        return VerifiedTicket(ticket: ticket, state: try state(of: ticket, at: now))
    }

    private func open(_ sealed: [UInt8], as purpose: Purpose) throws(TicketError) -> Ticket {
        var record: [UInt8]
        let audience = audience
        do {
            record = try sealer.open(sealed.span, as: purpose, context: audience.span)
        } catch {
            throw .unopened(error)
        }
        defer {
            var octets = record.mutableSpan
            wipe(&octets)
        }
        do {
            return try TicketRecord.read(record.span)
        } catch {
            throw .unreadable
        }
    }

    private func state(of ticket: Ticket, at now: Timestamp) throws(TicketError) -> VerifiedState {
        do throws(StateTokenError) {
            return try states.verify(ticket.stateText, at: now)
        } catch .expired(let state) {
            return state
        } catch .disabledKey(let id) {
            throw .unopened(.disabledKey(id))
        } catch .unknownKey(let id) {
            throw .unopened(.unknownKey(id))
        } catch .notYetValid {
            throw .notYetValid
        } catch .unavailable {
            throw .unopened(.unavailable)
        } catch {
            // A callback verified it before it went into the ticket.
            throw .unreadable
        }
    }

    private func skew() throws(TicketError) -> Duration {
        try sealer.withLane(orThrow: .unopened(.unavailable)) { lane throws(TicketError) in lane.skew }
    }
}
