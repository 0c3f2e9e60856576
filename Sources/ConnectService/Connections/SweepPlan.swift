internal import Connections
internal import Integrations
internal import StateTokens

/// When a connection is to be refreshed in the background.
package struct SweepPlan: Sendable {
    package static let defaultMargin = Duration.seconds(300)
    /// A token that was handed out within this time is in use, and is refreshed ahead of its end.
    private static let recency = Duration.seconds(86_400)
    /// After how long without use a refresh token may end, where neither the provider nor its entry says so.
    private static let assumedIdleLifetime = Duration.seconds(30 * 86_400)
    /// How far the clocks of replicas and the database may be apart.
    static let longestSkew = Duration.seconds(300)

    /// What the plan goes by.
    struct Grant {
        let expiresAt: Timestamp?
        let tokenLifetime: Duration?
        /// When the tokens were issued.
        let issuedAt: Timestamp
        /// When the access token was last handed out.
        var readAt: Timestamp?
        let reauthorizeBy: Timestamp?
    }

    private let rules: RefreshRules
    private let margin: Duration

    init(_ rules: RefreshRules, margin: Duration) {
        self.rules = rules
        self.margin = margin
    }

    /// From when on, and by when, the grant is to be refreshed; `nil`: never.
    func span(of grant: Grant, at now: Timestamp) -> ClosedRange<Timestamp>? {
        guard rules.mode != .none else { return nil }
        // When it really was issued is not known, nor how much of its time is over.
        if grant.issuedAt > now + Self.longestSkew { return now...now }
        let idle = idleSpan(of: grant)
        let isInUse =
            grant.readAt.map { $0 + Self.recency > now && $0 <= now + Self.longestSkew } ?? false
        // An access token that stands for the grant ends it when it expires.
        guard isInUse || rules.token == .accessToken else { return idle }
        let ahead = aheadSpan(of: grant)
        return ahead.lowerBound < idle.lowerBound ? ahead : idle
    }

    /// A moment of the span, by chance: connections that were made together are not refreshed together. Long spans are
    /// looked at on the way.
    func next(for grant: Grant, at now: Timestamp) -> Timestamp? {
        span(of: grant, at: now).map { span in
            Timestamp(
                secondsSinceEpoch: .random(
                    in: span.lowerBound.secondsSinceEpoch...span.upperBound.secondsSinceEpoch)
            ).inSight(at: now)
        }
    }

    /// Within the margin before the end, in its first half, and never before the last quarter of the token's life.
    /// A token without an end is refreshed every day.
    private func aheadSpan(of grant: Grant) -> ClosedRange<Timestamp> {
        guard let end = grant.expiresAt else {
            return grant.issuedAt + Self.recency * 9 / 10...grant.issuedAt + Self.recency
        }
        let longest = max(rules.margin ?? margin, margin)
        let wanted = min(longest, rules.window ?? longest)
        let margin = min(wanted, grant.tokenLifetime.map { $0 / 4 } ?? wanted)
        return end - margin...end - margin / 2
    }

    /// When seven to eight tenths of the time are over that the refresh token lasts without being used.
    private func idleSpan(of grant: Grant) -> ClosedRange<Timestamp> {
        let issued = grant.issuedAt
        let rotation = rules.mode == .rotates ? rules.tokenLifetime : nil
        let ends = [
            rules.idleLifetime.map { issued + $0 }, rotation.map { issued + $0 }, grant.reauthorizeBy,
        ]
        let end = ends.compactMap { $0 }.filter { $0 > issued }.min() ?? issued + Self.assumedIdleLifetime
        let life = end.seconds(since: issued)
        // In integers, because a token's hand-out computes this, and a `Duration` has 128 bits.
        func after(tenths count: Int64) -> Timestamp {
            // Neither overflows, since this lies before `end`.
            let seconds = life / 10 * count + life % 10 * count / 10
            return Timestamp(secondsSinceEpoch: issued.secondsSinceEpoch + seconds)
        }
        return after(tenths: 7)...after(tenths: 8)
    }
}

extension Timestamp {
    /// The time, or the latest at which a connection is looked at again.
    func inSight(at now: Timestamp) -> Timestamp { min(self, now + SweepVisit.longestDelay) }
}

extension RefreshRules {
    func canRefresh(_ second: SecondCredentials) -> Bool {
        mode != .none && !second.hasEnded && (second.refreshToken != nil || token == .accessToken)
    }

    /// When a second grant is over that nothing can refresh; `nil` if the provider did not say.
    func end(of second: SecondCredentials) -> Timestamp? {
        second.isExpiryStated && !second.hasEnded && !canRefresh(second) ? second.expiresAt : nil
    }
}

extension SweepPlan.Grant {
    init(_ connection: Connection) {
        self.init(
            expiresAt: connection.expiresAt, tokenLifetime: connection.facts.tokenLifetime,
            issuedAt: connection.lastRefreshedAt ?? connection.createdAt, readAt: connection.tokenReadAt,
            reauthorizeBy: connection.reauthorizeBy)
    }

    /// A second grant; `nil` if it cannot be refreshed.
    ///
    /// - Parameter connection: `nil` if it is about to be made.
    init?(_ second: SecondCredentials?, of connection: Connection?, under rules: RefreshRules) {
        guard let second, rules.canRefresh(second) else { return nil }
        self.init(
            expiresAt: second.expiresAt, tokenLifetime: second.lifetime, issuedAt: second.issuedAt,
            readAt: connection?.tokenReadAt, reauthorizeBy: nil)
    }
}
