import StateTokens

/// Claims with a time to tell of their flow, the earliest first; `?1` is the time, `?2` how many.
package let abandonedFlows = """
    SELECT flow_id FROM claims WHERE announce_at_ms <= ?1 ORDER BY announce_at_ms LIMIT ?2
    """

extension TransactionalStore {
    package func announceAbandonedFlows(limit: Int) async throws(StoreError) -> Int {
        // Usually there is nothing to announce, and looking takes no lock.
        let due = try await read { transaction in
            try transaction.rows(
                abandonedFlows,
                [.integer(try transaction.now().millisecondsSinceEpoch), .integer(Int64(max(limit, 0)))]
            ).compactMap { values -> FlowID? in
                guard case .octets(let octets)? = values.first else { return nil }
                return FlowID(octets: octets)
            }
        }
        // One at a time: a callback of one of them waits for none of the others.
        var count = 0
        for flow in due {
            let isAnnounced = try await write { [publisher] transaction in
                try transaction.announceAbandoned(flow, publisher)
            }
            if isAnnounced { count += 1 }
        }
        return count
    }
}

extension StoreTransaction {
    /// - Returns: `false` if another replica was faster, the flow goes on, or the row cannot be read.
    fileprivate func announceAbandoned(
        _ flow: FlowID, _ publisher: WebhookPublisher
    ) throws -> Bool {
        do {
            guard var claim = try claim(of: flow) else { return false }
            let ending = claim.abandon(at: try now())
            if let ending { try announce(ending.reason, of: flow, to: ending.subject, publisher) }
            // A program of an older version ends a flow, or frees it, without saying when to look again.
            try update(claim, of: flow)
            return ending != nil
        } catch StoreError.corrupt {
            _ = try run(
                "UPDATE claims SET announce_at_ms = NULL WHERE flow_id = ?1", [.octets(flow.octets)])
            return false
        }
    }

    /// Enqueues the webhook about a flow that failed.
    func announce(
        _ failure: FlowFailure, of flow: FlowID, to subject: FlowSubject,
        _ publisher: WebhookPublisher
    ) throws {
        try enqueue(
            .flowFailed, in: subject.workspaceID, about: flow.description, publisher
        ) { time in
            WebhookType.flowFailed.body(flow, subject, reason: failure.code, at: time)
        }
    }
}
