internal import Access
internal import ConnectService
internal import Encodings
internal import OAuthHTTP
internal import OpenTelemetry

extension AuditLog {
    /// Reserves room for lines of what must be audited.
    ///
    /// - Throws: ``APIError`` if the log cannot take them, so that it must not be done.
    func admit(lineCount: Int) throws(APIError) {
        guard reserve(lineCount: lineCount) else { throw .auditUnavailable }
    }
}

extension AuditEvent {
    /// Something that a caller with a credential asked for, and how it ended just now.
    init(
        _ kind: Kind, _ outcome: Outcome, reason: String? = nil, by principal: Principal,
        in workspaceID: String, _ origin: RequestOrigin
    ) {
        self.init(kind, outcome, reason: reason)
        credentialID = principal.credentialID
        userID = principal.userID
        self.workspaceID = workspaceID
        come(from: origin)
    }

    /// Adds where the request came from, and how long it took; of a caller with a credential, also what the caller says
    /// that it is for.
    mutating func come(from origin: RequestOrigin) {
        if credentialID != nil { context = origin.auditContext }
        address = origin.address?.description
        requestID = origin.requestID
        duration = origin.arrival.duration(to: .now)
        if let trace = origin.trace { traceID = trace.flowTraceID ?? traceID }
    }
}
