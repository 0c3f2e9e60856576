#if PostgreSQL
import Connections
import ConnectionsTesting
import Testing

@testable import ConnectionsPostgreSQL

/// Reads of credentials that are sent together.
@Suite("PostgreSQL store, many reads at the same time") struct CredentialReadTests {
    private let harness: PostgreSQLHarness

    init() async throws { harness = try await PostgreSQLHarness() }

    private enum Found: Equatable { case credentials(SealedCredentials), nothing, fault(StoreError) }

    /// Reads all of them at the same time.
    private func read(
        _ reads: [(id: ConnectionID, workspaceID: String)]
    ) async -> [Found] {
        await withTaskGroup(of: (Int, Found).self) { group in
            for (index, read) in reads.enumerated() {
                group.addTask { [store = harness.store] in
                    do throws(StoreError) {
                        let found = try await store.credentials(of: read.id, workspaceID: read.workspaceID)
                        return (index, found.map { .credentials($0.credentials) } ?? .nothing)
                    } catch {
                        return (index, .fault(error))
                    }
                }
            }
            return await group.reduce(into: Array(repeating: Found.nothing, count: reads.count)) {
                $0[$1.0] = $1.1
            }
        }
    }

    @Test func `S22 each read gets its own row, of its own workspace`() async throws {
        var reads: [(id: ConnectionID, workspaceID: String)] = []
        var expected: [Found] = []
        for number in 0..<20 {
            let sealed = Sample.sealed("credentials \(number)")
            let id = try await harness.insertSample(sealed)
            reads += [(id, Sample.workspaceID), (id, "wsp_other"), (id, ""), (id, Sample.workspaceID + "\0")]
            expected += [.credentials(sealed), .nothing, .nothing, .nothing]
        }
        reads.append((try .random(), Sample.workspaceID))
        expected.append(.nothing)
        for _ in 0..<10 { #expect(await read(reads) == expected) }
    }

    @Test func `S22 a read that no task waits for finds the row of its own workspace, and nothing else`()
        async throws
    {
        let id = try await harness.insertSample()
        for (workspaceID, isThere) in [(Sample.workspaceID, true), ("wsp_other", false), ("", false)] {
            let found = await withCheckedContinuation { answer in
                let isReading = harness.store.readCredentials(of: id, workspaceID: workspaceID) {
                    answer.resume(returning: $0)
                }
                #expect(isReading)
            }
            #expect((found != nil) == isThere)
        }
        #expect(!harness.store.readCredentials(of: id, workspaceID: Sample.workspaceID + "\0") { _ in })
    }

    @Test func `S47 a row that cannot be read fails its own reader alone`() async throws {
        let sound = try await harness.insertSample()
        let broken = try await harness.insertSample()
        try await harness.tamper("UPDATE connections SET scopes_granted = '{}' WHERE id = '\(broken)'")
        let found = await read([sound, broken, sound].map { ($0, Sample.workspaceID) })
        let fault = StoreError.unreadable(RowFault("scopes_granted", .malformed))
        #expect(found == [.credentials(Sample.sealed()), .fault(fault), .credentials(Sample.sealed())])
    }

    @Test func `connections that were ended while they lay idle fail no read`() async throws {
        let id = try await harness.insertSample()
        let reads = Array(repeating: (id: id, workspaceID: Sample.workspaceID), count: 50)
        let expected = Array(repeating: Found.credentials(Sample.sealed()), count: 50)
        for _ in 0..<3 {
            #expect(await read(reads) == expected)
            try await harness.tamper(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'symbolon'")
        }
    }

    @Test func `reads that the server refuses fail, and those after them do not`() async throws {
        let id = try await harness.insertSample()
        let reads = Array(repeating: (id: id, workspaceID: Sample.workspaceID), count: 20)
        try await harness.tamper("ALTER TABLE credentials RENAME TO gone")
        #expect(
            await read(reads).allSatisfy { found in
                if case .fault = found { true } else { false }
            })
        try await harness.tamper("ALTER TABLE gone RENAME TO credentials")
        #expect(await read(reads) == Array(repeating: .credentials(Sample.sealed()), count: 20))
    }

    @Test func `a store that was closed fails its reads`() async throws {
        let id = try await harness.insertSample()
        await harness.store.close()
        let found = await read([(id, Sample.workspaceID), (id, Sample.workspaceID)])
        #expect(
            found.allSatisfy { found in
                if case .fault(.unavailable) = found { true } else { false }
            })
    }
}
#endif
