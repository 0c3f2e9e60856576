import Foundation
import Testing

/// An initiate request that comes in one piece is answered on the event loop, and one in two pieces behind the router.
/// Nobody can tell them apart.
@Suite("Initiates in one piece", .timeLimit(.minutes(2))) struct EventLoopInitiateTests {
    private struct Sample {
        let name: String
        let fields: [String]
        let body: String
    }

    private static func samples(_ site: ProductionSite) -> [Sample] {
        let key = "Authorization: Bearer \(site.key)"
        let json = "Content-Type: application/json"
        let good = #"{"integration_id": "canaille", "redirect_uri": "\#(site.app.redirectURI)"}"#
        return [
            Sample(name: "good", fields: [key, json], body: good),
            Sample(name: "good, by X-API-Key", fields: ["X-API-Key: \(site.key)", json], body: good),
            Sample(name: "own workspace", fields: [key, json, "X-Workspace-Id: wsp_1"], body: good),
            Sample(name: "other workspace", fields: [key, json, "X-Workspace-Id: wsp_2"], body: good),
            Sample(name: "no credential", fields: [json], body: good),
            Sample(name: "wrong credential", fields: ["X-API-Key: sym_wrong", json], body: good),
            Sample(name: "two credentials", fields: [key, "X-API-Key: \(site.otherKey)", json], body: good),
            Sample(name: "no bearer", fields: ["Authorization: Basic eDp5", json], body: good),
            Sample(name: "no JSON", fields: [key, json], body: #"{"integration_id": }"#),
            Sample(name: "no member", fields: [key, json], body: "{}"),
            Sample(
                name: "no such integration", fields: [key, json], body: #"{"integration_id": "nothing"}"#),
            Sample(name: "other content type", fields: [key, "Content-Type: text/plain"], body: good),
            Sample(
                name: "redirect off the list", fields: [key, json],
                body: #"{"integration_id": "canaille", "redirect_uri": "https://evil.example/"}"#),
            Sample(
                name: "too large", fields: [key, json],
                body: good + String(repeating: " ", count: 17_000)),
        ]
    }

    private static func head(_ sample: Sample, port: Int) -> String {
        let fields = sample.fields + ["Host: 127.0.0.1:\(port)", "Content-Length: \(sample.body.utf8.count)"]
        return "POST /api/v1/oauth/initiate HTTP/1.1\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    /// What is the same in any two answers to the same request.
    private static func comparable(_ answer: (status: Int, fields: [String: String], body: String)?) -> String
    {
        guard let answer else { return "none" }
        var fields = answer.fields
        #expect(fields.removeValue(forKey: "date") != nil)
        let body = answer.body
            .replacing(/"state":"[^"]*"/, with: "").replacing(/(state|code_challenge|nonce)=[^&"]*/, with: "")
        return "\(answer.status) \(fields.sorted { $0.key < $1.key }) \(body)"
    }

    @Test func `the answer is the same as the router's, and so is the audit line`() async throws {
        let site = try await ProductionSite.make()
        let server = try await site.replica()
        for sample in Self.samples(site) {
            let whole = try RawConnection(port: server.port)
            let split = try RawConnection(port: server.port)
            let head = Self.head(sample, port: server.port)
            whole.send(head + sample.body)
            split.send(head)
            try await Task.sleep(for: .milliseconds(100))
            split.send(sample.body)
            let (first, second) = (Self.comparable(whole.answer()), Self.comparable(split.answer()))
            #expect(first == second && first != "none", "\(sample.name)")
        }
        await server.stop()
        let lines = AuditLines(server.log)
        for kind in ["initiate", "access"] {
            let of = lines.of(kind)
            #expect(of.count % 2 == 0 && !of.isEmpty, "\(kind): each sample twice")
        }
        try await site.stop()
    }

    @Test func `requests that come together are answered in their order, whoever answers them`() async throws
    {
        let site = try await ProductionSite.make()
        let server = try await site.replica()
        let good = Self.samples(site)[0]
        let bad = try #require(Self.samples(site).first { $0.name == "no member" })
        let health = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        let connection = try RawConnection(port: server.port)
        let requests = [good, bad].map { Self.head($0, port: server.port) + $0.body }
        for _ in 0..<5 {
            connection.send(requests[0] + requests[1] + health + requests[1] + requests[0])
            let statuses = (0..<5).map { _ in connection.answer()?.status }
            #expect(statuses == [200, 422, 200, 422, 200])
        }
        try await site.stop(server)
    }
}
