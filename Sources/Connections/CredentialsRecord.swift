/// A connection's sealed credentials as a store's row holds them, and who is refreshing them.
package struct CredentialsRecord: Sendable, Hashable {
    /// What keeps a refresh from beginning, until it ends.
    package enum Hold: Sendable, Hashable {
        case lease(LeaseOwner, until: DatabaseTime)
        case cooldown(until: DatabaseTime)
    }

    package let connectionID: ConnectionID
    package private(set) var credentials: SealedCredentials
    package private(set) var hold: Hold?

    package init(connectionID: ConnectionID, credentials: SealedCredentials, hold: Hold? = nil) {
        self.connectionID = connectionID
        self.credentials = credentials
        self.hold = hold
    }

    /// What keeps a refresh from beginning now.
    func obstacle(at now: DatabaseTime) -> RefreshStart? {
        switch hold {
        case .lease(_, let end) where end > now: .busy(remaining: end.remaining(at: now))
        case .cooldown(let end) where end > now: .coolingDown(remaining: end.remaining(at: now))
        case .lease, .cooldown, nil: nil
        }
    }

    /// How long a refresh may still hold the row; `nil` if none does.
    func leaseRemaining(at now: DatabaseTime) -> Duration? {
        guard case .lease(_, let end) = hold, end > now else { return nil }
        return end.remaining(at: now)
    }

    func isLeased(to caller: LeaseOwner) -> Bool {
        guard case .lease(let owner, _) = hold else { return false }
        return owner == caller
    }
}

extension CredentialsRecord {
    mutating func lease(to owner: LeaseOwner, until end: DatabaseTime) { hold = .lease(owner, until: end) }

    /// Lets a hold that would last longer than any does end in time.
    mutating func shorten(lease: Duration, at now: DatabaseTime) {
        switch hold {
        case .lease(let owner, let end): hold = .lease(owner, until: min(end, now + lease))
        case .cooldown(let end): hold = .cooldown(until: min(end, now + RefreshStart.longestCooldown))
        case nil: break
        }
    }

    mutating func coolDown(until end: DatabaseTime) { hold = .cooldown(until: end) }

    /// Puts new credentials in, and ends a running refresh of the old ones.
    mutating func replace(with credentials: SealedCredentials) {
        self.credentials = credentials
        hold = nil
    }

    /// Puts the same credentials in, sealed under another key; a running refresh of them goes on.
    mutating func reseal(as credentials: SealedCredentials) { self.credentials = credentials }
}
