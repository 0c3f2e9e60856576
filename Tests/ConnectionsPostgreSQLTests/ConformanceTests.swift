#if PostgreSQL
import ConnectionsTesting
import Testing

@Suite("PostgreSQL store") struct ConformanceTests {
    @Test(arguments: ConformanceCase<PostgreSQLHarness>.all)
    func `the store keeps its promise`(_ conformance: ConformanceCase<PostgreSQLHarness>) async throws {
        try await conformance.run()
    }

    @Test(arguments: ConformanceCase<PostgreSQLHarness>.webhooks)
    func `the store keeps its promise of webhooks`(_ conformance: ConformanceCase<PostgreSQLHarness>)
        async throws
    {
        try await conformance.run()
    }
}
#endif
