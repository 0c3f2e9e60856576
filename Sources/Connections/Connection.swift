package import StateTokens

/// One user's grant at one integration, without its credentials, as a store's row holds it; and the rules by which it
/// changes, which every store follows.
package struct Connection: Sendable, Hashable {
    /// The only type there is so far.
    package static let integrationType = "connectors"

    package let id: ConnectionID
    package let workspaceID: String
    package private(set) var userID: String?
    package let integrationID: String
    package let integrationType: String
    package private(set) var label: String
    /// The app's own names for it, by which it finds the connection again.
    package private(set) var tags: [String: String]
    package private(set) var status: ConnectionStatus
    package private(set) var statusReason: String?
    package private(set) var terms: GrantTerms
    /// Grows by one with every change; an update says which one it saw.
    package private(set) var revision: Int64
    /// The `revision` at which the grant's credentials last changed; a refresh says which ones it is about to
    /// replace.
    package private(set) var credentialsRevision: Int64
    let created: DatabaseTime
    private(set) var updated: DatabaseTime
    private(set) var lastRefreshed: DatabaseTime?
    /// When its access token was last handed out, to the hour.
    let tokenRead: DatabaseTime?

    init(
        id: ConnectionID, workspaceID: String, userID: String?, integrationID: String,
        integrationType: String, label: String, tags: [String: String] = [:], status: ConnectionStatus,
        statusReason: String?, terms: GrantTerms, revision: Int64, credentialsRevision: Int64,
        created: DatabaseTime,
        updated: DatabaseTime, lastRefreshed: DatabaseTime?, tokenRead: DatabaseTime? = nil
    ) {
        self.id = id
        self.workspaceID = workspaceID
        self.userID = userID
        self.integrationID = integrationID
        self.integrationType = integrationType
        self.label = label
        self.tags = tags
        self.status = status
        self.statusReason = statusReason
        self.terms = terms
        self.revision = revision
        self.credentialsRevision = credentialsRevision
        self.created = created
        self.updated = updated
        self.lastRefreshed = lastRefreshed
        self.tokenRead = tokenRead
    }

    package init(_ new: NewConnection, now: DatabaseTime) {
        self.init(
            id: new.id, workspaceID: new.workspaceID, userID: new.userID, integrationID: new.integrationID,
            integrationType: Self.integrationType, label: new.label, tags: new.tags, status: new.status,
            statusReason: new.statusReason, terms: new.terms, revision: 1, credentialsRevision: 1,
            created: now, updated: now,
            lastRefreshed: nil)
    }
}

// MARK: Reading

extension Connection {
    package var authMethodID: String { terms.authMethodID }
    package var scopesRequested: [String] { terms.scopesRequested }
    package var scopesGranted: [String] { terms.scopesGranted }
    package var config: [String: String] { terms.config }
    package var account: ProviderAccount? { terms.account }
    package var isAccountCompared: Bool { terms.isAccountCompared }
    package var binding: FlowBinding { terms.binding }
    package var flowID: FlowID { terms.flowID }
    package var expiresAt: Timestamp? { terms.expiresAt }
    package var facts: GrantFacts { terms.facts }
    package var createdAt: Timestamp { created.timestamp }
    package var updatedAt: Timestamp { updated.timestamp }
    package var lastRefreshedAt: Timestamp? { lastRefreshed?.timestamp }
    package var tokenReadAt: Timestamp? { tokenRead?.timestamp }
    package var reauthorizeBy: Timestamp? { terms.facts.reauthorizeBy }
    package var sweepAt: DatabaseTime? { terms.facts.sweepAt }

    /// Whether its access token is over, and nothing can refresh it: it has expired, whether or not anyone has looked.
    package func isOver(at now: Timestamp) -> Bool {
        facts.isExpiryFinal && (expiresAt.map { $0 <= now } ?? false)
    }

    /// The status at a moment: an active connection that is over has expired.
    package func status(at now: Timestamp) -> ConnectionStatus {
        status == .active && isOver(at: now) ? .expired : status
    }

    package func statusReason(at now: Timestamp) -> String? {
        status == .active && isOver(at: now)
            ? "The access token has expired, and there is no refresh token." : statusReason
    }

    /// The place after this row.
    var cursor: ConnectionCursor { ConnectionCursor(createdAt: created, id: id) }
}

// MARK: Changing

extension Connection {
    mutating func renew(_ renewal: ConnectionRenewal, now: DatabaseTime) {
        status = .active
        statusReason = renewal.statusReason
        if let label = renewal.label { self.label = label }
        if let tags = renewal.tags { self.tags = tags }
        terms = renewal.terms
        advance(now: now, credentialsChange: true)
    }

    mutating func apply(_ changes: ConnectionChanges, now: DatabaseTime) {
        if let label = changes.label { self.label = label }
        if let tags = changes.tags { self.tags = tags }
        if let config = changes.config { terms.config = config }
        if let change = changes.status {
            status = change.status
            statusReason = change.reason
            terms.facts.sweepAt = change.status == .active ? now : nil
        }
        if let account = changes.account { terms.account = account }
        if let userID = changes.userID {
            self.userID = userID
            terms.binding = .imported
        }
        advance(now: now)
    }

    mutating func refresh(_ grant: RefreshedGrant, now: DatabaseTime) {
        guard grant.change == .first else {
            if let facts = grant.facts { terms.facts = facts }
            return advance(now: now, credentialsChange: true)
        }
        settle(ConnectionChanges.Status(.active))
        terms.expiresAt = grant.expiresAt
        if let facts = grant.facts { terms.facts = facts }
        if let scopesGranted = grant.scopesGranted { terms.scopesGranted = scopesGranted }
        lastRefreshed = now
        advance(now: now, credentialsChange: true)
    }

    mutating func failRefresh(_ outcome: ConnectionChanges.Status, now: DatabaseTime) {
        settle(outcome)
        // What only a renewal helps is not looked at again.
        if status == .expired { terms.facts.sweepAt = nil }
        advance(now: now)
    }

    /// Gives the row the status that a refresh led to, unless a person set another one.
    private mutating func settle(_ outcome: ConnectionChanges.Status) {
        let next = status.afterRefresh(outcome.status)
        guard next == outcome.status else { return }
        // What is to be known about an active connection stays true when its token is refreshed.
        if status == .active, next == .active { return }
        status = next
        statusReason = outcome.reason
    }

    /// It never overflows: a row whose revision is the greatest of all is not read.
    private mutating func advance(now: DatabaseTime, credentialsChange: Bool = false) {
        revision += 1
        if credentialsChange { credentialsRevision = revision }
        updated = now
    }
}
