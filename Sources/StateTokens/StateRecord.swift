internal import Encodings

/// The record inside a state token: the octets of a ``FlowState``, as the page <doc:Format> lays them out.
enum StateRecord {
    static let maximumByteCount = 1024
    static let version: UInt8 = 1
    /// Not written when a state has it.
    static let defaultAuthMethodID = "oauth2"

    /// What may be left out, each with its bit.
    struct Fields: OptionSet {
        let rawValue: UInt16

        static let lifetime = Fields(rawValue: 1 << 0)
        static let authMethod = Fields(rawValue: 1 << 1)
        static let user = Fields(rawValue: 1 << 2)
        static let scopes = Fields(rawValue: 1 << 3)
        static let redirectURI = Fields(rawValue: 1 << 4)
        static let codeVerifier = Fields(rawValue: 1 << 5)
        static let parameters = Fields(rawValue: 1 << 6)
        static let binding = Fields(rawValue: 1 << 7)
        static let traceID = Fields(rawValue: 1 << 8)
        static let connection = Fields(rawValue: 1 << 9)
        static let appState = Fields(rawValue: 1 << 10)
        static let label = Fields(rawValue: 1 << 11)
        static let tags = Fields(rawValue: 1 << 12)
        static let screen = Fields(rawValue: 1 << 13)
        static let userLabel = Fields(rawValue: 1 << 14)
        static let newConnection = Fields(rawValue: 1 << 15)
        static let known = Fields(rawValue: .max)
        /// Those of ``FlowState/Extras``.
        static let extras: Fields = [
            .parameters, .binding, .traceID, .connection, .appState, .label, .tags, .userLabel,
        ]
    }

    /// Whether text is a scope value (RFC 6749 §3.3), or part of one.
    static func isScopeText(_ text: Span<UInt8>) -> Bool {
        let bad = text.findInWords(padding: 0x21) { word in
            // Each octet's result is its highest bit, and sums of the lower seven do not carry beyond it.
            let low = word & UInt64(repeating: 0x7f)
            let isVisible = low &+ UInt64(repeating: 0x80 - 0x21)
            let isDelete = low &+ UInt64(repeating: 1)
            let isNoQuote = (low ^ UInt64(repeating: 0x22)) &+ UInt64(repeating: 0x7f)
            let isNoBackslash = (low ^ UInt64(repeating: 0x5c)) &+ UInt64(repeating: 0x7f)
            return (word | isDelete | ~(isVisible & isNoQuote & isNoBackslash)) & UInt64(repeating: 0x80)
        }
        return bad == 0
    }

    /// Whether text is the name of a parameter: visible ASCII, so that different octets are different names.
    static func isParameterName(_ text: Span<UInt8>) -> Bool {
        guard !text.isEmpty else { return false }
        for index in text.indices where !(0x21...0x7e).contains(text[index]) { return false }
        return true
    }
}

