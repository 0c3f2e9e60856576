internal import ConnectService
internal import OAuthHTTP

extension AuditEvent {
    /// Something that a caller with a credential asked for, and how it ended just now.
    init(
        _ kind: Kind, _ outcome: Outcome, reason: String? = nil, by principal: Principal,
        in workspaceID: String, _ context: APIContext
    ) {
        self.init(kind, outcome, reason: reason)
        credentialID = principal.credentialID
        userID = principal.userID
        self.workspaceID = workspaceID
        come(with: context)
    }

    /// Adds where the request came from, and how long it took.
    mutating func come(with context: APIContext) {
        address = context.clientAddress?.description
        duration = context.arrival.duration(to: .now)
    }
}
