import Encodings
import StateTokens

extension Connection {
    /// The columns of the table `connections`, in one order for the statements of every store; lists and maps are JSON.
    package static let columns: [StoredColumn] = [
        StoredColumn("id", .text), StoredColumn("workspace_id", .text), StoredColumn("user_id", .text),
        StoredColumn("integration_id", .text), StoredColumn("integration_type", .text),
        StoredColumn("auth_method_id", .text), StoredColumn("label", .text), StoredColumn("status", .text),
        StoredColumn("status_reason", .text), StoredColumn("scopes_requested", .text),
        StoredColumn("scopes_granted", .text), StoredColumn("config", .text),
        StoredColumn("account_id", .text), StoredColumn("account_label", .text),
        StoredColumn("binding", .text), StoredColumn("flow_id", .octets), StoredColumn("revision", .integer),
        StoredColumn("credentials_revision", .integer), StoredColumn("created_at_ms", .integer),
        StoredColumn("updated_at_ms", .integer), StoredColumn("last_refreshed_at_ms", .integer),
        StoredColumn("expires_at_s", .integer), StoredColumn("client", .octets),
        StoredColumn("token_lifetime_s", .integer), StoredColumn("is_expiry_final", .integer),
        StoredColumn("tags", .text), StoredColumn("sweep_at_ms", .integer),
        StoredColumn("token_read_at_ms", .integer), StoredColumn("reauthorize_by_s", .integer),
        StoredColumn("uncompared_flow_id", .octets),
    ]

    /// One for each column.
    ///
    /// - Throws: `.corrupt` for a text that no store holds as it is.
    package func values() throws(StoreError) -> [StoredValue] {
        let values: [StoredValue] = [
            .text(id.description), .text(workspaceID), .optional(userID), .text(integrationID),
            .text(integrationType), .text(authMethodID), .text(label), .text(status.rawValue),
            .optional(statusReason), .text(StoredJSON.text(scopesRequested)),
            .text(StoredJSON.text(scopesGranted)), .text(StoredJSON.text(config)), .optional(account?.id),
            .optional(account?.label), .text(binding.rawValue), .octets(flowID.octets), .integer(revision),
            .integer(credentialsRevision), .integer(created.millisecondsSinceEpoch),
            .integer(updated.millisecondsSinceEpoch), .optional(lastRefreshed?.millisecondsSinceEpoch),
            .optional(expiresAt?.secondsSinceEpoch), .optional(facts.client?.octets),
            .optional(facts.tokenLifetime?.components.seconds), .integer(facts.isExpiryFinal ? 1 : 0),
            tags.isEmpty ? .null : .text(StoredJSON.text(tags)),
            .optional(facts.sweepAt?.millisecondsSinceEpoch), .optional(tokenRead?.millisecondsSinceEpoch),
            .optional(facts.reauthorizeBy?.secondsSinceEpoch),
            isAccountCompared ? .null : .octets(flowID.octets),
        ]
        for (column, value) in zip(Self.columns, values) {
            if case .text(let text) = value, !text.isStorable {
                throw .corrupt(reason: "a NUL character in \(column.name)")
            }
        }
        return values
    }

