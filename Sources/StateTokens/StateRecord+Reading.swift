extension StateRecord {
    /// Reads a record, all of it.
    ///
    /// - Throws: ``StateRecordError``, for anything but what the page <doc:Format> allows.
    static func read(_ record: Span<UInt8>) throws(StateRecordError) -> FlowState {
        guard record.count <= maximumByteCount else { throw .invalid }
        guard let first = record.isEmpty ? nil : record[0] else { throw .invalid }
        guard first == version else { throw .unknownVersion }
        var reader = RecordReader(index: 1)
        let fields = Fields(rawValue: UInt16(try reader.integer(record, byteCount: 2)))
        guard fields.isSubset(of: .known) else { throw .unknownVersion }
        let issuedAt = Timestamp(secondsSinceEpoch: Int64(try reader.integer(record, byteCount: 4)))
        let fingerprint = try reader.integer(record, byteCount: 4)
        let integrationID = try reader.text(record)
        let workspaceID = try reader.text(record)
        var state = FlowState(
            issuedAt: issuedAt, integrationID: integrationID, fingerprint: fingerprint,
            workspaceID: workspaceID)
        try reader.options(record, fields, into: &state)
        guard reader.index == record.count else { throw .invalid }
        return state
    }
}

/// Reads the parts of a record one after another.
private struct RecordReader {
    private(set) var index: Int

    init(index: Int) { self.index = index }

    /// A big-endian integer of at most 4 octets.
    mutating func integer(_ record: Span<UInt8>, byteCount: Int) throws(StateRecordError) -> UInt32 {
        guard record.count - index >= byteCount else { throw .invalid }
        var value: UInt32 = 0
        for offset in 0..<byteCount { value = value << 8 | UInt32(record[index + offset]) }
        index += byteCount
        return value
    }

    mutating func octets<let byteCount: Int>(
        _ record: Span<UInt8>
    ) throws(StateRecordError) -> Octets<byteCount> {
        guard record.count - index >= byteCount else { throw .invalid }
        defer { index += byteCount }
        return Octets(record, from: index)
    }

    /// A text that must not be empty.
    mutating func text(_ record: Span<UInt8>) throws(StateRecordError) -> String {
        let text = try RecordText(record, at: &index).text(in: record)
        guard !text.isEmpty else { throw .invalid }
        return text
    }

    mutating func options(
        _ record: Span<UInt8>, _ fields: StateRecord.Fields, into state: inout FlowState
    ) throws(StateRecordError) {
        if fields.contains(.lifetime) {
            let seconds = try Varint.read(record, at: &index)
            state.lifetime = .seconds(seconds)
            guard seconds >= 1, state.lifetime != FlowState.defaultLifetime else { throw .invalid }
        }
        if fields.contains(.authMethod) {
            state.authMethodID = try text(record)
            guard state.authMethodID != StateRecord.defaultAuthMethodID else { throw .invalid }
        }
        if fields.contains(.user) { state.userID = try text(record) }
        if fields.contains(.scopes) { state.scopes = try scopes(record) }
        if fields.contains(.redirectURI) { state.redirectURI = try text(record) }
        if fields.contains(.codeVerifier) { state.codeVerifier = CodeVerifier(storage: try octets(record)) }
        if fields.contains(.parameters) { state.parameters = try parameters(record) }
        if fields.contains(.binding) { state.binding = Binding(storage: try octets(record)) }
        if fields.contains(.traceID) { state.traceID = TraceID(storage: try octets(record)) }
        if fields.contains(.connection) { state.connectionID = try text(record) }
        if fields.contains(.appState) { state.appState = try text(record) }
    }

    private mutating func scopes(_ record: Span<UInt8>) throws(StateRecordError) -> [String] {
        let count = try count(record)
        var scopes: [String] = []
        scopes.reserveCapacity(count)
        for _ in 0..<count {
            let shared = try Varint.read(record, at: &index)
            let before = scopes.last ?? ""
            guard shared <= before.utf8.count else { throw .invalid }
            let scope = try RecordText(record, at: &index).text(in: record, sharing: shared, with: before)
            guard StateRecord.isScope(scope.utf8.span) else { throw .invalid }
            scopes.append(scope)
        }
        return scopes
    }

    private mutating func parameters(_ record: Span<UInt8>) throws(StateRecordError) -> [String: String] {
        let count = try count(record)
        var parameters: [String: String] = [:]
        var before = ""
        for _ in 0..<count {
            let name = try text(record)
            // Names are ASCII, so that this order is that of their octets.
            guard StateRecord.isParameterName(name.utf8.span), before < name else { throw .invalid }
            parameters[name] = try RecordText(record, at: &index).text(in: record)
            before = name
        }
        return parameters
    }

    /// How many parts follow: at least one, and no more than there are octets left.
    private mutating func count(_ record: Span<UInt8>) throws(StateRecordError) -> Int {
        let count = try Varint.read(record, at: &index)
        guard count >= 1, count <= record.count - index else { throw .invalid }
        return count
    }
}