/// Why octets are not a record. (They were written by a holder of the key, so no caller outside learns more than that.)
enum StateRecordError: Error {
    /// A version or a flag that this code does not know.
    case unknownVersion
    /// Too short, too long, or a value that the format does not allow.
    case invalid
}

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
        state.screen = fields.contains(.screen)
        state.newConnection = fields.contains(.newConnection)
        if !fields.isDisjoint(with: .extras) { state.extras = try extras(record, fields) }
    }

    private mutating func extras(
        _ record: Span<UInt8>, _ fields: StateRecord.Fields
    ) throws(StateRecordError) -> FlowState.Extras {
        var extras = FlowState.Extras()
        if fields.contains(.parameters) { extras.parameters = try parameters(record) }
        if fields.contains(.binding) { extras.binding = Binding(storage: try octets(record)) }
        if fields.contains(.traceID) { extras.traceID = TraceID(storage: try octets(record)) }
        if fields.contains(.connection) { extras.connectionID = try text(record) }
        if fields.contains(.appState) { extras.appState = try text(record) }
        if fields.contains(.label) { extras.label = try text(record) }
        if fields.contains(.tags) { extras.tags = try tags(record) }
        if fields.contains(.userLabel) { extras.userLabel = try userLabel(record) }
        return extras
    }

    private mutating func userLabel(_ record: Span<UInt8>) throws(StateRecordError) -> String {
        let label = try text(record)
        guard label.utf8.count <= FlowState.maximumUserLabelByteCount else { throw .invalid }
        return label
    }

    mutating func scopes(_ record: Span<UInt8>) throws(StateRecordError) -> [String] {
        let count = try count(record)
        var scopes: [String] = []
        scopes.reserveCapacity(count)
        scopes.append(try scope(record, after: Span()))
        while scopes.count < count {
            let next = try scopes.withOctets(at: scopes.count - 1) { before throws(StateRecordError) in
                try scope(record, after: before)
            }
            scopes.append(next)
        }
        return scopes
    }

    private mutating func scope(
        _ record: Span<UInt8>, after before: Span<UInt8>
    ) throws(StateRecordError) -> String {
        let shared = try varint(record)
        guard shared <= before.count else { throw .invalid }
        let tail = try unreadText(record)
        guard shared > 0 || !tail.isEmpty, tail.isScopeText(in: record) else { throw .invalid }
        guard shared > 0 else { return tail.text(in: record) }
        return tail.text(in: record, after: before.extracting(first: shared))
    }
}

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
        if state.hasExtras { try write(state.extras, by: writer, to: &output) }
    }

    private static func write(
        _ extras: FlowState.Extras, by writer: RecordWriter, to output: inout OutputSpan<UInt8>
    ) throws(StateEncodingError) {
        if !extras.parameters.isEmpty { try writer.parameters(extras.parameters, to: &output) }
        if let binding = extras.binding { try writer.octets(binding.storage, to: &output) }
        if let traceID = extras.traceID { try writer.octets(traceID.storage, to: &output) }
        if let connectionID = extras.connectionID {
            try writer.text(connectionID, .connectionID, to: &output)
        }
        if let appState = extras.appState { try writer.text(appState, .appState, to: &output) }
        if let label = extras.label { try writer.text(label, .label, to: &output) }
        if !extras.tags.isEmpty { try writer.tags(extras.tags, to: &output) }
        if let userLabel = extras.userLabel {
            guard userLabel.utf8.count <= FlowState.maximumUserLabelByteCount else {
                throw .invalidField(.userLabel)
            }
            try writer.text(userLabel, .userLabel, to: &output)
        }
    }

    private static func fields(of state: FlowState) -> Fields {
        var fields: Fields = []
        if state.lifetime != FlowState.defaultLifetime { fields.insert(.lifetime) }
        if state.authMethodID != defaultAuthMethodID { fields.insert(.authMethod) }
        if state.userID != nil { fields.insert(.user) }
        if !state.scopes.isEmpty { fields.insert(.scopes) }
        if state.redirectURI != nil { fields.insert(.redirectURI) }
        if state.codeVerifier != nil { fields.insert(.codeVerifier) }
        if state.screen { fields.insert(.screen) }
        if state.newConnection { fields.insert(.newConnection) }
        if state.hasExtras { fields.formUnion(self.fields(of: state.extras)) }
        return fields
    }

    private static func fields(of extras: FlowState.Extras) -> Fields {
        var fields: Fields = []
        if !extras.parameters.isEmpty { fields.insert(.parameters) }
        if extras.binding != nil { fields.insert(.binding) }
        if extras.traceID != nil { fields.insert(.traceID) }
        if extras.connectionID != nil { fields.insert(.connection) }
        if extras.appState != nil { fields.insert(.appState) }
        if extras.label != nil { fields.insert(.label) }
        if !extras.tags.isEmpty { fields.insert(.tags) }
        if extras.userLabel != nil { fields.insert(.userLabel) }
        return fields
    }
}
