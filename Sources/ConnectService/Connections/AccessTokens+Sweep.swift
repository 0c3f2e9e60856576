internal import Connections
internal import Integrations
internal import Logging
internal import OAuth
internal import StateTokens

/// What came of looking at a connection that was due.
enum SweepOutcome: Sendable {
    /// Its credentials are new, and the store knows when it is due again.
    case refreshed
    /// Nothing was to be done now; `nil`: it is not looked at again until it changes.
    case postponed(until: Timestamp?)
    /// The provider ended the grant, and the row says so.
    case ended
    /// The token has ended and there is nothing to refresh it with: no provider was asked, and the row says so.
    case expired
    case failed(AccessTokenError)
}

extension AccessTokens {
    /// Notes that a connection's token was handed out, so that the sweep keeps it fresh. Waits for nothing.
    package func noteRead(_ open: OpenConnection) {
        guard let reads else { return }
        let now = now()
        let connection = open.connection
        if let last = connection.tokenReadAt, last + TokenReads.precision > now,
            last <= now + SweepPlan.longestSkew
        {
            return
        }
        guard let rules = integration(of: open)?.integration.refresh else { return }
        var grants = [SweepPlan.Grant(open.credentials.second, of: connection, under: rules)]
        if tokenForRefresh(of: open) != nil { grants.append(SweepPlan.Grant(connection)) }
        let plan = SweepPlan(rules, margin: settings.refreshMargin)
        let known = grants.compactMap { $0 }
        guard !known.isEmpty else { return }
        let next = known.compactMap { grant -> Timestamp? in
            var grant = grant
            grant.readAt = now
            return plan.next(for: grant, at: now)
        }
        reads.note(TokenRead(connection.id, sweepBy: next.min()))
    }

    /// Writes down which tokens were read.
    func flushReads() async {
        while let batch = reads?.take(500), !batch.isEmpty {
            do throws(StoreError) {
                try await store.noteTokenReads(batch)
            } catch {
                logger.warning(
                    "reads of access tokens were not noted; trying again", metadata: ["error": "\(error)"])
                for read in batch { reads?.note(read) }
                return
            }
        }
    }

    /// When the connection is to be looked at, as far as its row tells; `nil`: never.
    func nextSweep(of connection: Connection) -> Timestamp? {
        guard connection.status != .inactive, connection.status != .expired else { return nil }
        if connection.facts.isExpiryFinal { return connection.expiresAt?.inSight(at: now()) }
        // An entry that the catalog lacks may come back, and the grant is to live until then.
        guard let rules = refreshRules(of: connection) else { return now() + .seconds(86_400) }
        return SweepPlan(rules, margin: settings.refreshMargin).next(
            for: SweepPlan.Grant(connection), at: now())
    }

    /// Since when the connection is due; `nil` if it is not.
    func due(_ connection: Connection) -> Timestamp? {
        switch connection.status {
        case .inactive, .expired, .testing: return nil
        case .active, .error: break
        }
        let now = now()
        if connection.facts.isExpiryFinal {
            return connection.expiresAt.flatMap { $0 <= now ? $0 : nil }
        }
        guard let rules = refreshRules(of: connection) else { return nil }
        let span = SweepPlan(rules, margin: settings.refreshMargin).span(
            of: SweepPlan.Grant(connection), at: now)
        return span.flatMap { $0.lowerBound <= now ? $0.lowerBound : nil }
    }

    /// As for a row alone; the second grant's time is known to the credentials alone.
    func nextSweep(of found: OpenConnection) -> Timestamp? {
        let connection = found.connection
        // What is due and has nothing to refresh it with is not looked at again.
        let first =
            due(connection) != nil && tokenForRefresh(of: found) == nil ? nil : nextSweep(of: connection)
        guard connection.status == .active || connection.status == .error,
            let rules = refreshRules(of: connection), let second = found.credentials.second
        else { return first }
        let next = SweepPlan.Grant(second, of: connection, under: rules).flatMap {
            SweepPlan(rules, margin: settings.refreshMargin).next(for: $0, at: now())
        }
        return [first, next, rules.end(of: second)?.inSight(at: now())].compactMap { $0 }.min()
    }

