#if PostgreSQL
import Connections
import ConnectionsTesting
import StateTokens
import Testing

@testable import ConnectionsPostgreSQL

@Suite("Writes that share a transaction in PostgreSQL") struct GroupedWriteTests {
    private let harness: PostgreSQLHarness

    init() async throws { harness = try await PostgreSQLHarness() }

    @Test func `S28 a claim that waits for a lock delays the rest of its group by less than 4 seconds`()
        async throws
    {
        #expect(try await claim(1, at: harness.store) == .claimed)
        // What holds a claim's place: a deletion that is not committed.
        let other = try DatabaseSession(ServerAddress(harness.url))
        try other.run(script: "BEGIN; DELETE FROM claims", by: .now + .seconds(5))
        let began = ContinuousClock.now
        let blocked = Task { try await claim(1, at: harness.store) }
        let free = (2..<60 as Range<UInt8>).map { number in
            Task { try await claim(number, at: harness.store) }
        }
        for task in free { #expect(try await task.value == .claimed) }
        // Written alone, a claim is read first, without a lock.
        #expect(try await blocked.value == .pending(sameCode: true))
        // Outside a group a lock is waited for up to 4 seconds.
        #expect(began.duration(to: .now) < .seconds(3.5))
        try other.run(script: "ROLLBACK", by: .now + .seconds(5))
        #expect(try await claim(1, at: harness.store) == .pending(sameCode: true))
    }

    @Test func `S28 two replicas that claim the same flows in opposite orders do not deadlock`()
        async throws
    {
        try await harness.store.ping()
        try await harness.replica.ping()
        // Slow enough that two groups are in progress at the same time.
        try await harness.tamper(
            """
            CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS
                $$BEGIN PERFORM pg_sleep(0.005); RETURN NEW; END$$;
            CREATE TRIGGER pause AFTER INSERT ON claims FOR EACH ROW EXECUTE FUNCTION pause();
            """)
        let before = try await rollbackCount()
        for round in 0..<6 as Range<UInt8> {
            let numbers = (0..<12).map { round * 12 + $0 }
            async let ours = claims(of: numbers, at: harness.store)
            async let theirs = claims(of: numbers.reversed(), at: harness.replica)
            #expect(try await ours + theirs == 12)
        }
        // Of two that wait for each other one is rolled back, when its time for a lock is over.
        #expect(try await rollbackCount() == before)
    }

    @Test(arguments: [1, 2, 4]) func `a store with few sessions answers other calls while claims wait`(
        _ sessionCount: Int
    ) async throws {
        let store = PostgreSQLConnectionStore(
            try ServerAddress(harness.url), connectionCount: sessionCount)
        let claims = (0..<200 as Range<UInt8>).map { number in
            Task { try await claim(number, at: store) }
        }
        for _ in 0..<10 { try await store.ping() }
        for claim in claims { #expect(try await claim.value == .claimed) }
        await store.close()
    }

    private func claims(of numbers: [UInt8], at store: PostgreSQLConnectionStore) async throws -> Int {
        try await withThrowingTaskGroup(of: ClaimResult.self) { group in
            for number in numbers { group.addTask { try await claim(number, at: store) } }
            return try await group.reduce(0) { $0 + ($1 == .claimed ? 1 : 0) }
        }
    }

    private func claim(_ number: UInt8, at store: PostgreSQLConnectionStore) async throws -> ClaimResult {
        try await store.claim(
            flow: Sample.flow(number), codeHash: Sample.code(), owner: .random(), lease: Sample.lease,
            keep: Sample.keep)
    }

    /// The server writes its counts down once a second.
    private func rollbackCount() async throws -> String {
        try await Task.sleep(for: .milliseconds(1_200))
        return try await harness.tamper(
            "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()")
    }
}
#endif
