package import Connections
import StateTokens
import Testing

/// Rows in every table that an earlier version had, as its programs wrote them, and what is read of them once the tables were
/// brought up to date.
package struct EarlierRows: Sendable {
    private let version: Int
    /// One with all that its version can say, one with as little as may be, and one that was deleted.
    private let full: ConnectionID
    private let bare: ConnectionID
    private let gone: ConnectionID
    private let revocation: RevocationID
    private let octets: @Sendable (_ digits: String) -> String

    private static let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    /// - Parameter octets: how the database writes octets, given as hexadecimal digits.
    package init(version: Int, octets: @escaping @Sendable (_ digits: String) -> String) throws {
        self.version = version
        full = try .random()
        bare = try .random()
        gone = try .random()
        revocation = try .random()
        self.octets = octets
    }

    private func octets(_ digits: String, _ count: Int) -> String {
        octets(String(repeating: digits, count: count))
    }

    /// In SQL that both kinds of database understand, for the tables as the version made them.
    package var sql: String { steps.prefix(version).joined(separator: "\n") }

    /// What each version has to add.
    private var steps: [String] {
        [
            """
            INSERT INTO connections (id, workspace_id, user_id, integration_id, integration_type, auth_method_id, label,
                status, status_reason, scopes_requested, scopes_granted, config, account_id, account_label, binding,
                flow_id, revision, credentials_revision, created_at_ms, updated_at_ms, last_refreshed_at_ms, expires_at_s)
            VALUES ('\(full)', '\(Sample.workspaceID)', 'ada', 'gmail', 'connectors', 'oauth2', 'Mine', 'active',
                    NULL, '["a", "b"]', '["a"]', '{"shop": "y"}', 'account', 'ada@example.com', 'direct',
                    \(octets("01", 16)), 3, 2, 1000, 2000, 1500, 4000000000),
                ('\(bare)', '\(Sample.workspaceID)', NULL, 'slack', 'connectors', 'oauth2', '', 'error',
                    'why', '[]', '[]', '{}', NULL, NULL, 'confirmed', \(octets("02", 16)), 1, 1, 900, 900, NULL, NULL);
            INSERT INTO credentials VALUES ('\(full)', \(octets("7365616c6564")), 1, NULL, NULL),
                ('\(bare)', \(octets("7365616c6564")), 1, NULL, NULL);
            INSERT INTO claims (flow_id, codes, owner, phase, lease_ends_at_ms, connection_id, error,
                error_description, kept_until_ms)
            VALUES
                (\(octets("01", 16)), \(octets("01", 32)), \(octets("02", 16)), 'success', NULL, '\(full)', NULL, NULL,
                    9000000000000),
                (\(octets("02", 16)), \(octets("01", 32)), \(octets("02", 16)), 'failure', NULL, NULL,
                    'exchange_rejected', 'client_rejected', 9000000000000),
                (\(octets("03", 16)), \(octets(rejected)), \(octets("02", 16)), 'free', NULL, NULL, NULL, NULL,
                    9000000000000),
                (\(octets("04", 16)), \(octets("01", 32)), \(octets("02", 16)), 'held', 9000000000000, NULL, NULL, NULL,
                    9000000000000);
            """,
            """
            UPDATE connections SET client = \(octets("0a", 16)), token_lifetime_s = 3600, is_expiry_final = 0
            WHERE id = '\(full)';
            """,
            #"UPDATE connections SET tags = '{"team": "a", "stage": "b"}' WHERE id = '\#(full)';"#,
            """
            UPDATE connections SET sweep_at_ms = 5, token_read_at_ms = 1700, reauthorize_by_s = 4000000000
            WHERE id = '\(full)';
            """,
            "UPDATE connections SET binding = 'imported' WHERE id = '\(bare)';",
            """
            INSERT INTO connection_events VALUES
                ('\(full)', 1, '\(Sample.workspaceID)', 'created', 1000, NULL, 'user', NULL),
                ('\(full)', 2, '\(Sample.workspaceID)', 'updated', 2000, 'label', 'key_1', NULL),
                ('\(gone)', 7, '\(Sample.workspaceID)', 'deleted', 2000, NULL, 'key_1', 9000000000000);
            """,
            """
            INSERT INTO webhook_messages (id, workspace_id, url, subject, type, body, created_at_ms, attempts, next_at_ms,
                owner, last_error)
            VALUES ('msg_1', '\(Sample.workspaceID)', 'https://a.example/x', '\(full)', 'connection.created', '{}', 1000,
                    0, 1000, NULL, NULL),
                ('msg_2', '\(Sample.workspaceID)', 'https://a.example/x', '\(full)', 'connection.updated', '{}', 1000,
                    9, NULL, NULL, '500');
            UPDATE connections SET reauthorize_announced_s = 4000000000 WHERE id = '\(full)';
            """,
            """
            INSERT INTO revocations VALUES ('\(revocation)', NULL, NULL, 'ada', NULL, 0, 2, 'key_1', 3000);
            INSERT INTO revocation_grants VALUES
                ('\(revocation)', '\(gone)', 'w', 'gmail', 1, NULL, 'refused', 'why', 4000),
                ('\(revocation)', 'conn_1', 'w', 'gmail', 2, 9000000000000, NULL, NULL, NULL);
            """,
            "INSERT INTO api_key_uses VALUES ('key_1', 1700000000);",
            "UPDATE connections SET uncompared_flow_id = \(octets("02", 16)) WHERE id = '\(bare)';",
            // What is there already gets its rows of tags by itself.
            "",
            "UPDATE webhook_messages SET traceparent = '\(Self.traceparent)' WHERE id = 'msg_1';",
        ]
    }

    /// One code that was rejected, and the latest.
    private var rejected: String { String(repeating: "05", count: 32) + String(repeating: "01", count: 32) }

    private func since(_ first: Int) -> Bool { version >= first }
}

