internal import Encodings

/// The record inside a ticket: the octets of a ``Ticket``, as the page <doc:TicketFormat> lays them out.
enum TicketRecord {
    /// What the largest callback holds, the state token's octets, and the lengths of the parts.
    static let maximumByteCount = 18 * 1024
    static let version: UInt8 = 1

    /// What may be left out, each with its bit.
    struct Parts: OptionSet {
        let rawValue: UInt8

        static let fields = Parts(rawValue: 1 << 0)
        static let scopes = Parts(rawValue: 1 << 1)
        static let known: Parts = [.fields, .scopes]
    }

    /// The record of `ticket`.
    static func octets(of ticket: Ticket) throws(TokenEncodingError) -> [UInt8] {
        guard let state = Base64URL.decode(ticket.stateText), let issuedAt = UInt32(exactly: ticket.issuedAt)
        else { throw .invalidField }
        guard !ticket.code.isEmpty, ticket.scopes?.contains("") != true else { throw .invalidField }
        do {
            return try [UInt8](capacity: maximumByteCount) { output throws(StateEncodingError) in
                try write(ticket, state: state, issuedAt: issuedAt, to: &output)
            }
        } catch {
            throw TokenEncodingError(error)
        }
    }

    private static func write(
        _ ticket: Ticket, state: [UInt8], issuedAt: UInt32, to output: inout OutputSpan<UInt8>
    ) throws(StateEncodingError) {
        let writer = RecordWriter(limit: maximumByteCount)
        var parts: Parts = []
        if !ticket.fields.isEmpty { parts.insert(.fields) }
        if ticket.scopes != nil { parts.insert(.scopes) }
        try writer.octet(version, to: &output)
        try writer.octet(parts.rawValue, to: &output)
        try writer.integer(issuedAt, to: &output)
        try writer.varint(state.count, to: &output)
        for octet in state { try writer.octet(octet, to: &output) }
        try writer.text(ticket.code.utf8.span, to: &output)
        if parts.contains(.fields) { try writer.parameters(ticket.fields, to: &output) }
        if let scopes = ticket.scopes {
            try writer.varint(scopes.count, to: &output)
            for scope in scopes { try writer.text(scope.utf8.span, to: &output) }
        }
    }

    /// Reads a record, all of it.
    static func read(_ record: Span<UInt8>) throws(StateRecordError) -> Ticket {
        guard record.count <= maximumByteCount, !record.isEmpty else { throw .invalid }
        guard record[0] == version else { throw .unknownVersion }
        var reader = RecordReader(index: 1)
        let parts = Parts(rawValue: UInt8(try reader.integer(record, byteCount: 1)))
        guard parts.isSubset(of: .known) else { throw .unknownVersion }
        let issuedAt = Timestamp(secondsSinceEpoch: Int64(try reader.integer(record, byteCount: 4)))
        let state = try reader.lengthPrefixed(record)
        var ticket = Ticket(
            issuedAt: issuedAt, stateText: Base64URL.encode(record.extracting(state)),
            code: try reader.text(record))
        if parts.contains(.fields) { ticket.fields = try reader.parameters(record) }
        if parts.contains(.scopes) { ticket.scopes = try scopes(record, &reader) }
        guard reader.index == record.count else { throw .invalid }
        return ticket
    }

    private static func scopes(
        _ record: Span<UInt8>, _ reader: inout RecordReader
    ) throws(StateRecordError) -> [String] {
        let count = try reader.varint(record)
        guard count <= record.count - reader.index else { throw .invalid }
        var scopes: [String] = []
        for _ in 0..<count { scopes.append(try reader.text(record)) }
        return scopes
    }
}

extension UInt32 {
    fileprivate init?(exactly time: Timestamp) { self.init(exactly: time.secondsSinceEpoch) }
}
