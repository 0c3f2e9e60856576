import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// The HTTP surface of the running program.
@Suite("The API", .timeLimit(.minutes(2))) struct APITests {
    private struct Problem: Decodable {
        let detail: String
        let error_code: String
    }

    private func expect(
        _ answer: Answer, _ status: Int, _ code: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(answer.status == status, "\(answer.body)", sourceLocation: sourceLocation)
        let problem = try answer.decoded(as: Problem.self)
        #expect(problem.error_code == code, sourceLocation: sourceLocation)
        #expect(problem.detail.count > 20, sourceLocation: sourceLocation)
    }

    @Test func `a request without a valid credential is a 401 that says how`() async throws {
        let server = try await SymbolonServer.start()
        for headers in [
            [:], ["Authorization": "Bearer sym_wrong"], ["Authorization": "Basic c3ltOg=="],
            ["Authorization": "Bearer"],
            ["X-API-Key": ""], ["X-API-Key": "sym_"],
        ] as [HTTPHeaders] {
            let answer = try await server.send(
                .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "sandbox"}"#, headers: headers)
            try expect(answer, 401, "invalid_credential")
            #expect(answer.headers.first(name: "www-authenticate")?.hasPrefix("Bearer") == true)
        }
        await server.stop()
    }

    @Test func `S27 two credentials that differ are a 400, and the same twice is fine`() async throws {
        let server = try await SymbolonServer.start()
        let key = try server.apiKey()
        let both = try await server.send(
            .GET, "/api/v1/connections", key: key, headers: ["X-API-Key": "sym_x"])
        try expect(both, 400, "conflicting_credentials")
        let same = try await server.send(.GET, "/api/v1/connections", key: key, headers: ["X-API-Key": key])
        #expect(same.status == 200)
        let only = try await server.send(.GET, "/api/v1/connections", headers: ["X-API-Key": key])
        #expect(only.status == 200)
        await server.stop()
    }

    @Test func `every error has its code`() async throws {
        let server = try await SymbolonServer.start()
        let key = try server.apiKey()
        func initiate(_ body: String) async throws -> Answer {
            try await server.send(.POST, "/api/v1/oauth/initiate", json: body, key: key)
        }
        try expect(
            try await server.send(
                .GET, "/api/v1/connections", key: key, headers: ["X-Workspace-Id": "wsp_other"]),
            403, "workspace_denied")
        try expect(try await initiate(#"{"integration_id": "nowhere"}"#), 404, "integration_not_found")
        try expect(try await initiate(#"{"integration_id": "gmail"}"#), 409, "integration_not_configured")
        let large = #"{"integration_id": "sandbox", "x": "\#(String(repeating: "x", count: 16_384))"}"#
        try expect(try await initiate(large), 413, "body_too_large")
        for id in ["conn_AAAAAAAAAAAAAAAAAAAAAA", "x", "conn_", "%00"] {
            for path in ["/api/v1/connections/\(id)", "/api/v1/connections/\(id)/token"] {
                try expect(try await server.send(.GET, path, key: key), 404, "connection_not_found")
            }
            try expect(
                try await server.send(.POST, "/api/v1/oauth/refresh/\(id)", key: key), 404,
                "connection_not_found")
        }
        try expect(try await server.send(.GET, "/api/v1/nothing", key: key), 404, "not_found")
        for (method, path, allowed) in [
            (HTTPMethod.PUT, "/api/v1/oauth/initiate", "POST"), (.GET, "/api/v1/oauth/initiate", "POST"),
            (.DELETE, "/api/v1/oauth/callback/sandbox", "GET, HEAD, POST"),
            (.PATCH, "/api/v1/oauth/callback/sandbo%78?code=a", "GET, HEAD, POST"),
            (.PUT, "/api/v1/connections", "GET, HEAD, POST"),
            (.POST, "/api/v1/connections/x", "DELETE, GET, HEAD, PATCH, PUT"),
            (.DELETE, "/api/v1/connections/x/token", "GET, HEAD"), (.OPTIONS, "/", "GET, HEAD"),
            (.POST, "/healthz", "GET, HEAD"), (.PUT, "/readyz", "GET, HEAD"),
        ] {
            let answer = try await server.send(method, path, key: key)
            try expect(answer, 405, "method_not_allowed")
            #expect(answer.headers.first(name: "Allow") == allowed, "\(method) \(path)")
        }
        for path in ["/nothing", "/api/v1/oauth", "/api/v1/connections/x/token/y", "/api"] {
            try expect(try await server.send(.PUT, path, key: key), 404, "not_found")
        }
        try expect(
            try await server.send(.POST, "/api/v1/oauth/callback/sandbox", json: "{}"), 415,
            "unsupported_media_type")
        await server.stop()
    }

    @Test(arguments: [
        (#""auth_method_id": "saml""#, "auth_method_not_found", "auth_method_id"),
        (#""redirect_uri": "https://app.example.com/done""#, "redirect_uri_not_allowed", "redirect_uri"),
        (#""redirect_uri": "javascript:alert(1)""#, "redirect_uri_not_allowed", "redirect_uri"),
        (#""redirect_uri": "//evil.example""#, "redirect_uri_not_allowed", "redirect_uri"),
        (#""scopes": ["profile", "a b"]"#, "invalid_scope", "scopes"),
        (#""params": {"tenant": "x"}"#, "invalid_params", "params"),
        (#""binding": "x""#, "invalid_binding", "binding"),
        (#""binding": "\#(BindingSecret().binding)""#, "redirect_uri_required", "redirect_uri"),
        (#""connection_id": """#, "invalid_connection_id", "connection_id"),
        (#""app_state": "\#(String(repeating: "x", count: 129))""#, "string_too_long", "app_state"),
    ])
    func `a field that cannot be is a 422 at its place`(_ member: String, _ type: String, _ field: String)
        async throws
    {
        let server = try await SymbolonServer.start()
        let answer = try await server.send(
            .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "sandbox", \#(member)}"#,
            key: server.apiKey())
        #expect(answer.status == 422, "\(answer.body)")
        #expect(answer.body.contains(#""type":"\#(type)""#))
        #expect(answer.body.contains(#"["body","\#(field)""#))
        #expect(!answer.body.contains("input"))
        await server.stop()
    }

    @Test(arguments: [
        "", "?", "?state=", "?code=x", "?state=AAAA&code=x", "?state=AAAA&state=AAAA&code=x",
        "?code=x&code=y&state=A",
        "?error=access_denied", "?state=%ff&code=x", "?state=A%zz&code=x", "?=&&&==",
        "?access_token=x&state=AAAA",
    ])
    func `S20 whatever comes to the callback is a page, and sends nobody anywhere`(_ query: String)
        async throws
    {
        let server = try await SymbolonServer.start()
        for integration in ["sandbox", "gmail", "nowhere", "%2e%2e"] {
            let answer = try await server.send(.GET, "/api/v1/oauth/callback/\(integration)\(query)")
            #expect(answer.status == 400, "\(answer.body)")
            #expect(answer.headers.first(name: "location") == nil)
            #expect(answer.headers.first(name: "content-type") == "text/html; charset=utf-8")
            #expect(answer.headers.first(name: "cache-control") == "no-store")
            #expect(answer.headers.first(name: "referrer-policy") == "no-referrer")
            #expect(
                answer.headers.first(name: "content-security-policy")?.hasPrefix("default-src 'none'") == true
            )
        }
        await server.stop()
    }

    @Test func `S20 a callback of 16 kB is read, and a longer one is a clean 4xx`() async throws {
        let server = try await SymbolonServer.start()
        let long = "code=" + String(repeating: "c", count: 16_000) + "&state=AAAA"
        #expect(try await server.send(.GET, "/api/v1/oauth/callback/sandbox?\(long)").status == 400)
        let tooLong = "code=" + String(repeating: "c", count: 17_000) + "&state=AAAA"
        #expect(try await server.send(.GET, "/api/v1/oauth/callback/sandbox?\(tooLong)").status == 414)
        await server.stop()
    }

    @Test func `S14 a page echoes nothing unescaped`() async throws {
        let server = try await SymbolonServer.start()
        let attack = "%3Cscript%3Ealert(1)%3C/script%3E"
        for path in [
            "/api/v1/oauth/callback/\(attack)?state=\(attack)&code=\(attack)&error=\(attack)&error_description=\(attack)",
            "/sandbox/authorize?client_id=\(attack)&state=\(attack)&redirect_uri=\(attack)",
        ] {
            let answer = try await server.send(.GET, path)
            #expect((400..<500).contains(answer.status))
            #expect(!answer.body.contains("<script>alert"))
        }
        await server.stop()
    }

    @Test func `lists take what they say, and a 422 tells what they do not`() async throws {
        let server = try await SymbolonServer.start()
        let key = try server.apiKey()
        let end = "2026-01-01T00:00:00Z"
        for query in [
            "", "?limit=1", "?limit=1000&status=active&integration=gmail&user_id=u", "?skip=0", "?skip=7",
            "?integration_type=connectors&label=x&tag=team:a:b", "?tag=team:",
            "?expires_before=\(end)&reauthorize_before=\(end)",
        ] {
            #expect(try await server.send(.GET, "/api/v1/connections\(query)", key: key).status == 200)
        }
        for query in [
            "?limit=0", "?limit=1001", "?limit=x", "?status=dead", "?cursor=x", "?skip=-1", "?skip=x",
            "?skip=1.5",
            "?skip=99999999999", "?tag=team", "?tag=:a", "?tag=", "?expires_before=tomorrow",
            "?expires_before=2026-01-01", "?reauthorize_before=1767225600", "?reauthorize_before=",
        ] {
            let answer = try await server.send(.GET, "/api/v1/connections\(query)", key: key)
            #expect(
                answer.status == 422 && answer.body.contains(#""loc":["query","#), "\(query) \(answer.body)")
        }
        let refused = try await server.send(
            .GET, "/api/v1/connections/conn_1?include_credentials=yes", key: key)
        #expect(refused.status == 422 && refused.body.contains("bool_parsing"), "\(refused.body)")
        await server.stop()
    }

    private struct Integrations: Decodable {
        struct Entry: Decodable { let id: String }
        let data: [Entry]
        let next_cursor: String?
    }

    @Test func `the catalog comes page by page`() async throws {
        let server = try await SymbolonServer.start()
        let whole = try await server.send(.GET, "/api/v1/integrations?limit=1000")
            .decoded(as: Integrations.self)
        #expect(whole.next_cursor == nil && whole.data.count > 250)
        var ids: [String] = []
        var query = "?limit=60"
        while true {
            let page = try await server.send(.GET, "/api/v1/integrations\(query)")
                .decoded(as: Integrations.self)
            #expect((1...60).contains(page.data.count))
            ids += page.data.map(\.id)
            guard let cursor = page.next_cursor else { break }
            query = "?limit=60&cursor=\(cursor)"
        }
        #expect(ids == whole.data.map(\.id))
        for query in ["?limit=0", "?limit=1001", "?limit=x", "?cursor=nowhere"] {
            #expect(try await server.send(.GET, "/api/v1/integrations\(query)").status == 422)
        }
        await server.stop()
    }

    @Test func `the health routes and the document answer without a credential`() async throws {
        let server = try await SymbolonServer.start()
        #expect(try await server.send(.GET, "/healthz").body == #"{"status":"ok"}"#)
        let ready = try await server.send(.GET, "/readyz")
        #expect(ready.status == 200 && ready.body.contains(#""status":"ready""#))
        let document = try await server.send(.GET, "/openapi.json")
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(document.body.utf8)) as? [String: Any])
        #expect(object["openapi"] as? String == "3.1.0")
        await server.stop()
    }
}