    /// Whether a row that is not due itself may hold a second grant that is.
    func mayHoldSecondGrant(_ connection: Connection) -> Bool {
        guard connection.status == .active || connection.status == .error else { return false }
        return switch integrations[of: connection] {
        case .configured(let configured): configured.integration.response.second != nil
        case .unconfigured, nil: false
        }
    }

    private func isSecondDue(_ found: OpenConnection) -> Bool {
        let connection = found.connection
        guard connection.status == .active || connection.status == .error,
            let rules = refreshRules(of: connection)
        else { return false }
        if isSecondOver(found) { return true }
        guard let second = SweepPlan.Grant(found.credentials.second, of: connection, under: rules) else {
            return false
        }
        let span = SweepPlan(rules, margin: settings.refreshMargin).span(of: second, at: now())
        return span.map { $0.lowerBound <= now() } ?? false
    }

    /// Whether the second grant has come to an end that the provider stated, and nothing can refresh it.
    func isSecondOver(_ found: OpenConnection) -> Bool {
        guard let rules = refreshRules(of: found.connection), let second = found.credentials.second,
            let end = rules.end(of: second)
        else { return false }
        return end <= now()
    }

    private func refreshRules(of connection: Connection) -> RefreshRules? {
        switch integrations[of: connection] {
        case .configured(let configured): configured.integration.refresh
        case .unconfigured(let integration, _): integration.refresh
        case nil: nil
        }
    }

    /// Whom a refresh of the connection would ask: what is known of one is known of all connections there.
    func refreshEndpoint(of connection: Connection) -> String {
        guard case .configured(let integration) = integrations[of: connection] else {
            return connection.integrationID
        }
        if let server = integration.server(of: connection) { return server.base }
        do {
            return try integration.endpoints(of: connection).refresh
        } catch {
            // The refresh itself finds out, and says why.
            return connection.integrationID
        }
    }

    /// Refreshes a connection that is due, unless another request did. What has begun goes on to its end, even if the
    /// task is cancelled.
    func sweep(_ seen: Connection) async -> SweepOutcome {
        await Task { await self.sweepToTheEnd(seen) }.value
    }

    private func sweepToTheEnd(_ seen: Connection) async -> SweepOutcome {
        do throws(AccessTokenError) {
            let found = try await read(seen.id, seen.workspaceID)
            let connection = found.connection
            guard connection.credentialsRevision == seen.credentialsRevision else {
                return .postponed(until: nextSweep(of: found))
            }
            let isFirstDue = due(connection) != nil
            let canRefresh = tokenForRefresh(of: found) != nil
            if isFirstDue, !canRefresh, !isAlive(found) {
                try await expire(connection)
                return .expired
            }
            var parts: [GrantPart] = []
            if isFirstDue, canRefresh { parts.append(.first) }
            if isSecondDue(found) { parts.append(.second) }
            guard !parts.isEmpty else { return .postponed(until: nextSweep(of: found)) }
            guard isConfigured(for: connection) else { return .failed(.notConfigured) }
            guard audit.reserve(lineCount: parts.count) else { return .failed(.busy) }
            defer { audit.release(lineCount: parts.count) }
            var current = found
            for part in parts where part == .first || current.credentials.second != nil {
                current = try await refreshed(current, connection.workspaceID, part, credentialID: nil)
            }
            return .refreshed
        } catch {
            switch error {
            case .reconnectRequired: return .ended
            case .notFound, .grantNotFound, .inactive: return .postponed(until: nil)
            case .tooEarly(let seconds): return .postponed(until: now() + .seconds(seconds))
            case .notConfigured, .providerError, .providerTimeout, .busy, .storeUnavailable, .unreadable,
                .sealed, .failed:
                return .failed(error)
            }
        }
    }
}
