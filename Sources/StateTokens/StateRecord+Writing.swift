extension StateRecord {
    /// Appends the record of `state` to `output`.
    ///
    /// - Throws: ``StateEncodingError/invalidField(_:)`` for what the format cannot carry, and
    ///   ``StateEncodingError/tooLong`` for more than 1024 octets.
    static func write(
        _ state: FlowState, to output: inout OutputSpan<UInt8>
    ) throws(StateEncodingError) {
        guard let issuedAt = UInt32(exactly: state.issuedAt.secondsSinceEpoch) else {
            throw .invalidField(.issuedAt)
        }
        let limit = output.count + maximumByteCount
        let writer = RecordWriter(limit: limit)
        let fields = fields(of: state)
        try writer.octet(version, to: &output)
        try writer.octet(UInt8(truncatingIfNeeded: fields.rawValue >> 8), to: &output)
        try writer.octet(UInt8(truncatingIfNeeded: fields.rawValue), to: &output)
        try writer.integer(issuedAt, to: &output)
        try writer.integer(state.fingerprint, to: &output)
        try writer.text(state.integrationID, .integrationID, to: &output)
        try writer.text(state.workspaceID, .workspaceID, to: &output)
        if fields.contains(.lifetime) {
            guard let seconds = Int(exactly: state.lifetime.components.seconds), seconds >= 1,
                seconds <= Varint.maximum, state.lifetime.components.attoseconds == 0
            else { throw .invalidField(.lifetime) }
            try writer.varint(seconds, to: &output)
        }
        if fields.contains(.authMethod) { try writer.text(state.authMethodID, .authMethodID, to: &output) }
        if let userID = state.userID { try writer.text(userID, .userID, to: &output) }
        if fields.contains(.scopes) { try writer.scopes(state.scopes, to: &output) }
        if let redirectURI = state.redirectURI { try writer.text(redirectURI, .redirectURI, to: &output) }
        if let verifier = state.codeVerifier { try writer.octets(verifier.storage, to: &output) }
        if fields.contains(.parameters) { try writer.parameters(state.parameters, to: &output) }
        if let binding = state.binding { try writer.octets(binding.storage, to: &output) }
        if let traceID = state.traceID { try writer.octets(traceID.storage, to: &output) }
        if let connectionID = state.connectionID { try writer.text(connectionID, .connectionID, to: &output) }
        if let appState = state.appState { try writer.text(appState, .appState, to: &output) }
    }

    private static func fields(of state: FlowState) -> Fields {
        var fields: Fields = []
        if state.lifetime != FlowState.defaultLifetime { fields.insert(.lifetime) }
        if state.authMethodID != defaultAuthMethodID { fields.insert(.authMethod) }
        if state.userID != nil { fields.insert(.user) }
        if !state.scopes.isEmpty { fields.insert(.scopes) }
        if state.redirectURI != nil { fields.insert(.redirectURI) }
        if state.codeVerifier != nil { fields.insert(.codeVerifier) }
        if !state.parameters.isEmpty { fields.insert(.parameters) }
        if state.binding != nil { fields.insert(.binding) }
        if state.traceID != nil { fields.insert(.traceID) }
        if state.connectionID != nil { fields.insert(.connection) }
        if state.appState != nil { fields.insert(.appState) }
        return fields
    }
}
