import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// The kill switch of a process that is killed itself.
@Suite("Kill switch", .timeLimit(.minutes(2))) struct KillSwitchTests {
    private struct Shown: Decodable {
        struct Counts: Decodable { let revoked, refused, not_possible, unknown, left: Int }
        let id: String
        let status: String
        let counts: Counts
    }

    private static let count = 12
    private static let passing = 3

    @Test func `S21 a revocation whose process is killed is ended by the next one, and reports each grant`()
        async throws
    {
        let folder = try TemporaryFolder()
        let provider = try ServerProcess(
            "/usr/bin/env", ["python3", ServerScript.path("provider-endpoints.py"), "\(Self.passing)"],
            workingDirectory: folder.url, logFile: folder.url.appending(path: "provider.log"))
        let ready = try await provider.waitForLine { $0.hasPrefix("ready ") }
        let port = try LoopbackPort.free()
        let key = try await Self.deploy(in: folder, port: port, provider: String(ready.dropFirst(6)))

        let first = try await SymbolonServer.start(["--config", "symbolon.yaml"], in: folder, port: port)
        for number in 0..<Self.count {
            let body = """
                {"integration": "held", "user_id": "user_\(number)",
                 "credentials": {"access_token": "access-\(number)", "refresh_token": "refresh-\(number)"}}
                """
            let made = try await first.send(.POST, "/api/v1/connections", json: body, key: key)
            #expect(made.status == 201, "\(made.body)")
        }
        let begun = try await first.send(
            .POST, "/api/v1/revocations", json: #"{"integration": "held"}"#, key: key)
        #expect(begun.status == 202, "\(begun.body)")
        let id = try begun.decoded(as: Shown.self).id
        // Some are over, one or more are at the provider, and the others have not been sent.
        try await provider.waitForLine(number: Self.passing + 1) { $0.hasPrefix("asked ") }
        first.process.send(SIGKILL)
        _ = await first.process.exitStatus()
        try provider.write(line: "go")

        // The leases of what was taken run out, which would take minutes.
        _ = try await Self.python(
            "UPDATE revocation_grants SET due_at_ms = due_at_ms - 3600000 WHERE outcome IS NULL", in: folder)
        let left = try await Self.python(
            "SELECT count(*) FROM revocation_grants WHERE outcome IS NULL", in: folder)
        let leftCount = try #require(Int(left))
        #expect((1...Self.count - 1).contains(leftCount), "it was killed in the middle")

        let second = try await SymbolonServer.start(["--config", "symbolon.yaml"], in: folder, port: port)
        var shown = try begun.decoded(as: Shown.self)
        try await eventually("the revocation is finished") {
            shown = try await second.send(.GET, "/api/v1/revocations/\(id)", key: key)
                .decoded(as: Shown.self)
            return shown.status == "finished"
        }
        #expect(shown.status == "finished" && shown.counts.left == 0)
        #expect(shown.counts.revoked == Self.count, "\(shown)")
        let lines = try await provider.log.split(separator: "\n").filter { $0.hasPrefix("asked ") }
        let asked = lines.map { String($0.dropFirst(6)) }
        #expect(Set(asked) == Set((0..<Self.count).map { "refresh-\($0)" }), "each was asked")
        // What was concluded before is not asked again.
        #expect(asked.count <= Self.count + leftCount)

        let listed = try await second.send(.GET, "/api/v1/connections?status=active", key: key)
        #expect(listed.body.contains(#""data":[]"#), "\(listed.body)")
        let output = try await ProductionSite.run(
            [
                "connections", "revoke", "--resume", id, "--report", "report.jsonl", "--config",
                "symbolon.yaml",
                "--json",
            ], in: folder)
        #expect(output.contains(#""status":"finished""#), "\(output)")
        let report = try folder.read("report.jsonl").split(separator: "\n")
        #expect(report.count == Self.count + 1)
        #expect(report.dropLast().allSatisfy { $0.contains(#""outcome":"revoked""#) })
        await second.stop()
        await provider.stop()
    }

    /// - Returns: an API key that may do what the test does.
    private static func deploy(
        in folder: TemporaryFolder, port: Int, provider: String
    ) async throws -> String {
        try await ProductionSite.makeKeyrings(in: folder)
        let key = try await ProductionSite.makeKey(["admin", "read"], in: folder)
        try folder.write(
            "workspaces: {wsp_1: {redirect_uris: [https://app.example.com/done]}}", to: "workspaces.yaml")
        try ProductionSite.writeSettings(
            """
            providers: {allow_insecure_loopback: true}
            integrations:
              held:
                inherits: generic
                label: Held
                documentation: https://www.rfc-editor.org/rfc/rfc7009
                authorization_endpoint: \(provider)/authorize
                token_endpoint: \(provider)/token
                revocation_endpoint: \(provider)/revoke
                revocation: {ends: token}
                client_id: client
                client_secret: a-secret-for-tests
            """, port: port, in: folder)
        return key.text
    }

    private static func python(_ sql: String, in folder: TemporaryFolder) async throws -> String {
        let script = """
            import sqlite3
            s = sqlite3.connect('symbolon.sqlite')
            print(*(row[0] for row in s.execute(\"\"\"\(sql)\"\"\")))
            s.commit()
            """
        return try await Tool.run("/usr/bin/python3", ["-c", script], in: folder).output
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
