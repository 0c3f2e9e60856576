import Connections
import ConnectionsTesting
import Foundation
import Testing

@testable import ConnectionsSQLite

/// Credentials that are read on the caller's thread: as fresh as those that are waited for.
@Suite("SQLite, read at once") struct RowLookupTests {
    private let harness: SQLiteHarness

    init() throws { harness = try SQLiteHarness() }

    private func atOnce(
        _ id: ConnectionID, workspaceID: String = Sample.workspaceID
    ) -> SealedConnection? {
        harness.store.credentialsAtOnce(of: id, workspaceID: workspaceID)
    }

    @Test func `what is read at once is what a snapshot reads`() async throws {
        let id = try await harness.insertSample()
        let waited = try await harness.store.credentials(of: id, workspaceID: Sample.workspaceID)
        #expect(waited != nil && atOnce(id) == waited)
    }

    @Test func `what another replica has refreshed, disabled or deleted is seen at once`() async throws {
        let id = try await harness.insertSample()
        let first = try #require(atOnce(id))
        let replica = harness.replica
        #expect(
            try await replica.finishRefresh(
                id, workspaceID: Sample.workspaceID, ifCredentialsRevision: 1,
                with: RefreshedGrant(credentials: Sample.sealed("new", key: 2), expiresAt: nil)))
        let refreshed = try #require(atOnce(id))
        #expect(refreshed.credentials == Sample.sealed("new", key: 2) && refreshed != first)
        _ = try await replica.update(
            id, workspaceID: Sample.workspaceID, ifRevision: refreshed.connection.revision,
            ConnectionChanges(status: .init(.inactive, reason: nil)))
        #expect(atOnce(id)?.connection.status == .inactive)
        _ = try await replica.delete(id, workspaceID: Sample.workspaceID)
        #expect(atOnce(id) == nil)
    }

    @Test(arguments: ["", "w", Sample.workspaceID + " ", Sample.workspaceID + "\0", "%"])
    func `S22 another workspace reads nothing at once`(_ workspaceID: String) async throws {
        let id = try await harness.insertSample()
        #expect(atOnce(id) != nil && atOnce(id, workspaceID: workspaceID) == nil)
    }

    @Test func `a transaction that writes keeps no reader waiting`() async throws {
        let id = try await harness.insertSample()
        let (store, replica) = (harness.store, harness.replica)
        let found = try await replica.write { transaction in
            try transaction.delete(id)
            return store.credentialsAtOnce(of: id, workspaceID: Sample.workspaceID)
        }
        #expect(found != nil && atOnce(id) == nil)
    }

    @Test func `a row that cannot be read is left to the call that says why`() async throws {
        let id = try await harness.insertSample()
        try harness.tamper("UPDATE connections SET scopes_granted = '{}' WHERE id = '\(id)'")
        #expect(atOnce(id) == nil)
        await #expect(throws: StoreError.unreadable(RowFault("scopes_granted", .malformed))) {
            try await harness.store.credentials(of: id, workspaceID: Sample.workspaceID)
        }
    }

    @Test func `a reader leaves no snapshot open`() async throws {
        let id = try await harness.insertSample()
        for _ in 0..<3 { #expect(atOnce(id) != nil) }
        // It would fail if a snapshot still needed the WAL.
        try harness.checkpoint()
        #expect(atOnce(id) != nil)
    }

    @Test func `tables that change under the statement are read as they are then`() async throws {
        let id = try await harness.insertSample()
        #expect(atOnce(id) != nil)
        try harness.tamper("ALTER TABLE connections ADD COLUMN later TEXT")
        #expect(atOnce(id) != nil)
        try harness.tamper("ALTER TABLE credentials RENAME TO gone")
        #expect(atOnce(id) == nil)
    }
}