// MARK: What is read of them

extension EarlierRows {
    package func expectRead(
        by store: some ConnectionStore & WebhookOutbox & APIKeyUseStore
    ) async throws {
        try await expectConnections(in: store)
        try await expectClaims(in: store)
        try await expectOthers(in: store)
        // These change rows, so they come last.
        try await expectSwept(in: store)
        try await expectRefreshed(in: store)
        #expect(try await store.delete(full, workspaceID: Sample.workspaceID) != nil)
        let tagged = try await store.connections(matching: query(tag: "team", "a"))
        #expect(tagged.connections.isEmpty)
    }

    private func query(
        userID: String? = nil, label: String? = nil, tag name: String? = nil, _ value: String = ""
    ) -> ConnectionQuery {
        ConnectionQuery(
            workspaceID: Sample.workspaceID, userID: userID, label: label,
            tag: name.map { ConnectionQuery.Tag(name: $0, value: value) })
    }

    private func expectConnections(in store: some ConnectionStore) async throws {
        let found = try #require(try await store.credentials(of: full, workspaceID: Sample.workspaceID))
        let connection = found.connection
        #expect(found.credentials == Sample.sealed())
        let client = ClientFingerprint(octets: [UInt8](repeating: 10, count: ClientFingerprint.octetCount))
        #expect(
            connection.facts
                == GrantFacts(
                    client: since(2) ? client : nil, tokenLifetime: since(2) ? .seconds(3_600) : nil,
                    reauthorizeBy: since(4) ? Timestamp(secondsSinceEpoch: 4_000_000_000) : nil,
                    // Rows of before are looked at at once.
                    sweepAt: DatabaseTime(millisecondsSinceEpoch: since(4) ? 5 : 0)))
        #expect(connection.tags == (since(3) ? ["team": "a", "stage": "b"] : [:]))
        #expect(connection.tokenReadAt == (since(4) ? Timestamp(secondsSinceEpoch: 1) : nil))
        #expect(connection.config == ["shop": "y"] && connection.scopesGranted == ["a"])
        #expect(connection.account == ProviderAccount(id: "account", label: "ada@example.com"))
        #expect(connection.revision == 3 && connection.credentialsRevision == 2)
        #expect(connection.status == .active && connection.isAccountCompared)
        let other = try #require(try await store.connection(bare, workspaceID: Sample.workspaceID))
        #expect(other.binding == (since(5) ? .imported : .confirmed))
        #expect(other.isAccountCompared == !since(10))
        #expect(other.status == .error && other.statusReason == "why" && other.userID == nil)
        #expect(other.facts == GrantFacts(sweepAt: DatabaseTime(millisecondsSinceEpoch: 0)))
        let all = try await store.connections(matching: query())
        #expect(all.connections == [connection, other] && all.unreadable.isEmpty)
        let inError = ConnectionQuery(workspaceID: Sample.workspaceID, status: .error)
        #expect(try await store.connections(matching: inError).connections == [other])
        for query in [query(userID: "ada"), query(label: "Mine")] {
            #expect(try await store.connections(matching: query).connections == [connection])
        }
        for (name, value) in [("team", "a"), ("stage", "b")] {
            let tagged = try await store.connections(matching: query(tag: name, value))
            #expect(tagged.connections == (since(3) ? [connection] : []))
        }
    }

    private func expectClaims(in store: some ConnectionStore) async throws {
        let outcomes: [FlowProgress] = [
            .finished(.success(full)), .finished(.failure(.clientRejected)),
            .finished(.failure(.codeRejected)), .pending(sameCode: true),
        ]
        for (number, expected) in zip(1...4 as ClosedRange<UInt8>, outcomes) {
            let flow = try Sample.flow(number)
            #expect(try await store.progress(of: flow, codeHash: Sample.code()) == expected)
        }
        #expect(try await store.purgeClaims(limit: 10) == 0)
    }

    private func expectOthers(
        in store: some ConnectionStore & WebhookOutbox & APIKeyUseStore
    ) async throws {
        let events = try await store.events(of: full, workspaceID: Sample.workspaceID)
        #expect(events?.map(\.type) == (since(6) ? ["updated", "created"] : []))
        #expect(
            try await store.events(of: gone, workspaceID: Sample.workspaceID)?.map(\.number)
                == (since(6) ? [7] : nil))
        let messages = try await store.webhooks(workspaceID: nil, areDead: nil, limit: 10)
        #expect(messages.map(\.id) == (since(7) ? ["msg_1", "msg_2"] : []))
        #expect(messages.map(\.isDead) == (since(7) ? [false, true] : []))
        #expect(messages.first?.traceparent == (since(12) ? Self.traceparent : nil))
        #expect(try await store.announceReauthorizations(limit: 10) == 0)
        #expect(try await store.announceAbandonedFlows(limit: 10) == 0)
        let revoked = try await store.revocation(revocation)
        #expect(
            revoked?.counts.refused == (since(8) ? 1 : nil) && revoked?.counts.left == (since(8) ? 1 : nil))
        let refused = try await store.grants(
            of: revocation, that: .concluded(.refused), after: nil, limit: 9)
        #expect(refused.map(\.connectionID) == (since(8) ? [gone.description] : []))
        let left = try await store.grants(of: revocation, that: .left, after: nil, limit: 9)
        #expect(left.map(\.connectionID) == (since(8) ? ["conn_1"] : []))
        let used = Timestamp(secondsSinceEpoch: 1_700_000_000)
        #expect(try await store.keyUses() == (since(9) ? ["key_1": used] : [:]))
    }

    private func expectSwept(in store: some ConnectionStore) async throws {
        let due = try await store.takeDue(limit: 10, lease: .seconds(1)).connections.map(\.id)
        #expect(Set(due) == [full, bare])
    }

    private func expectRefreshed(in store: some ConnectionStore) async throws {
        guard
            case .granted = try await store.beginRefresh(
                full, workspaceID: Sample.workspaceID, ifCredentialsRevision: 2, owner: .random(),
                lease: .seconds(9))
        else {
            Issue.record("the row cannot be refreshed")
            return
        }
        let refreshed = Sample.sealed("refreshed", key: 2)
        #expect(
            try await store.finishRefresh(
                full, workspaceID: Sample.workspaceID, ifCredentialsRevision: 2,
                with: RefreshedGrant(credentials: refreshed, expiresAt: nil)))
        let found = try await store.credentials(of: full, workspaceID: Sample.workspaceID)
        #expect(found?.credentials == refreshed)
        let event = try await store.events(of: full, workspaceID: Sample.workspaceID)?.first
        #expect(event?.type == "refreshed" && event?.number == (since(6) ? 3 : 1))
    }
}
