import Connections
import ConnectionsTesting
import Foundation
import Logging
import StateTokens
import TestSupport
import Testing

@testable import ConnectionsSQLite

#if PostgreSQL
import ConnectionsPostgreSQL
#endif

/// The variable SYMBOLON_YEAR_CONNECTIONS says how many connections live through it.
@Suite("A year in the life of connections", .timeLimit(.minutes(20))) struct YearTests {
    private static let count =
        ProcessInfo.processInfo.environment["SYMBOLON_YEAR_CONNECTIONS"].flatMap { Int($0) } ?? 60

    private static let logger = Logger(label: "year") { _ in SwiftLogNoOpLogHandler() }
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n"

    @Test func `S24 over two replicas on SQLite no grant is lost, doubled or dead in silence`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("store.sqlite")
        let other = try SQLiteConnectionStore(path: path)
        let year = try await Year(
            connectionCount: Self.count, secretFile: try folder.write(Self.secret, to: "secret"),
            logger: Self.logger
        ) { clock, subscriptions in
            try (0..<2).map { _ in
                try SQLiteConnectionStore(
                    path: path, clock: .injected { clock.now }, subscriptions: subscriptions)
            }
        } run: { sql in
            try await other.write { try $0.database.write(sql, []) }
        }
        try await year.live()
        try await check(year)
    }

    #if PostgreSQL
    @Test func `S24 over two replicas on PostgreSQL no grant is lost, doubled or dead in silence`()
        async throws
    {
        let folder = try TemporaryFolder()
        let server = try await PostgreSQLServer.start()
        let url = try await server.makeSchema()
        let year = try await Year(
            connectionCount: Self.count, secretFile: try folder.write(Self.secret, to: "secret"),
            logger: Self.logger
        ) { clock, subscriptions in
            try (0..<2).map { _ in
                PostgreSQLConnectionStore(
                    try ServerAddress(url), clock: .injected { clock.now }, subscriptions: subscriptions)
            }
        } run: { sql in
            _ = try await server.query(sql, at: url)
        }
        try await year.live()
        try await check(year)
    }
    #endif

    private func check<Store>(_ year: Year<Store>) async throws {
        #expect(year.faults == [])
        #expect(!year.lost.isEmpty)
        #expect(
            Set(year.grants.reused) == year.lost && year.grants.reused.count == year.lost.count,
            "only what the restore took back is sent a second time")
        #expect(year.grants.lapsed == [], "a grant ended because no one used it")
        #expect(year.inbox.faults == [])
        let backlog = try await year.backlog()
        #expect(backlog.waitingCount == 0 && backlog.deadCount == 0)
        for life in year.lives {
            let id = try #require(life.id)
            let types = year.inbox.types(of: id.description)
            #expect(types.first == "connection.created", "\(life): \(types)")
            let status = try await year.status(of: life)
            if life.disconnected != nil {
                #expect(status == nil && types.contains("connection.deleted"), "\(life): \(types)")
            } else if year.isOver(life), life.integrationID != "eternal" {
                #expect(status == .expired, "\(life)")
                #expect(types.count { $0 == "connection.expired" } == 1, "\(life): \(types)")
            } else {
                #expect(status == .active && !types.contains("connection.expired"), "\(life): \(types)")
            }
        }
        print(
            "a year of \(year.lives.count) connections: \(year.grants.refreshCount) refreshes, "
                + "\(year.readCount) reads, \(year.inbox.sentCount) webhook requests")
    }
}
