import ConnectionsTesting
import Testing

@Suite("SQLite store") struct ConformanceTests {
    @Test(arguments: ConformanceCase<SQLiteHarness>.all)
    func `the store keeps its promise`(_ conformance: ConformanceCase<SQLiteHarness>) async throws {
        try await conformance.run()
    }

    @Test(arguments: ConformanceCase<SQLiteHarness>.webhooks)
    func `the store keeps its promise of webhooks`(_ conformance: ConformanceCase<SQLiteHarness>) async throws
    {
        try await conformance.run()
    }
}