    package init(_ row: inout ColumnReader) throws(RowFault) {
        let id = try row.value { ConnectionID($0) }
        let workspaceID = try row.text()
        let userID = try row.optionalText()
        let integrationID = try row.text()
        let integrationType = try row.text()
        let authMethodID = try row.text()
        let label = try row.text()
        let status = try row.value { ConnectionStatus(rawValue: $0) }
        let statusReason = try row.optionalText()
        let requestedOctets = try row.octets()
        let scopesRequested = try Self.strings(requestedOctets, row)
        let grantedOctets = try row.octets()
        // As a rule all was granted.
        let scopesGranted =
            grantedOctets == requestedOctets ? scopesRequested : try Self.strings(grantedOctets, row)
        let configOctets = try row.octets()
        let config = try Self.dictionary(configOctets, row)
        let accountID = try row.optionalText()
        let accountLabel = try row.optionalText()
        let binding = try row.value { FlowBinding(rawValue: $0) }
        let flowID = try row.value(octets: { FlowID(octets: $0) })
        // The next change counts one on.
        let revision = try row.integer(in: 1...(.max - 1))
        let credentialsRevision = try row.integer(in: 1...revision)
        let created = DatabaseTime(millisecondsSinceEpoch: try row.integer(in: Self.moments))
        let updated = DatabaseTime(millisecondsSinceEpoch: try row.integer(in: Self.moments))
        let lastRefreshed = try row.optionalInteger(in: Self.moments)
        let expiresAt = try row.optionalInteger(in: Self.times)
        let client = try Self.client(&row)
        let lifetime = try row.optionalInteger(in: 0...Self.times.upperBound)
        let isExpiryFinal = try row.optionalInteger(in: 0...1)
        // Nothing where the column is empty, as in the rows of versions that did not have it.
        var tags: [String: String] = [:]
        if let octets = try row.optionalOctets() { tags = try Self.dictionary(octets, row) }
        let sweepAt = try row.optionalInteger(in: Self.moments)
        let tokenRead = try row.optionalInteger(in: Self.moments)
        let reauthorizeBy = try row.optionalInteger(in: Self.times)
        let uncompared = try Self.flow(&row)
        let facts = GrantFacts(
            client: client, tokenLifetime: lifetime.map { .seconds($0) }, isExpiryFinal: isExpiryFinal == 1,
            reauthorizeBy: reauthorizeBy.map { Timestamp(secondsSinceEpoch: $0) },
            sweepAt: sweepAt.map { DatabaseTime(millisecondsSinceEpoch: $0) })
        let terms = GrantTerms(
            authMethodID: authMethodID, scopesRequested: scopesRequested, scopesGranted: scopesGranted,
            config: config, account: accountID.map { ProviderAccount(id: $0, label: accountLabel) },
            binding: binding, flowID: flowID, expiresAt: expiresAt.map { Timestamp(secondsSinceEpoch: $0) },
            facts: facts,
            // Another flow's: an older version renewed the connection since, which leaves the column as it is.
            isAccountCompared: uncompared != flowID)
        self.init(
            id: id, workspaceID: workspaceID, userID: userID, integrationID: integrationID,
            integrationType: integrationType, label: label, tags: tags, status: status,
            statusReason: statusReason, terms: terms, revision: revision,
            credentialsRevision: credentialsRevision, created: created,
            updated: updated, lastRefreshed: lastRefreshed.map { DatabaseTime(millisecondsSinceEpoch: $0) },
            tokenRead: tokenRead.map { DatabaseTime(millisecondsSinceEpoch: $0) })
    }

    private static func client(_ row: inout ColumnReader) throws(RowFault) -> ClientFingerprint? {
        guard let octets = try row.optionalOctets() else { return nil }
        guard let client = ClientFingerprint(octets: octets) else { throw row.fault(.malformed) }
        return client
    }

    private static func flow(_ row: inout ColumnReader) throws(RowFault) -> FlowID? {
        guard let octets = try row.optionalOctets() else { return nil }
        guard let flow = FlowID(octets: octets) else { throw row.fault(.malformed) }
        return flow
    }

    /// The seconds of the years 0 to 9999, which RFC 3339 can write.
    static let times: ClosedRange<Int64> = -62_167_219_200...253_402_300_799
    static let moments = times.lowerBound * 1000...times.upperBound * 1000 + 999

    private static func strings(_ octets: [UInt8], _ row: ColumnReader) throws(RowFault) -> [String] {
        do throws(JSONSyntaxError) {
            return try StoredJSON.strings(octets.span)
        } catch {
            throw row.fault(.malformed)
        }
    }

    private static func dictionary(
        _ octets: [UInt8], _ row: ColumnReader
    ) throws(RowFault) -> [String: String] {
        do throws(JSONSyntaxError) {
            return try StoredJSON.dictionary(octets.span)
        } catch {
            throw row.fault(.malformed)
        }
    }
}
