internal import Connections
internal import Integrations
internal import OAuth
internal import OAuthHTTP
internal import StateTokens

/// What a refresh that brought no token means for its connection.
enum RefreshFailure {
    case invalidGrant
    /// Only the user can go on (OpenID Connect Core §3.1.2.6 has the codes).
    case userMustAct
    case rejected
    case timedOut
    case failed(retryAfter: Duration?)
    /// The provider refreshes only later.
    case tooEarly(retryAfter: Duration?)

    /// How long the provider is left alone: as long as it asks for, within bounds.
    var cooldown: Duration {
        switch self {
        case .failed(let wanted), .tooEarly(let wanted):
            min(max(wanted ?? .zero, Self.shortest), RefreshStart.longestCooldown)
        case .invalidGrant, .userMustAct, .rejected, .timedOut: Self.shortest
        }
    }

    private static let shortest = RefreshStart.shortestCooldown

    init(_ error: ExchangeError) {
        switch error {
        case .accessTokenOver: self = .invalidGrant
        case .provider(let failure) where failure.isInvalidGrant: self = .invalidGrant
        case .provider(.rejected(_, _, .user)): self = .userMustAct
        case .provider(.rejected): self = .rejected
        case .provider(.noResponse(.timedOut)): self = .timedOut
        case .provider(.tooEarly(let retryAfter)): self = .tooEarly(retryAfter: retryAfter)
        case .provider(.transient(_, let retryAfter)): self = .failed(retryAfter: retryAfter)
        // Configuration, or nothing that speaks against the grant: no new flow would help.
        case .provider(.notSent), .provider(.noResponse), .provider(.unusable), .second, .idTokenRejected,
            .idTokenKeysUnavailable, .idTokenNonce, .accountMismatch, .accountUnknown, .connectionNotFound,
            .clientUnusable, .unsealed, .notConfigured, .discoveryFailed:
            self = .failed(retryAfter: nil)
        }
    }
}

extension AccessTokens {
    /// After `invalid_grant` the row is read again first: another one may have used the refresh token just before.
    func afterFailure(
        _ failure: RefreshFailure, _ old: OpenConnection, _ part: GrantPart, _ owner: LeaseOwner,
        _ note: EventNote
    ) async throws(AccessTokenError) -> OpenConnection {
        let connection = old.connection
        let status: ConnectionChanges.Status? =
            switch failure {
            case .invalidGrant: .init(.expired, reason: "The provider no longer accepts the refresh token.")
            case .userMustAct:
                .init(.expired, reason: "The provider wants the user to sign in or consent again.")
            case .rejected: .init(.error, reason: "The provider refused the refresh request.")
            case .timedOut, .failed, .tooEarly: nil
            }
        let again = try await read(connection.id, connection.workspaceID)
        if again.connection.credentialsRevision != connection.credentialsRevision {
            try again.check(part)
            return again
        }
        if case .tooEarly(let wanted) = failure { throw try await postpone(old, part, owner, wanted) }
        let cooldown = failure.cooldown
        if part == .second {
            try await failSecond(failure, old, owner, note)
        } else {
            try await fail(connection, owner, status: status, cooldown: cooldown, note)
        }
        switch failure {
        case .invalidGrant, .userMustAct: throw .reconnectRequired
        case .timedOut: throw .providerTimeout
        case .rejected, .failed, .tooEarly: throw .providerError(retryAfter: Self.seconds(cooldown))
        }
    }

    /// Asks later: nothing has failed, so nothing is announced.
    ///
    /// - Parameter wanted: how long the provider asks to be left alone; else half of what is left of the token.
    private func postpone(
        _ old: OpenConnection, _ part: GrantPart, _ owner: LeaseOwner, _ wanted: Duration?
    ) async throws(AccessTokenError) -> AccessTokenError {
        let end = part == .first ? old.credentials.expiresAt : old.credentials.second?.expiresAt
        let left = end.map { Duration.seconds(max(0, $0.seconds(since: now()))) } ?? .zero
        let delay = min(
            max(wanted ?? left / 2, RefreshStart.shortestCooldown), RefreshStart.longestCooldown)
        try await fail(old.connection, owner, status: nil, cooldown: delay, nil)
        return .tooEarly(retryAfter: Self.seconds(delay))
    }

    /// The connection itself stays as it is: its own grant is another one.
    private func failSecond(
        _ failure: RefreshFailure, _ old: OpenConnection, _ owner: LeaseOwner, _ note: EventNote
    ) async throws(AccessTokenError) {
        let detail = note.detail.map { "second grant: \($0)" } ?? "second grant"
        let note = EventNote(detail: detail, actor: note.actor)
        switch failure {
        case .invalidGrant, .userMustAct:
            var credentials = old.credentials
            credentials.second?.hasEnded = true
            _ = try await finish(credentials, of: old, .secondEnded, note)
        case .rejected, .timedOut, .failed, .tooEarly:
            try await fail(old.connection, owner, status: nil, cooldown: failure.cooldown, note)
        }
    }

    private func fail(
        _ connection: Connection, _ owner: LeaseOwner, status: ConnectionChanges.Status?, cooldown: Duration,
        _ note: EventNote?
    ) async throws(AccessTokenError) {
        do throws(StoreError) {
            _ = try await spans.span(.failRefresh) { () async throws(StoreError) in
                try await store.failRefresh(
                    connection.id, workspaceID: connection.workspaceID, owner: owner, status: status,
                    cooldown: cooldown, note: note)
            }
        } catch {
            throw AccessTokenError(error)
        }
    }

    static func seconds(_ duration: Duration) -> Int {
        let (seconds, rest) = duration.components
        return max(1, Int(clamping: rest > 0 ? seconds + 1 : seconds))
    }
}
