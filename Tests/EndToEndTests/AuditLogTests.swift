import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// Who did what, and how it ended: one line each.
@Suite("The audit log", .timeLimit(.minutes(3))) struct AuditLogTests {
    @Test func `a flow and what is done with its connection leave one line each`() async throws {
        let stage = try await ConnectStage.start()
        let told = try await stage.connect()
        let id = try #require(told["connection_id"])
        _ = try await stage.token(of: id)
        #expect(try await stage.send(.POST, "/api/v1/oauth/refresh/\(id)").status == 200)
        #expect(try await stage.send(.DELETE, "/api/v1/connections/\(id)").status == 200)
        let audit = try await AuditLines(stage.symbolon.log)

        let initiate = try #require(audit.of("initiate").last)
        #expect(initiate["outcome"] == "success" && initiate["integration_id"] == "canaille")
        #expect(initiate["credential_id"]?.hasPrefix("key_") == true)
        #expect(initiate["workspace_id"] == "wsp_development" && initiate["address"] == "127.0.0.1")
        #expect(initiate["time"]?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
        let flowID = try #require(initiate["flow_id"])
        #expect(flowID == told["flow_id"])

        for event in ["exchange", "callback"] {
            let line = try #require(audit.of(event).first)
            #expect(audit.of(event).count == 1 && line["outcome"] == "success", "\(line)")
            #expect(line["flow_id"] == flowID && line["connection_id"] == id)
            #expect(line["workspace_id"] == "wsp_development" && line["integration_id"] == "canaille")
            #expect(Int(line["duration_us"] ?? "") ?? 0 > 0)
        }
        #expect(audit.of("exchange").first?["binding"] == "direct")
        let refresh = audit.of("refresh")
        #expect(refresh.count == 1 && refresh[0]["outcome"] == "success" && refresh[0]["connection_id"] == id)
        #expect(refresh.first?["credential_id"] == initiate["credential_id"])
        #expect(audit.of("credentials").count == 2)
        let disconnect = try #require(audit.of("disconnect").first)
        #expect(disconnect["connection_id"] == id && disconnect["revoked"] != nil)
        #expect(audit.of("access").isEmpty)
        try await stage.stop()
    }

    @Test func `what is refused says why, and nothing of what was sent`() async throws {
        let server = try await SymbolonServer.start()
        let key = try server.apiKey()
        for headers in [[:], ["X-API-Key": "sym_canary-key"]] as [HTTPHeaders] {
            _ = try await server.send(.GET, "/api/v1/connections", headers: headers)
        }
        _ = try await server.send(
            .GET, "/api/v1/connections", key: key, headers: ["X-Workspace-Id": "wsp_canary"])
        let body = #"{"integration_id": "canary-integration"}"#
        _ = try await server.send(.POST, "/api/v1/oauth/initiate", json: body, key: key)
        _ = try await server.send(
            .GET, "/api/v1/oauth/callback/canary-path?state=canary-state&code=canary-code")
        let audit = try await AuditLines(server.log)
        #expect(
            audit.of("access").map { $0["reason"] }
                == ["invalid_credential", "invalid_credential", "workspace_denied"])
        #expect(audit.of("access").last?["credential_id"]?.hasPrefix("key_") == true)
        #expect(audit.of("initiate").map { $0["reason"] } == ["integration_not_found"])
        #expect(audit.of("callback").map { $0["reason"] } == ["state_malformed"])
        #expect(audit.lines.allSatisfy { $0["outcome"] == "refused" })
        #expect(try await !server.log.contains("canary"))
        await server.stop()
    }

    @Test func `an exchange that fails says why`() async throws {
        let stage = try await ConnectStage.start(secret: "wrong")
        #expect(try await stage.connect()["error"] == "exchange_rejected")
        let audit = try await AuditLines(stage.symbolon.log)
        let exchange = try #require(audit.of("exchange").first)
        #expect(exchange["outcome"] == "refused" && exchange["reason"] == "rejected")
        #expect(exchange["detail"]?.hasPrefix("invalid_client") == true)
        #expect(audit.of("callback").first?["reason"] == "exchange_rejected")
        try await stage.stop()
    }

    @Test func `a file is made for its owner alone, and made anew after a SIGHUP`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/audit.jsonl"
        let server = try await SymbolonServer.start(
            environment: ["SYMBOLON_AUDIT_LOG": path], in: folder)
        func initiate() async throws {
            _ = try await server.send(
                .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "sandbox"}"#, key: server.apiKey()
            )
        }
        func count(_ path: String) throws -> Int {
            AuditLines(try String(contentsOf: URL(filePath: path), encoding: .utf8)).lines.count
        }
        try await initiate()
        // Its lines are written by a thread of their own.
        try await eventually("the line is written") { try count(path) == 1 }
        #expect(try await AuditLines(server.log).lines.isEmpty)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        try await initiate()
        try await eventually("the line is written") { try count(path + ".1") == 2 }
        server.process.send(SIGHUP)
        try await server.process.waitForLine { $0.contains("SIGHUP") }
        try await eventually("there is a new file") { FileManager.default.fileExists(atPath: path) }
        try await initiate()
        try await eventually("the line is written") { try count(path) == 1 }
        #expect(try count(path + ".1") == 2)
        await server.stop()
    }

    @Test func `a full disk ends nothing, and is said once`() async throws {
        let folder = try TemporaryFolder()
        let server = try await SymbolonServer.start(
            environment: ["SYMBOLON_AUDIT_LOG": "/dev/full"], in: folder)
        for _ in 0..<3 {
            let answer = try await server.send(
                .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "sandbox"}"#, key: server.apiKey()
            )
            #expect(answer.status == 200)
        }
        let ready = try await server.ready { $0.degraded == ["audit_log"] }
        #expect(ready.status == "degraded")
        await server.stop()
        let said = try await server.log.split(separator: "\n").filter {
            $0.contains("audit log cannot be written")
        }
        #expect(said.count == 1 && said.allSatisfy { $0.contains("other lines are lost") })
    }

    @Test(arguments: ["info", "debug"])
    func `S44 while the log's reader stalls initiates are answered, and nothing is done that must be audited`(
        _ level: String
    ) async throws {
        let folder = try TemporaryFolder()
        let pipe = folder.path + "/stalled"
        try #require(mkfifo(pipe, 0o600) == 0)
        let reader = open(pipe, O_RDWR | O_NONBLOCK)
        try #require(reader >= 0)
        defer { close(reader) }
        let server = try await SymbolonServer.start(
            environment: ["SYMBOLON_LOG_LEVEL": level, "SYMBOLON_LIMITS_FAILURES_PER_ADDRESS": "0"],
            in: folder, standardError: "stalled")
        let key = try server.apiKey()
        let token = "/api/v1/connections/conn_AAAAAAAAAAAAAAAAAAAAAA/token"
        #expect(try await server.send(.GET, token, key: key).status == 404)
        for _ in 0..<400 {
            let answer = try await server.send(
                .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "sandbox"}"#, key: key)
            try #require(answer.status == 200)
        }
        for _ in 0..<50 {
            let forged = try await server.send(.GET, "/api/v1/oauth/callback/sandbox?code=x&state=AAAA")
            try #require(forged.status == 400)
        }
        try await eventually("the log is seen to stand still") {
            try await server.send(.GET, token, key: key).status == 503
        }
        let start = ContinuousClock.now
        #expect(try await server.send(.GET, "/healthz").status == 200)
        let answer = try await server.send(.GET, token, key: key)
        #expect(answer.status == 503 && answer.body.contains("audit_unavailable"), "\(answer.body)")
        #expect(answer.headers.first(name: "retry-after") != nil)
        #expect(try await server.send(.DELETE, String(token.dropLast(6)), key: key).status == 503)
        #expect(start.duration(to: .now) < .seconds(10))
        // Read, it goes on.
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        try await eventually("it goes on") {
            _ = unsafe read(reader, &buffer, buffer.count)
            return try await server.send(.GET, token, key: key).status == 404
        }
        await server.stop()
    }

    @Test func `rejected callbacks leave no more lines than their address may cause`() async throws {
        let server = try await SymbolonServer.start(environment: [
            "SYMBOLON_LIMITS_FAILURES_PER_ADDRESS": "5"
        ])
        for _ in 0..<20 {
            let answer = try await server.send(.GET, "/api/v1/oauth/callback/sandbox?code=x&state=AAAA")
            #expect(answer.status == 400)
        }
        #expect(try await AuditLines(server.log).of("callback").count == 5)
        let metrics = try await server.send(.GET, "/metrics", key: server.apiKey()).body
        #expect(metrics.contains(#"symbolon_log_lines_lost_total{log="audit",reason="flood"} 15"#))
        #expect(metrics.contains(#"symbolon_callbacks_total{outcome="refused",reason="state_malformed"} 20"#))
        await server.stop()
    }

    @Test func `S28 who knows a state leaves no more lines than a flow has`() async throws {
        let server = try await SymbolonServer.start()
        let key = try server.apiKey()
        let begun = try await server.send(
            .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "sandbox"}"#, key: key)
        let state = try #require(begun.body.firstMatch(of: /"state":"([^"]+)"/)?.1)
        let issuer = try #require(begun.body.firstMatch(of: /"auth_url":"([^?]+)\/authorize\?/)?.1)
        for _ in 0..<50 {
            let path = "/api/v1/oauth/callback/sandbox?error=access_denied&state=\(state)&iss=\(issuer)"
            _ = try await server.send(.GET, path)
        }
        // A flow may have one line more as time goes by.
        let count = try await AuditLines(server.log).of("callback").count
        #expect((20...21).contains(count))
        let metrics = try await server.send(.GET, "/metrics", key: key).body
        let lost = try #require(
            metrics.firstMatch(of: /symbolon_log_lines_lost_total\{log="audit",reason="flood"\} (\d+)/))
        #expect(Int(lost.1) == 50 - count)
        await server.stop()
    }

    @Test func `a file that cannot be written refuses the start`() async throws {
        let run = try await Tool.run(
            SymbolonBinary.path(), ["serve"], environment: ["SYMBOLON_AUDIT_LOG": "/nowhere/audit.jsonl"])
        #expect(run.status == 3 && run.output.contains("audit.log"))
    }
}
