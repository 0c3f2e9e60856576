import Connections
import ConnectionsTesting
import Foundation
import GRDB
import Synchronization
import Testing

@testable import ConnectionsSQLite

/// Writes that share a transaction, and what they do not share: their failures.
@Suite("SQLite, writes that are committed together") struct GroupCommitTests {
    private let harness: SQLiteHarness
    private let pool: DatabasePool
    private let commits: GroupCommit

    private struct Failure: Error {}

    private struct Outcome: Sendable {
        let number: Int
        let failure: (any Error)?
        /// Whether another handle saw the row when the caller was told.
        let isVisible: Bool
    }

    private final class CommitCounter: TransactionObserver, Sendable {
        let count = Atomic(0)

        func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
        func databaseDidChange(with event: DatabaseEvent) {}
        func databaseDidCommit(_ db: Database) { count.add(1, ordering: .relaxed) }
        func databaseDidRollback(_ db: Database) {}
    }

    init() throws {
        harness = try SQLiteHarness()
        try harness.tamper(
            """
            CREATE TABLE numbers (
                number INTEGER PRIMARY KEY,
                parent INTEGER REFERENCES numbers (number) DEFERRABLE INITIALLY DEFERRED)
            """)
        pool = try DatabasePool(path: harness.path)
        commits = GroupCommit(pool, .sqlite, try DatabaseFile(atPath: harness.path))
    }

    /// Writes `0`, and meanwhile has the others wait, so that they are one group.
    private func write(
        _ count: Int, _ body: @escaping @Sendable (Int, Database) throws -> Void
    ) async throws -> [Outcome] {
        let (outcomes, outcome) = AsyncStream<Outcome>.makeStream()
        let reader = try DatabaseQueue(path: harness.path)
        let write: @Sendable (Int, @escaping @Sendable () -> Void) -> GroupCommit.Write = {
            number, meanwhile in
            GroupCommit.Write(
                perform: { transaction in
                    meanwhile()
                    try body(number, transaction.database)
                    return {
                        let found = try? reader.read {
                            try Int.fetchOne(
                                $0, sql: "SELECT 1 FROM numbers WHERE number = ?", arguments: [number])
                        }
                        outcome.yield(Outcome(number: number, failure: nil, isVisible: found == 1))
                    }
                },
                fail: { outcome.yield(Outcome(number: number, failure: $0, isVisible: false)) })
        }
        let others = (1..<count).map { write($0, {}) }
        commits.add(write(0) { [commits] in for other in others { commits.add(other) } })
        var found: [Outcome] = []
        for await outcome in outcomes {
            found.append(outcome)
            if found.count == count { break }
        }
        return found.sorted { $0.number < $1.number }
    }

    private static func insert(_ number: Int, parent: Int? = nil, _ database: Database) throws {
        try database.execute(sql: "INSERT INTO numbers VALUES (?, ?)", arguments: [number, parent])
    }

    private func stored() throws -> [Int] {
        try pool.read { try Int.fetchAll($0, sql: "SELECT number FROM numbers ORDER BY number") }
    }

    @Test func `S09 writes that wait share a commit, and their callers are told after it`() async throws {
        let counter = CommitCounter()
        pool.add(transactionObserver: counter)
        let outcomes = try await write(21) { number, database in try Self.insert(number, database) }
        #expect(outcomes.allSatisfy { $0.failure == nil && $0.isVisible })
        #expect(try stored() == Array(0..<21))
        #expect(counter.count.load(ordering: .relaxed) == 2)
    }

    @Test func `S21 a write that fails is undone and fails alone`() async throws {
        let outcomes = try await write(21) { number, database in
            try Self.insert(number, database)
            if number % 7 == 3 { throw Failure() }
        }
        for outcome in outcomes {
            #expect((outcome.failure is Failure) == (outcome.number % 7 == 3))
            #expect(outcome.isVisible == (outcome.failure == nil))
        }
        #expect(try stored() == (0..<21).filter { $0 % 7 != 3 })
    }

    @Test func `S21 a write that cannot be committed does not take the others with it`() async throws {
        let outcomes = try await write(9) { number, database in
            try Self.insert(number, parent: number == 5 ? 1_000 : nil, database)
        }
        #expect(outcomes.filter { $0.failure != nil }.map(\.number) == [5])
        #expect(try stored() == [0, 1, 2, 3, 4, 6, 7, 8])
    }

    @Test func `a transaction that SQLite undoes as a whole is done again without its culprit`() async throws
    {
        let outcomes = try await write(9) { number, database in
            try Self.insert(number, database)
            if number == 4 {
                try database.execute(sql: "INSERT OR ROLLBACK INTO numbers VALUES (4, NULL)")
            }
        }
        #expect(outcomes.filter { $0.failure != nil }.map(\.number) == [4])
        #expect(try stored() == [0, 1, 2, 3, 5, 6, 7, 8])
    }

    // MARK: The file

    /// Adds writes `1` to `count`, which wait for write `0`; `meanwhile` runs when that is committed and before they begin.
    private func fail(
        _ count: Int, waitingLimit: Int = 1_000, of pool: DatabasePool? = nil,
        meanwhile: @escaping @Sendable () throws -> Void
    ) async throws -> (failures: [String], performed: Int) {
        let commits = GroupCommit(
            pool ?? self.pool, .sqlite, try DatabaseFile(atPath: harness.path), waitingLimit: waitingLimit)
        let performed = Mutex(0)
        let (failures, failure) = AsyncStream<String>.makeStream()
        let others = (1...count).map { number in
            GroupCommit.Write(
                perform: { transaction in
                    performed.withLock { $0 += 1 }
                    try Self.insert(number, transaction.database)
                    return { failure.yield("none") }
                }, fail: { failure.yield("\(StoreError(translating: $0).publicCode)") })
        }
        commits.add(
            GroupCommit.Write(
                perform: { [commits] _ in
                    for other in others { commits.add(other) }
                    return {
                        do { try meanwhile() } catch { Issue.record(error) }
                    }
                }, fail: { Issue.record($0) }))
        var found: [String] = []
        for await failure in failures {
            found.append(failure)
            if found.count == count { break }
        }
        return (found, performed.withLock { $0 })
    }

    @Test func `S28 while the file is locked, writes that wait are told together after one time-out`()
        async throws
    {
        let waits = Mutex(0)
        var configuration = Configuration()
        configuration.busyMode = .callback { _ in
            waits.withLock { $0 += 1 }
            return false
        }
        let pool = try DatabasePool(path: harness.path, configuration: configuration)
        var unsafe = Configuration()
        unsafe.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: harness.path, configuration: unsafe)
        // More than one group, and all of them had to wait.
        let (failures, performed) = try await fail(100, of: pool) {
            try other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        }
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        #expect(failures == Array(repeating: "busy", count: 100))
        #expect(performed == 0 && waits.withLock { $0 } == 1)
        #expect(try stored().isEmpty)
    }

    @Test func `writes to a file that was moved are not done again one by one`() async throws {
        let path = harness.path
        let (failures, performed) = try await fail(8) {
            try FileManager.default.moveItem(atPath: path, toPath: path + "-moved")
        }
        try FileManager.default.moveItem(atPath: path + "-moved", toPath: path)
        #expect(failures == Array(repeating: "moved", count: 8) && performed == 8)
    }

    @Test func `S28 a write too many is rejected at once`() async throws {
        let (failures, performed) = try await fail(5, waitingLimit: 3) {}
        #expect(failures == ["busy", "busy", "none", "none", "none"] && performed == 3)
    }
}
