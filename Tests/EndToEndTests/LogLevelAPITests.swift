import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// Levels that are changed while the service runs, and request ids in responses and in all logs.
@Suite("Log levels and request ids", .timeLimit(.minutes(2))) struct LogLevelAPITests {
    private static let path = "/api/v1/log-levels"

    private struct Levels: Decodable {
        let replica: String
        let configured: String
        let levels: [String: String]
    }

    private func lines(_ server: SymbolonServer) async throws -> [[String: String]] {
        try await server.log.split(separator: "\n").compactMap {
            let object = try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
            return object?.mapValues { "\($0)" }
        }
    }

    private func requests(_ server: SymbolonServer) async throws -> [[String: String]] {
        try await lines(server).filter { $0["message"] == "request" }
    }

    @Test func `levels change while the service runs, and every line of a request names it`() async throws {
        let server = try await SymbolonServer.start(environment: ["SYMBOLON_LOG_FORMAT": "json"])
        let key = try server.apiKey()
        let begun = try await server.send(.GET, Self.path, key: key).decoded(as: Levels.self)
        #expect(begun.configured == "info" && Set(begun.levels.values) == ["info"] && begun.levels.count == 7)
        #expect(begun.replica.contains("process \(server.process.processIdentifier)"))
        #expect(try await requests(server).isEmpty)

        let changed = try await server.send(
            .PATCH, Self.path, json: #"{"http": "debug", "keys": "error"}"#, key: key,
            headers: ["X-Request-Id": "change-1"])
        #expect(changed.status == 200 && changed.headers["x-request-id"] == ["change-1"])
        let levels = try changed.decoded(as: Levels.self).levels
        #expect(levels["http"] == "debug" && levels["keys"] == "error" && levels["flows"] == "info")
        // On the event loop, behind the router, and of no route.
        let sent: [(String, HTTPMethod, String, String?)] = [
            ("one", .POST, "/api/v1/oauth/initiate", #"{"integration_id": "sandbox"}"#),
            ("two", .POST, "/api/v1/oauth/initiate", "{"), ("three", .GET, "/api/v1/connections", nil),
            ("four", .GET, "/api/v1/oauth/callback/sandbox?state=x&code=y", nil), ("five", .GET, "/no", nil),
        ]
        for (id, method, path, json) in sent {
            let answer = try await server.send(
                method, path, json: json, key: key, headers: ["X-Request-Id": id])
            #expect(answer.headers["x-request-id"] == [id], "\(path)")
        }
        let own = try await server.send(.GET, "/healthz")
        let ownID = try #require(own.headers["x-request-id"].first)
        let found = try await requests(server)
        #expect(found.compactMap { $0["request_id"] } == ["change-1"] + sent.map(\.0) + [ownID])
        #expect(found.allSatisfy { $0["logger"] == "symbolon.http" && $0["hb.request.id"] == nil })
        let audit = try await AuditLines(server.log)
        #expect(audit.of("initiate").map { $0["request_id"] } == ["one", "two"])
        #expect(audit.of("callback").last?["request_id"] == "four")
        let note = try #require(try await lines(server).first { $0["message"] == "log levels changed" })
        #expect(note["request_id"] == "change-1" && note["levels"] == "http=debug,keys=error")
        #expect(note["credential_id"]?.hasPrefix("key_") == true && note["logger"] == "symbolon")

        let back = try await server.send(.PATCH, Self.path, json: #"{"http": null, "keys": null}"#, key: key)
        #expect(try Set(back.decoded(as: Levels.self).levels.values) == ["info"])
        let count = try await requests(server).count
        _ = try await server.send(.GET, "/healthz")
        #expect(try await requests(server).count == count)
        await server.stop()
    }

    @Test func `SIGUSR1 has all parts say more, and the next one what the settings say`() async throws {
        let server = try await SymbolonServer.start()
        server.process.send(SIGUSR1)
        try await server.process.waitForLine { $0.contains("all=debug") }
        _ = try await server.send(.GET, "/healthz", headers: ["X-Request-Id": "look"])
        try await server.process.waitForLine {
            $0.contains("request_id=look") && $0.contains("route=/healthz")
        }
        server.process.send(SIGUSR1)
        try await server.process.waitForLine { $0.contains("all=info") }
        _ = try await server.send(.GET, "/healthz", headers: ["X-Request-Id": "again"])
        #expect(try await !server.log.contains("request_id=again"))
        #expect(await server.stop() == 0)
    }

    @Test(arguments: [
        (#"{"http": "loud"}"#, "enum"), (#"{"http": 1}"#, "string_type"),
        (#"{"https": "debug"}"#, "extra_forbidden"),
        ("[]", "model_attributes_type"), ("", "missing"), (#"{"keys": "debug", "http": "Debug"}"#, "enum"),
        ("{", "json_invalid"),
    ])
    func `what is no change of levels changes nothing`(_ body: String, _ type: String) async throws {
        let server = try await SymbolonServer.start()
        let key = try server.apiKey()
        let answer = try await server.send(.PATCH, Self.path, json: body, key: key)
        #expect(answer.status == 422 && answer.body.contains(type), "\(answer.body)")
        let levels = try await server.send(.GET, Self.path, key: key).decoded(as: Levels.self).levels
        #expect(Set(levels.values) == ["info"])
        await server.stop()
    }

    @Test func `without operate nobody sees or changes levels`() async throws {
        let server = try await SymbolonServer.start()
        for method in [HTTPMethod.GET, .PATCH] {
            let answer = try await server.send(method, Self.path, json: method == .PATCH ? "{}" : nil)
            #expect(answer.status == 401 && answer.headers["x-request-id"].count == 1)
        }
        await server.stop()
    }
}
