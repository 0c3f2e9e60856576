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

extension RecordReader {
    fileprivate mutating func options(
        _ record: Span<UInt8>, _ fields: StateRecord.Fields, into state: inout FlowState
    ) throws(StateRecordError) {
        if fields.contains(.lifetime) {
            let seconds = try varint(record)
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
        for _ in 0..<count { scopes.append(try scope(record, after: scopes.last ?? "")) }
        return scopes
    }

    private mutating func scope(
        _ record: Span<UInt8>, after before: String
    ) throws(StateRecordError) -> String {
        let shared = try varint(record)
        guard shared <= before.utf8.count else { throw .invalid }
        let scope = try text(record, sharing: shared, with: before)
        let tail = scope.utf8.span.extracting(droppingFirst: shared)
        guard !scope.isEmpty, StateRecord.isScopeText(tail) else { throw .invalid }
        return scope
    }
}
