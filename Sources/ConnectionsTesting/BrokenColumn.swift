package import Connections
import Testing

/// A column of a row that holds what no store of ours writes, and what is said of it.
package struct BrokenColumn: Sendable, CustomStringConvertible {
    package let table: String
    package let column: String
    /// In SQL that both kinds of database understand, but for `OCTETS(x)`.
    private let value: String
    package let problem: RowFault.Problem

    private init(
        _ column: String, _ value: String, _ problem: RowFault.Problem, of table: String = "connections"
    ) {
        self.table = table
        self.column = column
        self.value = value
        self.problem = problem
    }

    package var description: String { "\(column) = \(value)" }
    package var fault: RowFault { RowFault(column, problem) }

    /// - Parameter octets: how the database writes octets, given as hexadecimal digits.
    package func value(octets: (String) -> String) -> String {
        guard value.hasPrefix("OCTETS(") else { return value }
        return octets(String(value.dropFirst(7).dropLast()))
    }

    /// Every column but those by which a row is found, in every way that a database can hold it.
    package static let all: [BrokenColumn] = texts + choices + lists + numbers + sealed

    private static let texts = [
        "integration_id", "integration_type", "auth_method_id", "label",
    ].map { BrokenColumn($0, "NULL", .missing) }

    private static let choices = [
        BrokenColumn("status", "'retired'", .unknownValue), BrokenColumn("status", "''", .unknownValue),
        BrokenColumn("status", "NULL", .missing), BrokenColumn("binding", "'sworn'", .unknownValue),
        BrokenColumn("binding", "NULL", .missing), BrokenColumn("flow_id", "OCTETS(00)", .malformed),
        BrokenColumn("flow_id", "OCTETS()", .malformed), BrokenColumn("flow_id", "NULL", .missing),
        BrokenColumn("uncompared_flow_id", "OCTETS(00)", .malformed),
    ]

    private static let lists = ["scopes_requested", "scopes_granted", "config"].flatMap { column in
        [
            BrokenColumn(column, "NULL", .missing), BrokenColumn(column, "'7'", .malformed),
            BrokenColumn(column, "'{\"a\": [1]}'", .malformed), BrokenColumn(column, "'[1]'", .malformed),
            BrokenColumn(column, "'null'", .malformed),
        ]
    }

    private static let numbers = [
        BrokenColumn("revision", "9223372036854775807", .outOfRange),
        BrokenColumn("revision", "0", .outOfRange), BrokenColumn("revision", "-1", .outOfRange),
        BrokenColumn("revision", "NULL", .missing),
        BrokenColumn("credentials_revision", "2", .outOfRange),
        BrokenColumn("credentials_revision", "-9223372036854775807", .outOfRange),
        BrokenColumn("credentials_revision", "NULL", .missing),
        BrokenColumn("created_at_ms", "-9223372036854775807", .outOfRange),
        BrokenColumn("created_at_ms", "9223372036854775807", .outOfRange),
        BrokenColumn("created_at_ms", "NULL", .missing),
        BrokenColumn("updated_at_ms", "-9223372036854775807", .outOfRange),
        BrokenColumn("updated_at_ms", "9223372036854775807", .outOfRange),
        BrokenColumn("updated_at_ms", "NULL", .missing),
        BrokenColumn("last_refreshed_at_ms", "-9223372036854775807", .outOfRange),
        BrokenColumn("last_refreshed_at_ms", "9223372036854775807", .outOfRange),
        BrokenColumn("expires_at_s", "-9223372036854775807", .outOfRange),
        BrokenColumn("expires_at_s", "9223372036854775807", .outOfRange),
        BrokenColumn("expires_at_s", "253402300800", .outOfRange),
        BrokenColumn("token_lifetime_s", "-1", .outOfRange),
        BrokenColumn("token_lifetime_s", "9223372036854775807", .outOfRange),
        BrokenColumn("is_expiry_final", "2", .outOfRange), BrokenColumn("client", "OCTETS(00)", .malformed),
        BrokenColumn("sweep_at_ms", "9223372036854775807", .outOfRange),
        BrokenColumn("token_read_at_ms", "-9223372036854775807", .outOfRange),
        BrokenColumn("reauthorize_by_s", "253402300800", .outOfRange),
        BrokenColumn("tags", "'7'", .malformed), BrokenColumn("tags", "'{\"a\": [1]}'", .malformed),
    ]

    private static let sealed = [
        BrokenColumn("sealed", "NULL", .missing, of: "credentials"),
        BrokenColumn("key_id", "NULL", .missing, of: "credentials"),
        BrokenColumn("key_id", "-1", .outOfRange, of: "credentials"),
        BrokenColumn("key_id", "4294967296", .outOfRange, of: "credentials"),
        BrokenColumn("refresh_owner", "OCTETS(00)", .malformed, of: "credentials"),
    ]
}

extension StoreHarness {
    /// Looks at a broken row through every call of a store; another row shows that the rest goes on.
    package func expectUnreadable(_ id: ConnectionID, _ fault: RowFault, besides sound: ConnectionID)
        async throws
    {
        let error = StoreError.unreadable(fault)
        let workspaceID = Sample.workspaceID
        let owner = try LeaseOwner.random()
        await #expect(throws: error) { try await store.credentials(of: id, workspaceID: workspaceID) }
        await #expect(throws: error) { try await beginRefresh(id, owner: owner) }
        await #expect(throws: error) { try await failRefresh(id, owner: owner) }
        await #expect(throws: error) { try await finishRefresh(id) }
        if CredentialsRecord.columns.contains(where: { $0.name == fault.column }) {
            #expect(try await store.connection(id, workspaceID: workspaceID)?.id == id)
        } else {
            await #expect(throws: error) { try await store.connection(id, workspaceID: workspaceID) }
            await #expect(throws: error) {
                try await store.update(
                    id, workspaceID: workspaceID, ifRevision: 1, ConnectionChanges(label: "x"))
            }
            for limit in [1, 2, 100] {
                let page = try await store.connections(
                    matching: ConnectionQuery(workspaceID: workspaceID, limit: limit))
                #expect(page.connections.map(\.id) == [sound])
                #expect(page.nextCursor == nil)
            }
            let page = try await store.connections(matching: ConnectionQuery(workspaceID: workspaceID))
            #expect(page.unreadable == [UnreadableConnection(id: id, fault: fault)])
        }
        let batch = try await store.sealedConnections(notUnder: [], after: nil, limit: 100)
        #expect(batch.connections.map(\.connection.id) == [sound])
        #expect(batch.unreadable == [UnreadableConnection(id: id, fault: fault)])
        let unnamed = fault.column == "key_id" ? 1 : 0
        #expect(try await store.keysInUse().unreadableCount == unnamed)
        #expect(try await store.delete(id, workspaceID: "wsp_other") == nil)
        #expect(try await store.delete(id, workspaceID: workspaceID) == .unreadable(fault))
        #expect(try await store.delete(id, workspaceID: workspaceID) == nil)
        #expect(try await store.connection(sound, workspaceID: workspaceID)?.id == sound)
    }
}
