package import Connections

/// The use cases of one deployment, made of the same parts.
package struct ConnectServices<Store: ConnectionStore>: Sendable {
    package let settings: ServiceSettings
    package let initiate: InitiateFlow
    package let createSession: CreateSession
    package let sessions: SessionVerifier
    package let callbacks: CallbackVerifier
    package let tickets: TicketVerifier
    package let completion: FlowCompletion<Store>
    package let accessTokens: AccessTokens<Store>
    package let change: ChangeConnection<Store>
    package let disconnect: DisconnectConnection<Store>
    package let integrations: IntegrationRegistry
    package let readiness: Readiness<Store>
    package let store: Store
    /// In development mode only.
    package let tracing: FlowTracing?
    package let audit: AuditLog
    package let ongoing = OngoingFlows()

    package init(
        settings: ServiceSettings, initiate: InitiateFlow, createSession: CreateSession,
        sessions: SessionVerifier, callbacks: CallbackVerifier,
        tickets: TicketVerifier, completion: FlowCompletion<Store>, accessTokens: AccessTokens<Store>,
        change: ChangeConnection<Store>, disconnect: DisconnectConnection<Store>,
        integrations: IntegrationRegistry,
        readiness: Readiness<Store>,
        store: Store, audit: AuditLog, tracing: FlowTracing? = nil
    ) {
        self.settings = settings
        self.initiate = initiate
        self.createSession = createSession
        self.sessions = sessions
        self.callbacks = callbacks
        self.tickets = tickets
        self.completion = completion
        self.accessTokens = accessTokens
        self.change = change
        self.disconnect = disconnect
        self.integrations = integrations
        self.readiness = readiness
        self.store = store
        self.tracing = tracing
        self.audit = audit
    }
}
