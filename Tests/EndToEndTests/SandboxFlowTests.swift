import AsyncHTTPClient
import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// What a newcomer sees: development mode, and the sandbox provider.
@Suite("Development mode", .timeLimit(.minutes(2))) struct SandboxFlowTests {
    private struct Initiated: Decodable {
        let auth_url: String
    }

    private func initiate(_ server: SymbolonServer, _ body: String) async throws -> String {
        let answer = try await server.send(.POST, "/api/v1/oauth/initiate", json: body, key: server.apiKey())
        try #require(answer.status == 200, "\(answer.body)")
        return try answer.decoded(as: Initiated.self).auth_url
    }

    /// Presses a button of the sandbox's page; the callback's answer.
    private func press(_ answer: String, _ authURL: String, _ browser: Browser) async throws -> Browser.Page {
        let page = try await browser.open(authURL)
        let form = try #require(page.forms.first)
        let button = try #require(form.buttons.first { $0.value == answer })
        let sent = try await browser.submit(form, on: page, pressing: button)
        return try await browser.open(try #require(sent.redirectTarget))
    }

    @Test func `Allow makes a connection, and the page says so`() async throws {
        let server = try await SymbolonServer.start()
        let url = try await initiate(server, #"{"integration_id": "sandbox"}"#)
        let page = try await press("allow", url, Browser())
        #expect(page.status == 200)
        #expect(page.body.contains("Connected") && page.body.contains("conn_"))
        let list = try await server.send(.GET, "/api/v1/connections", key: server.apiKey())
        #expect(list.body.contains(#""integration":"sandbox""#))
        await server.stop()
    }

    @Test func `Deny tells the app`() async throws {
        let server = try await SymbolonServer.start()
        let url = try await initiate(
            server, #"{"integration_id": "sandbox", "redirect_uri": "http://localhost:3000/done?tab=1"}"#)
        let page = try await press("deny", url, Browser())
        #expect(page.status == 303)
        #expect(
            page.redirectTarget?.hasPrefix(
                "http://localhost:3000/done?tab=1&status=error&error=access_denied") == true)
        let list = try await server.send(.GET, "/api/v1/connections", key: server.apiKey())
        #expect(list.body == #"{"data":[],"next_cursor":null}"#)
        await server.stop()
    }

    @Test func `the seed's request works word for word once Gmail has a client`() async throws {
        let server = try await SymbolonServer.start(environment: [
            "SYMBOLON_INTEGRATIONS_GMAIL_CLIENT_ID": "client.apps.googleusercontent.com",
            "SYMBOLON_INTEGRATIONS_GMAIL_CLIENT_SECRET": "a-secret-for-tests",
        ])
        let body = """
            {
                "integration_id": "gmail",
                "auth_method_id": "oauth2",
                "scopes": [
                    "https://www.googleapis.com/auth/gmail.readonly",
                    "https://www.googleapis.com/auth/gmail.send"
                ]
            }
            """
        let answer = try await server.send(
            .POST, "/api/v1/oauth/initiate", json: body, key: server.apiKey(),
            headers: ["X-Workspace-Id": "wsp_development"])
        #expect(answer.status == 200)
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: String])
        #expect(Set(object.keys) == ["auth_url", "state", "integration_id"])
        #expect(object["integration_id"] == "gmail")
        let url = try #require(object["auth_url"])
        #expect(url.hasPrefix("https://accounts.google.com/o/oauth2/v2/auth?"))
        let query = FormEncoding.query(of: url)
        #expect(
            query["scope"]
                == "https://www.googleapis.com/auth/gmail.readonly https://www.googleapis.com/auth/gmail.send"
                + " openid email"
        )
        #expect(query["access_type"] == "offline" && query["prompt"] == "consent")
        #expect(query["state"] == object["state"])
        await server.stop()
    }

    @Test func `S29 abandoned initiates leave nothing`() async throws {
        let server = try await SymbolonServer.start()
        func sizes() throws -> [Int] {
            try ["symbolon.sqlite", "symbolon.sqlite-wal"].map { name in
                let path = server.folder.path + "/.symbolon/" + name
                return try #require(
                    try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
            }
        }
        let before = try sizes()
        for _ in 0..<500 { _ = try await initiate(server, #"{"integration_id": "sandbox"}"#) }
        #expect(try sizes() == before)
        await server.stop()
    }

    @Test func `S12 a state, a flow id and a connection id open nothing without a credential`() async throws {
        // More tries than an address may make in a minute.
        let server = try await SymbolonServer.start(
            environment: ["SYMBOLON_LIMITS_FAILURES_PER_ADDRESS": "0"])
        let key = try server.apiKey()
        let url = try await initiate(
            server, #"{"integration_id": "sandbox", "redirect_uri": "http://localhost:3000/done"}"#)
        let done = FormEncoding.query(
            of: try #require(try await press("allow", url, Browser()).redirectTarget))
        let state = try #require(FormEncoding.query(of: url)["state"])
        let connection = try #require(done["connection_id"])
        let secrets = try await server.send(.GET, "/api/v1/connections/\(connection)/token", key: key)
        try #require(secrets.status == 200)
        for known in [state, try #require(done["flow_id"]), connection] {
            let credentials: [HTTPHeaders] = [
                [:], ["X-Workspace-Id": "wsp_development"], ["X-API-Key": known],
                ["Authorization": "Bearer \(known)"], ["Cookie": "session=\(known)"],
            ]
            for headers in credentials {
                for (method, path) in Self.guarded(known) {
                    let answer = try await server.send(method, path, headers: headers)
                    #expect(answer.status == 401, "\(method) \(path): \(answer.body)")
                    #expect(!answer.body.contains(known), "\(method) \(path)")
                }
                // The callback's answer to the state alone: our own page, without ids.
                let answer = try await server.send(
                    .GET, "/api/v1/oauth/callback/sandbox?state=\(known)&iss=\(server.baseURL)/sandbox",
                    headers: headers)
                #expect(answer.status == 400 && answer.headers.first(name: "location") == nil)
                #expect(!answer.body.contains("conn_") && !answer.body.contains(known))
            }
        }
        let after = try await server.send(.GET, "/api/v1/connections/\(connection)/token", key: key)
        #expect(after.body == secrets.body, "nothing was refreshed or deleted")
        await server.stop()
    }

    /// Every route that tells or does something with what an id names.
    private static func guarded(_ id: String) -> [(HTTPMethod, String)] {
        [
            (.POST, "/api/v1/oauth/initiate"), (.POST, "/api/v1/oauth/refresh/\(id)"),
            (.GET, "/api/v1/connections"), (.GET, "/api/v1/connections?cursor=\(id)"),
            (.GET, "/api/v1/connections/\(id)"), (.GET, "/api/v1/connections/\(id)?include_credentials=true"),
            (.GET, "/api/v1/connections/\(id)/token"), (.DELETE, "/api/v1/connections/\(id)"),
        ]
    }

    @Test(arguments: ["attacker.example", "127.0.0.1:1", "localhost"])
    func `S36 another Host is turned away`(_ host: String) async throws {
        let server = try await SymbolonServer.start()
        let answer = try await server.send(.GET, "/", headers: ["Host": host])
        #expect(answer.status == 421)
        await server.stop()
    }

    @Test(arguments: ["https://attacker.example", "null", "http://127.0.0.1:1"])
    func `S36 another site's page is turned away`(_ origin: String) async throws {
        let server = try await SymbolonServer.start()
        let answer = try await server.send(
            .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "sandbox"}"#, key: server.apiKey(),
            headers: ["Origin": origin])
        #expect(answer.status == 403)
        await server.stop()
    }

    @Test func `development mode refuses to listen for others`() async throws {
        let run = try await Tool.run(SymbolonBinary.path(), ["serve", "--host", "0.0.0.0"])
        #expect(run.status == 3 && run.output.contains("development mode is for this machine alone"))
    }

    @Test func `the next start finds its key again`() async throws {
        let server = try await SymbolonServer.start()
        let key = try server.apiKey()
        await server.stop()
        let again = try await SymbolonServer.start(in: server.folder, port: server.port)
        #expect(try again.apiKey() == key)
        #expect(try await again.send(.GET, "/api/v1/connections", key: key).status == 200)
        await again.stop()
    }
}
