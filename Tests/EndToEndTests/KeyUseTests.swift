import Foundation
import NIOHTTP1
import StateTokens
import TestSupport
import Testing

/// `symbolon api-keys list` says when each key was last used.
@Suite("Uses of API keys", .timeLimit(.minutes(1))) struct KeyUseTests {
    private struct Listed: Decodable {
        struct Key: Decodable {
            let id: String
            let label: String
            let last_used_at: String?
        }
        let keys: [Key]
    }

    private static let file = ".symbolon/api-keys.json"
    private static let store = "sqlite:.symbolon/symbolon.sqlite"

    @Test func `a key's last use is in the store when its replica has ended, writable or not`()
        async throws
    {
        let server = try await SymbolonServer.start()
        let folder = server.folder
        let start = Timestamp.now()
        _ = try await ProductionSite.run(
            ["api-keys", "create", "--file", Self.file, "--workspace", "wsp_development", "--label", "idle"],
            in: folder)
        #expect(try await server.send(.GET, "/api/v1/connections", key: server.apiKey()).status == 200)
        #expect(try await server.send(.GET, "/api/v1/connections", key: "sym_wrong").status == 401)
        await server.stop()
        let output = try await ProductionSite.run(
            ["api-keys", "list", "--file", Self.file, "--store", Self.store, "--json"], in: folder)
        let line = try #require(output.split(separator: "\n").first { $0.hasPrefix("{") })
        let keys = try JSONDecoder().decode(Listed.self, from: Data(line.utf8)).keys
        let text = try #require(keys.first { $0.label == "development" }?.last_used_at)
        let used = try #require(Timestamp(rfc3339: text))
        #expect(used.secondsSinceEpoch % 60 == 0 && used.seconds(since: start) > -60 && used <= .now())
        let idle = try #require(keys.first { $0.label == "idle" })
        #expect(idle.last_used_at == nil)
        let table = try await ProductionSite.run(
            ["api-keys", "list", "--file", Self.file, "--store", Self.store], in: folder)
        #expect(table.contains("LAST USED") && table.contains(text) && table.contains("never"))
        let without = try await ProductionSite.run(
            ["api-keys", "list", "--file", Self.file, "--json"], in: folder)
        #expect(!without.contains("last_used_at"))
    }
}
