import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// Webhooks of the running program, verified by `standardwebhooks` from PyPI.
@Suite("Webhooks", .timeLimit(.minutes(5))) struct WebhookTests {
    private struct Delivery: Decodable {
        struct Body: Decodable {
            struct Data: Decodable {
                struct Connection: Decodable {
                    let id: String
                    let label: String
                }

                let connection: Connection?
                let reason: String?
                let tags: [String: String]
            }

            let type: String
            let timestamp: String
            let data: Data
        }

        let path: String
        let id: String
        let verified: Bool
        let signatures: Int
        let body: Body
    }

    private static let oldSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private static let newSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"

    @Test func `S46 an app is told in order, by messages that its library verifies, beside dead endpoints`()
        async throws
    {
        let folder = try TemporaryFolder()
        let receiver = try ServerProcess(
            "/usr/bin/env", ["python3", ServerScript.path("webhook-receiver.py")],
            workingDirectory: folder.url, logFile: folder.url.appending(path: "log"))
        let ready = try await receiver.waitForLine(within: .seconds(300)) { $0.hasPrefix("ready ") }
        let url = ready.dropFirst(6)
        let site = try await ProductionSite.make()
        // Two secrets while one takes over: the app still has the old one.
        try site.folder.write("\(Self.newSecret)\n\(Self.oldSecret)\n", to: "webhook-secret")
        let endpoints = ["ok", "fail", "redirect"].map {
            "{url: '\(url)/\($0)', secret_file: webhook-secret}"
        }
        try site.configure(workspace: ", webhooks: [\(endpoints.joined(separator: ", "))]")
        let created = try await ProductionSite.run(
            [
                "api-keys", "create", "--file", "api-keys.json", "--workspace", "wsp_1", "--permission",
                "admin", "--json",
            ], in: site.folder)
        let key = try #require(created.firstMatch(of: /sym_[A-Za-z0-9_-]+/)).output
        let server = try await site.replica()
        try receiver.write(line: #"{"secret": "\#(Self.oldSecret)"}"#)
        _ = try await receiver.waitForLine { $0 == "secret" }

        let told = try await site.told(site.authorize(server))
        let id = try #require(told["connection_id"])
        for body in [#"{"label": "one", "tags": {"team": "a"}}"#, #"{"label": "two"}"#] {
            let changed = try await server.send(
                .PATCH, "/api/v1/connections/\(id)", json: body, key: String(key))
            #expect(changed.status == 200)
        }
        #expect(try await server.send(.DELETE, "/api/v1/connections/\(id)", key: String(key)).status == 200)
        _ = try await receiver.waitForLine {
            $0.contains(#""path": "/ok""#) && $0.contains("connection.deleted")
        }
        let deliveries = try await receiver.log.split(separator: "\n").filter { $0.hasPrefix("{") }.map {
            try JSONDecoder().decode(Delivery.self, from: Data($0.utf8))
        }
        #expect(deliveries.allSatisfy { $0.verified && $0.signatures == 2 && $0.id.hasPrefix("msg_") })
        let good = deliveries.filter { $0.path == "/ok" }
        #expect(
            good.map(\.body.type) == [
                "connection.created", "connection.updated", "connection.updated", "connection.deleted",
            ])
        #expect(good.compactMap(\.body.data.connection?.label).suffix(3) == ["one", "two", "two"])
        #expect(good.allSatisfy { $0.body.data.connection?.id == id && $0.body.timestamp.hasSuffix("Z") })
        #expect(good.last?.body.data.tags == ["team": "a"])
        // What fails or redirects is not delivered, keeps its order, and is not followed.
        for path in ["/fail", "/redirect"] {
            #expect(Set(deliveries.filter { $0.path == path }.map(\.body.type)) == ["connection.created"])
        }
        #expect(try await !receiver.log.contains("access_token"))

        // The new secret alone verifies, too.
        try receiver.write(line: #"{"secret": "\#(Self.newSecret)"}"#)
        let tested = try await Tool.run(
            SymbolonBinary.path(), ["webhooks", "test", "--config", "symbolon.yaml", "--workspace", "wsp_1"],
            in: site.folder)
        #expect(tested.status == 1, "two of three endpoints take nothing")
        #expect(tested.output.contains("/ok: delivered") && tested.output.contains("/redirect: status 307"))
        let test = try await receiver.waitForLine { $0.contains("webhook.test") && $0.contains(#""/ok""#) }
        #expect(test.contains(#""verified": true"#))

        let listed = try await ProductionSite.run(
            ["webhooks", "list", "--config", "symbolon.yaml", "--json"], in: site.folder)
        #expect(
            listed.contains(#""last_error":"status 500""#) && listed.contains(#""last_error":"status 307""#))
        await receiver.stop()
        try await site.stop(server)
    }
}
