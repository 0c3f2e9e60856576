import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// Errors that say where they are described.
@Suite("Error documentation", .timeLimit(.minutes(2))) struct ErrorDocumentationTests {
    private static let errors = "https://docs.example.com/symbolon/documentation/connectapi/errors"

    private func server(_ url: String?) async throws -> SymbolonServer {
        try await SymbolonServer.start(environment: url.map { ["SYMBOLON_DOCUMENTATION_URL": $0] } ?? [:])
    }

    /// An error of the event loop, two of the router, a 422 and a page, in this order.
    private func answers(_ server: SymbolonServer) async throws -> [Answer] {
        let key = try server.apiKey()
        let initiate = "/api/v1/oauth/initiate"
        return try await [
            server.send(.POST, initiate, json: #"{"integration_id": "nowhere"}"#, key: key),
            server.send(.GET, "/api/v1/connections"), server.send(.GET, "/nowhere", key: key),
            server.send(.POST, initiate, json: "{}", key: key),
            server.send(.GET, "/api/v1/oauth/callback/sandbox?state=junk&code=junk"),
        ]
    }

    @Test func `with the setting every error and page names its section`() async throws {
        let server = try await server("https://docs.example.com/symbolon/")
        let answers = try await answers(server)
        #expect(answers.map(\.status) == [404, 401, 404, 422, 400])
        let anchors = ["integrationnotfound", "invalidcredential", "notfound", "missing"]
        for (answer, anchor) in zip(answers, anchors) {
            #expect(
                answer.body.hasSuffix(#","documentation":"\#(Self.errors)#\#(anchor)"}"#), "\(answer.body)")
        }
        #expect(
            answers[4].body.contains(
                #"<a href="\#(Self.errors)#invalidstate"><code>invalid_state</code></a>"#))
        // What is no HTTP is answered before there is a route.
        let connection = try RawConnection(port: server.port)
        connection.send("GET / HTTP/1.1\r\n\r\n")
        let answer = try #require(connection.answer())
        #expect(answer.status == 400)
        #expect(answer.body.hasSuffix(#","documentation":"\#(Self.errors)#invalidhost"}"#), "\(answer.body)")
        await server.stop()
    }

    @Test func `without it nothing changes`() async throws {
        let server = try await server(nil)
        for answer in try await answers(server) {
            #expect(!answer.body.contains("documentation") && !answer.body.contains("<a "), "\(answer.body)")
        }
        await server.stop()
    }

    @Test(arguments: [
        "docs.example.com", "ftp://docs.example.com", "javascript:alert(1)", "https://docs.example.com/?a=b",
        "https://docs.example.com/#a", "https://u:p@docs.example.com", "/docs",
    ])
    func `a URL that cannot be joined is a mistake`(_ url: String) async throws {
        let folder = try TemporaryFolder()
        let check = try await Tool.run(
            SymbolonBinary.path(), ["config", "check"], environment: ["SYMBOLON_DOCUMENTATION_URL": url],
            in: folder)
        #expect(check.status == 3)
        #expect(check.output.contains("documentation_url must be an absolute URL"), "\(check.output)")
    }
}
