import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// Too much, too long, too often: a clean answer each.
@Suite("Limits", .timeLimit(.minutes(2))) struct RequestLimitTests {
    private static let list = "/api/v1/connections"

    @Test func `S28 a URL beyond 16 kB is a 414, and a header beyond that a 431`() async throws {
        let server = try await SymbolonServer.start()
        let long = try await server.send(.GET, "/healthz?" + String(repeating: "x", count: 17_000))
        #expect(long.status == 414 && long.body.contains("uri_too_long"), "\(long.body)")
        let huge = try await server.send(.GET, "/healthz?" + String(repeating: "x", count: 40_000))
        #expect(huge.status == 431)
        let field = try await server.send(
            .GET, "/healthz", headers: ["X-Filler": String(repeating: "x", count: 30_000)])
        #expect(field.status == 431)
        var many = HTTPHeaders()
        for index in 0..<200 { many.add(name: "x-\(index)", value: "y") }
        #expect(try await server.send(.GET, "/healthz", headers: many).status == 431)
        #expect(try await server.send(.GET, "/healthz").status == 200)
        await server.stop()
    }

    @Test func `S27 a guesser is told to wait, and a good key behind the same address is not`() async throws {
        let server = try await SymbolonServer.start(environment: [
            "SYMBOLON_LIMITS_FAILURES_PER_ADDRESS": "5"
        ])
        let key = try server.apiKey()
        var statuses: [Int] = []
        for index in 0..<8 {
            let answer = try await server.send(.GET, Self.list, key: "sym_guess\(index)")
            statuses.append(answer.status)
            if answer.status == 429 {
                #expect(answer.body.contains("rate_limited"))
                #expect(Int(answer.headers.first(name: "retry-after") ?? "") ?? 0 >= 1)
            }
        }
        #expect(statuses == [401, 401, 401, 401, 401, 429, 429, 429])
        #expect(try await server.send(.GET, Self.list, key: key).status == 200)
        #expect(try await AuditLines(server.log).of("access").count == 5)
        await server.stop()
    }

    @Test func `a credential that comes too often is told to wait, and another is not`() async throws {
        let server = try await SymbolonServer.start(environment: ["SYMBOLON_LIMITS_PER_CREDENTIAL": "3"])
        let key = try server.apiKey()
        let answers = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 {
                group.addTask { try await server.send(.GET, Self.list, key: key).status }
            }
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        #expect(answers[200] ?? 0 >= 3 && answers[429] ?? 0 >= 10, "\(answers)")
        try await eventually("it may come again", every: .milliseconds(200)) {
            try await server.send(.GET, Self.list, key: key).status == 200
        }
        await server.stop()
    }

    @Test func `an address that comes too often is told to wait, and is the proxy's word`() async throws {
        let server = try await SymbolonServer.start(environment: [
            "SYMBOLON_LIMITS_PER_ADDRESS": "2", "SYMBOLON_LISTEN_TRUSTED_PROXIES": "127.0.0.0/8",
        ])
        func status(_ forwarded: String) async throws -> Int {
            try await server.send(.GET, "/healthz", headers: ["X-Forwarded-For": forwarded]).status
        }
        var last = 200
        for _ in 0..<6 { last = try await status("198.51.100.7") }
        #expect(last == 429)
        #expect(try await status("198.51.100.8") == 200)
        // What a client writes before the proxy's own entry is nothing.
        for _ in 0..<4 { last = try await status("198.51.100.9, 198.51.100.7") }
        #expect(last == 429)
        await server.stop()
    }

    @Test func `S18 without trusted proxies nobody's word counts`() async throws {
        let server = try await SymbolonServer.start()
        _ = try await server.send(.GET, Self.list, headers: ["X-Forwarded-For": "198.51.100.7"])
        #expect(try await AuditLines(server.log).of("access").first?["address"] == "127.0.0.1")
        await server.stop()
    }

    @Test(arguments: [("127.0.0.0/8", 200), ("10.0.0.0/8", 403), ("::1", 403)])
    func `S27 a key with addresses is good from them alone`(_ block: String, _ status: Int) async throws {
        let server = try await SymbolonServer.start()
        let key = try await Self.makeKey(["--address", block], for: server)
        let answer = try await server.send(.GET, Self.list, key: key)
        #expect(answer.status == status, "\(answer.body)")
        if status == 403 {
            #expect(answer.body.contains("address_denied"))
            let line = try #require(try await AuditLines(server.log).of("access").last)
            #expect(line["reason"] == "address_denied" && line["credential_id"]?.hasPrefix("key_") == true)
        }
        await server.stop()
    }

    @Test func `S27 a key that requires an audit context is good with one alone, and the audit log has it`()
        async throws
    {
        let server = try await SymbolonServer.start()
        let key = try await Self.makeKey(["--require-audit-context"], for: server)
        let body = #"{"integration_id": "sandbox"}"#
        func initiate(_ contexts: [String], key: String?) async throws -> Answer {
            try await server.send(
                .POST, "/api/v1/oauth/initiate", json: body, key: key,
                headers: HTTPHeaders(contexts.map { ("X-Audit-Context", $0) }))
        }
        let none = try await initiate([], key: key)
        #expect(none.status == 400 && none.body.contains(#""audit_context_required""#), "\(none.body)")
        #expect(try await server.send(.GET, Self.list, key: key).status == 400, "behind the router, too")
        let improper = [[""], [String(repeating: "x", count: 257)], ["Zug\u{e9}"], ["a\tb"]]
        for contexts in improper {
            // With any credential, and with none.
            for key in [key, try server.apiKey(), nil] {
                let answer = try await initiate(contexts, key: key)
                #expect(
                    answer.status == 400 && answer.body.contains(#""invalid_audit_context""#), "\(contexts)")
            }
        }
        #expect(try await initiate(["guess"], key: "sym_guess").status == 401)
        #expect(try await initiate(["ticket 4711"], key: key).status == 200)
        #expect(try await initiate([String(repeating: "x", count: 256)], key: key).status == 200)
        #expect(try await initiate(["a", "b"], key: server.apiKey()).status == 200)
        #expect(
            try await server.send(.GET, Self.list, key: key, headers: ["X-Audit-Context": "4711"]).status
                == 200)
        let lines = try await AuditLines(server.log)
        let begun = lines.of("initiate").map { $0["audit_context"] }
        #expect(begun == ["ticket 4711", String(repeating: "x", count: 256), "a, b"])
        let refused = lines.of("access")
        #expect(refused.first?["reason"] == "audit_context_required")
        #expect(refused.first?["credential_id"]?.hasPrefix("key_") == true)
        #expect(refused.allSatisfy { $0["audit_context"] == nil }, "a stranger's word is not written down")
        await server.stop()
    }

    @Test(arguments: [
        ["X-Api-Key": "sym_one", "Authorization": "Bearer sym_other"],
        ["X-Audit-Context": ""],
    ]) func `S27 requests that show no good credential write no audit lines without end`(
        _ headers: HTTPHeaders
    ) async throws {
        let server = try await SymbolonServer.start(environment: [
            "SYMBOLON_LIMITS_FAILURES_PER_ADDRESS": "5"
        ])
        var statuses: [Int] = []
        for _ in 0..<8 { statuses.append(try await server.send(.GET, Self.list, headers: headers).status) }
        #expect(statuses == [400, 400, 400, 400, 400, 429, 429, 429])
        #expect(try await AuditLines(server.log).of("access").count == 5)
        await server.stop()
    }

    /// A key of the development workspace, once the server has read it.
    private static func makeKey(_ arguments: [String], for server: SymbolonServer) async throws -> String {
        let path = server.folder.path + "/.symbolon/api-keys.json"
        let made = try await ProductionSite.run(
            ["api-keys", "create", "--file", path, "--workspace", "wsp_development"] + arguments,
            in: server.folder)
        let key = try #require(made.split(separator: "\n").first { $0.hasPrefix("sym_") })
        server.process.send(SIGHUP)
        try await server.process.waitForLine { $0.contains("API keys replaced") }
        return String(key)
    }
}
