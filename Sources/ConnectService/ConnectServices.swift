package import Connections

/// The use cases of one deployment, made of the same parts.
package struct ConnectServices<Store: ConnectionStore>: Sendable {
    package let settings: ServiceSettings
    package let initiate: InitiateFlow
    package let verifyCallback: CallbackVerifier
    package let verifyTicket: TicketVerifier
    package let complete: FlowCompletion<Store>
    package let accessTokens: AccessTokens<Store>
    package let disconnect: DisconnectConnection<Store>
    package let integrations: IntegrationRegistry
    package let readiness: Readiness<Store>
    package let store: Store
    /// In development mode only.
    package let tracing: FlowTracing?
    package let audit: AuditLog

    package init(
        settings: ServiceSettings, initiate: InitiateFlow, verifyCallback: CallbackVerifier,
        verifyTicket: TicketVerifier, complete: FlowCompletion<Store>, accessTokens: AccessTokens<Store>,
        disconnect: DisconnectConnection<Store>, integrations: IntegrationRegistry,
        readiness: Readiness<Store>,
        store: Store, audit: AuditLog, tracing: FlowTracing? = nil
    ) {
        self.settings = settings
        self.initiate = initiate
        self.verifyCallback = verifyCallback
        self.verifyTicket = verifyTicket
        self.complete = complete
        self.accessTokens = accessTokens
        self.disconnect = disconnect
        self.integrations = integrations
        self.readiness = readiness
        self.store = store
        self.tracing = tracing
        self.audit = audit
    }
}
