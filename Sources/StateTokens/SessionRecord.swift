/// The record inside a session's token: the octets of a ``Session``, as the page <doc:SessionFormat> lays them out.
enum SessionRecord {
    /// What a token of 4096 characters holds.
    static let maximumByteCount = 3019
    static let version: UInt8 = 1

    /// What may be left out, each with its bit, and what a session may do.
    struct Fields: OptionSet {
        let rawValue: UInt16

        static let lifetime = Fields(rawValue: 1 << 0)
        static let userLabel = Fields(rawValue: 1 << 1)
        static let integrations = Fields(rawValue: 1 << 2)
        static let scopes = Fields(rawValue: 1 << 3)
        static let parameters = Fields(rawValue: 1 << 4)
        static let redirectURI = Fields(rawValue: 1 << 5)
        static let tags = Fields(rawValue: 1 << 6)
        static let label = Fields(rawValue: 1 << 7)
        static let connection = Fields(rawValue: 1 << 8)
        static let origins = Fields(rawValue: 1 << 9)
        static let reads = Fields(rawValue: 1 << 10)
        static let disconnects = Fields(rawValue: 1 << 11)
        static let madeByToken = Fields(rawValue: 1 << 12)
        static let known = Fields(rawValue: 1 << 13 - 1)
    }

    private static func fields(of session: Session) -> Fields {
        var fields: Fields = []
        if session.lifetime != Session.defaultLifetime { fields.insert(.lifetime) }
        if session.userLabel != nil { fields.insert(.userLabel) }
        if !session.integrationIDs.isEmpty { fields.insert(.integrations) }
        if !session.scopes.isEmpty { fields.insert(.scopes) }
        if !session.parameters.isEmpty { fields.insert(.parameters) }
        if session.redirectURI != nil { fields.insert(.redirectURI) }
        if !session.tags.isEmpty { fields.insert(.tags) }
        if session.label != nil { fields.insert(.label) }
        if session.connectionID != nil { fields.insert(.connection) }
        if !session.origins.isEmpty { fields.insert(.origins) }
        if session.mayRead { fields.insert(.reads) }
        if session.mayDisconnect { fields.insert(.disconnects) }
        if case .token = session.maker { fields.insert(.madeByToken) }
        return fields
    }
}

extension SessionRecord {
    /// The record of `session`.
    static func octets(of session: Session) throws(TokenEncodingError) -> [UInt8] {
        do {
            return try [UInt8](capacity: maximumByteCount) { output throws(StateEncodingError) in
                try write(session, to: &output)
            }
        } catch {
            throw TokenEncodingError(error)
        }
    }

    private static func write(
        _ session: Session, to output: inout OutputSpan<UInt8>
    ) throws(StateEncodingError) {
        guard let issuedAt = UInt32(exactly: session.issuedAt.secondsSinceEpoch) else {
            throw .invalidField(.issuedAt)
        }
        let (seconds, attoseconds) = session.lifetime.components
        guard seconds >= 1, session.lifetime <= Session.maximumLifetime, attoseconds == 0 else {
            throw .invalidField(.lifetime)
        }
        let writer = RecordWriter(limit: maximumByteCount)
        let fields = fields(of: session)
        try writer.octet(version, to: &output)
        try writer.octet(UInt8(truncatingIfNeeded: fields.rawValue >> 8), to: &output)
        try writer.octet(UInt8(truncatingIfNeeded: fields.rawValue), to: &output)
        try writer.integer(issuedAt, to: &output)
        try writer.text(session.maker.id, .userID, to: &output)
        try writer.text(session.workspaceID, .workspaceID, to: &output)
        try writer.text(session.userID, .userID, to: &output)
        if fields.contains(.lifetime) { try writer.varint(Int(seconds), to: &output) }
        if let label = session.userLabel { try writer.text(label, .userLabel, to: &output) }
        if fields.contains(.integrations) {
            try writer.texts(session.integrationIDs, .integrationID, to: &output)
        }
        if fields.contains(.scopes) { try writer.scopes(session.scopes, to: &output) }
        if fields.contains(.parameters) { try writer.parameters(session.parameters, to: &output) }
        if let redirectURI = session.redirectURI { try writer.text(redirectURI, .redirectURI, to: &output) }
        if fields.contains(.tags) { try writer.tags(session.tags, to: &output) }
        if let label = session.label { try writer.text(label, .label, to: &output) }
        if let connectionID = session.connectionID {
            try writer.text(connectionID, .connectionID, to: &output)
        }
        if fields.contains(.origins) { try writer.texts(session.origins, .redirectURI, to: &output) }
    }
}

extension RecordWriter {
    /// At least one, and none empty.
    fileprivate func texts(
        _ texts: [String], _ field: FlowStateField, to output: inout OutputSpan<UInt8>
    ) throws(StateEncodingError) {
        try varint(texts.count, to: &output)
        for text in texts { try self.text(text, field, to: &output) }
    }
}

extension SessionRecord {
    /// Reads a record, all of it.
    ///
    /// - Throws: ``StateRecordError``, for anything but what the page <doc:SessionFormat> allows.
    static func read(_ record: Span<UInt8>) throws(StateRecordError) -> Session {
        guard record.count <= maximumByteCount, !record.isEmpty else { throw .invalid }
        guard record[0] == version else { throw .unknownVersion }
        var reader = RecordReader(index: 1)
        let fields = Fields(rawValue: UInt16(try reader.integer(record, byteCount: 2)))
        guard fields.isSubset(of: .known) else { throw .unknownVersion }
        let issuedAt = Timestamp(secondsSinceEpoch: Int64(try reader.integer(record, byteCount: 4)))
        let makerID = try reader.text(record)
        var session = Session(
            issuedAt: issuedAt,
            maker: fields.contains(.madeByToken) ? .token(id: makerID) : .apiKey(id: makerID),
            workspaceID: try reader.text(record), userID: try reader.text(record),
            mayRead: fields.contains(.reads), mayDisconnect: fields.contains(.disconnects))
        try reader.options(record, fields, into: &session)
        guard reader.index == record.count else { throw .invalid }
        return session
    }
}

extension RecordReader {
    fileprivate mutating func options(
        _ record: Span<UInt8>, _ fields: SessionRecord.Fields, into session: inout Session
    ) throws(StateRecordError) {
        if fields.contains(.lifetime) {
            session.lifetime = .seconds(try varint(record))
            guard session.lifetime >= .seconds(1), session.lifetime <= Session.maximumLifetime,
                session.lifetime != Session.defaultLifetime
            else { throw .invalid }
        }
        if fields.contains(.userLabel) { session.userLabel = try text(record) }
        if fields.contains(.integrations) { session.integrationIDs = try texts(record) }
        if fields.contains(.scopes) { session.scopes = try scopes(record) }
        if fields.contains(.parameters) { session.parameters = try parameters(record) }
        if fields.contains(.redirectURI) { session.redirectURI = try text(record) }
        if fields.contains(.tags) { session.tags = try tags(record) }
        if fields.contains(.label) { session.label = try text(record) }
        if fields.contains(.connection) { session.connectionID = try text(record) }
        if fields.contains(.origins) { session.origins = try texts(record) }
    }

    private mutating func texts(_ record: Span<UInt8>) throws(StateRecordError) -> [String] {
        let count = try count(record)
        var texts: [String] = []
        for _ in 0..<count { texts.append(try text(record)) }
        return texts
    }
}
