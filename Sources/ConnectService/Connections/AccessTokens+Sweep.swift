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
    /// The grant is over, and the row says so.
    case ended
    case failed(AccessTokenError)
}

extension AccessTokens {
    /// Notes that a connection's token was handed out, so that the sweep keeps it fresh. Waits for nothing.
    package func noteRead(_ open: OpenConnection) {
        guard let reads else { return }
        let now = now()
        let connection = open.connection
        if let last = connection.tokenReadAt, last + TokenReads.precision > now { return }
        guard let rules = integration(of: open)?.integration.refresh, tokenForRefresh(of: open) != nil
        else { return }
        var grant = SweepPlan.Grant(connection)
        grant.readAt = now
        let next = SweepPlan(rules, margin: settings.refreshMargin).next(for: grant, at: now)
        reads.note(TokenRead(connection.id, sweepBy: next))
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
        if connection.facts.isExpiryFinal { return connection.expiresAt }
        guard let rules = refreshRules(of: connection) else { return nil }
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

    private func refreshRules(of connection: Connection) -> RefreshRules? {
        switch integrations[connection.integrationID] {
        case .configured(let configured): configured.integration.refresh
        case .unconfigured(let integration, _): integration.refresh
        case nil: nil
        }
    }

    /// Whom a refresh of the connection would ask: what is known of one is known of all connections there.
    func refreshEndpoint(of connection: Connection) -> String {
        guard case .configured(let integration) = integrations[connection.integrationID] else {
            return connection.integrationID
        }
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
            guard connection.credentialsRevision == seen.credentialsRevision, due(connection) != nil else {
                return .postponed(until: nextSweep(of: connection))
            }
            guard tokenForRefresh(of: found) != nil else {
                if isAlive(found) { return .postponed(until: nil) }
                try await expire(connection)
                return .ended
            }
            guard isConfigured(for: connection) else { return .failed(.notConfigured) }
            guard audit.reserve(lineCount: 1) else { return .failed(.busy) }
            defer { audit.release(lineCount: 1) }
            _ = try await refreshed(found, connection.workspaceID, credentialID: nil)
            return .refreshed
        } catch {
            switch error {
            case .reconnectRequired: return .ended
            case .notFound, .inactive: return .postponed(until: nil)
            case .notConfigured, .providerError, .providerTimeout, .busy, .storeUnavailable, .unreadable,
                .sealed, .failed:
                return .failed(error)
            }
        }
    }
}
