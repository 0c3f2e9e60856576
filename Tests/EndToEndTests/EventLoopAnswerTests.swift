import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// An initiate request that comes in one piece is answered on the event loop, and one in two pieces behind the router; so is
/// a callback without a code to exchange, unless it asks something of its connection. Nobody can tell them apart.
@Suite("Answers on the event loop, and behind the router", .timeLimit(.minutes(2)))
struct EventLoopAnswerTests {
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
        #expect(fields.removeValue(forKey: "x-request-id") != nil)
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
        let lines = try await AuditLines(server.log)
        for kind in ["initiate", "access"] {
            let of = lines.of(kind)
            #expect(of.count % 2 == 0 && !of.isEmpty, "\(kind): each sample twice")
        }
        try await site.stop()
    }

    /// Callbacks by what is odd about them, with a state that was made just now.
    private static func callbacks(_ state: String) -> [(name: String, path: String, fields: [String])] {
        let path = "/api/v1/oauth/callback/canaille"
        let forged = state.dropLast() + (state.hasSuffix("A") ? "B" : "A")
        return [
            ("denied", "\(path)?error=access_denied&state=\(state)", []),
            (
                "denied, with a sentence", "\(path)?error=access_denied&error_description=a+b&state=\(state)",
                []
            ),
            ("neither code nor error", "\(path)?state=\(state)", []),
            ("forged", "\(path)?code=abc&state=\(forged)", []),
            ("no state", "\(path)?code=abc", []), ("no query", path, []), ("an empty query", "\(path)?", []),
            ("no form", "\(path)?state=%zz", []), ("twice", "\(path)?state=\(state)&state=\(state)", []),
            ("another issuer", "\(path)?error=x&iss=https%3A%2F%2Fevil.example&state=\(state)", []),
            ("another integration", "/api/v1/oauth/callback/gmail?error=x&state=\(state)", []),
            ("no integration", "/api/v1/oauth/callback/nothing?error=x&state=\(state)", []),
            ("an escape", "/api/v1/oauth/callback/canaill%65?error=access_denied&state=\(state)", []),
            ("no such path", "/api/v1/oauth/callback/?state=\(state)", []),
            ("too large", "\(path)?error=x&state=\(state)&x=" + String(repeating: "a", count: 16_384), []),
            ("too long", "\(path)?state=\(state)&x=" + String(repeating: "a", count: 18_000), []),
            ("ahead", "\(path)?error=access_denied&state=\(state)", ["Sec-Purpose: prefetch;prerender"]),
        ]
    }

    @Test func `a callback without a code is answered as by the router, and so is its audit line`()
        async throws
    {
        let site = try await ProductionSite.make()
        let server = try await site.replica()
        let first = try RawConnection(port: server.port)
        let good = Self.samples(site)[0]
        first.send(Self.head(good, port: server.port) + good.body)
        let started = try #require(first.answer())
        let body = try JSONDecoder().decode([String: String].self, from: Data(started.body.utf8))
        let callbacks = Self.callbacks(try #require(body["state"]))
        var statuses: Set<Int> = []
        for (name, path, fields) in callbacks {
            let whole = try RawConnection(port: server.port)
            let asking = try RawConnection(port: server.port)
            let lines = (["GET \(path) HTTP/1.1", "Host: 127.0.0.1"] + fields).map { $0 + "\r\n" }.joined()
            whole.send(lines + "\r\n")
            asking.send(lines + "Connection: TE\r\n\r\n")
            let answer = whole.answer()
            if let answer { statuses.insert(answer.status) }
            let (one, other) = (Self.comparable(answer), Self.comparable(asking.answer()))
            #expect(one == other && one != "none", "\(name)")
        }
        #expect(statuses == [204, 303, 400, 404, 413, 414])
        await server.stop()
        let lines = try await AuditLines(server.log).of("callback")
        #expect(lines.count % 2 == 0 && lines.count >= 2 * 12)
        for pair in stride(from: 0, to: lines.count - 1, by: 2) {
            for field in ["outcome", "reason", "integration_id", "flow_id", "workspace_id", "key_id"] {
                #expect(lines[pair][field] == lines[pair + 1][field])
            }
        }
        try await site.stop()
    }

    @Test func `a token that needs no refresh is answered as by the router, and so is its audit line`()
        async throws
    {
        let server = try await SymbolonServer.start()
        let key = try server.apiKey()
        let imports = [#""held", "scope": "read""#, #""off""#].map { token in
            #"{"integration": "sandbox", "user_id": "ada", "credentials": {"access_token": \#(token)}}"#
        }
        var ids: [Substring] = []
        for body in imports {
            let made = try await server.send(.POST, "/api/v1/connections", json: body, key: key)
            ids.append(try #require(made.body.firstMatch(of: /"id":"(conn_[^"]*)"/)).output.1)
        }
        let off = try await server.send(
            .PATCH, "/api/v1/connections/\(ids[1])", json: #"{"status": "inactive"}"#, key: key)
        #expect(off.status == 200)
        let path = "/api/v1/connections"
        let credential = "X-API-Key: \(key)"
        let samples: [(name: String, target: String, fields: [String])] = [
            ("good", "\(path)/\(ids[0])/token", [credential]),
            ("good, as a bearer", "\(path)/\(ids[0])/token", ["Authorization: Bearer \(key)"]),
            ("a query", "\(path)/\(ids[0])/token?a=b", [credential]),
            ("an escape", "\(path)/\(ids[0].replacing("_", with: "%5F"))/token", [credential]),
            (
                "from a page", "\(path)/\(ids[0])/token",
                [credential, "Origin: http://127.0.0.1:\(server.port)"]
            ),
            ("disabled", "\(path)/\(ids[1])/token", [credential]),
            ("no credential", "\(path)/\(ids[0])/token", []),
            ("wrong credential", "\(path)/\(ids[0])/token", ["X-API-Key: sym_wrong"]),
            ("another workspace", "\(path)/\(ids[0])/token", [credential, "X-Workspace-Id: wsp_2"]),
            ("no such connection", "\(path)/conn_AAAAAAAAAAAAAAAAAAAAAA/token", [credential]),
            ("no id", "\(path)/nothing/token", [credential]),
            ("no id at all", "\(path)//token", [credential]),
        ]
        var statuses: Set<Int> = []
        for (name, target, fields) in samples {
            let whole = try RawConnection(port: server.port)
            let asking = try RawConnection(port: server.port)
            let lines = (["GET \(target) HTTP/1.1", "Host: 127.0.0.1:\(server.port)"] + fields).map {
                $0 + "\r\n"
            }
            .joined()
            whole.send(lines + "\r\n")
            asking.send(lines + "Connection: TE\r\n\r\n")
            let answer = whole.answer()
            if let answer { statuses.insert(answer.status) }
            #expect(answer?.body.contains("held") == (answer?.status == 200), "\(name)")
            let (one, other) = (Self.comparable(answer), Self.comparable(asking.answer()))
            #expect(one == other && one != "none", "\(name)")
        }
        #expect(statuses.isSuperset(of: [200, 401, 404]))
        #expect(try await server.send(.DELETE, "\(path)/\(ids[0])?revoke=false", key: key).status == 200)
        let gone = try RawConnection(port: server.port)
        gone.send(
            "GET \(samples[0].target) HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n\(credential)\r\n\r\n")
        #expect(gone.answer()?.status == 404)
        await server.stop()
        let lines = try await AuditLines(server.log).of("credentials").dropLast()
        #expect(lines.count % 2 == 0 && lines.count >= 2 * 5)
        for pair in stride(from: 0, to: lines.count - 1, by: 2) {
            for field in ["outcome", "reason", "integration_id", "user_id", "workspace_id", "connection_id"] {
                #expect(lines[pair][field] == lines[pair + 1][field])
            }
        }
    }

    private struct RequestText {
        let line: String
        let fields: [String]
        var body = ""
    }

    /// A request of each kind, as a development server gets it.
    private static func requests(_ key: String, host: String, state: String) -> [RequestText] {
        let own = "Host: \(host)"
        let credential = ["X-API-Key: \(key)", "Content-Type: application/json"]
        let good = #"{"integration_id": "sandbox"}"#
        var requests: [RequestText] = []
        func add(_ line: String, _ fields: [String], _ body: String = "") {
            requests.append(RequestText(line: line, fields: fields, body: body))
        }
        let initiate = "POST /api/v1/oauth/initiate"
        for body in [good, "{", String(repeating: " ", count: 17_000)] {
            add(initiate, credential + [own], body)
        }
        add(initiate, [own, "Content-Type: application/json"], good)
        add(initiate, credential + ["Host: evil.example"], good)
        for field in ["Origin: https://evil.example", "Origin: http://\(host)", "Sec-Purpose: prefetch"] {
            add(initiate, credential + [own, field], good)
        }
        add("PUT /api/v1/oauth/initiate", credential + [own], good)
        add("GET /api/v1/oauth/initiate", credential + [own])

        let path = "/api/v1/oauth/callback/sandbox"
        let query = "error=access_denied&state=\(state)"
        let form = "Content-Type: application/x-www-form-urlencoded"
        add("GET \(path)?\(query)", [own])
        add("GET \(path)?\(query)", ["Host: evil.example"])
        add("GET \(path)?\(query)", [own, "Origin: https://evil.example"])
        add("GET \(path)?\(query)", [own, "Purpose: prefetch"])
        add("GET \(path)?state=AA", [own])
        add("PUT \(path)?state=AA", [own, form])
        for body in [query, "state=AA", "", String(repeating: "a", count: 20_000)] {
            add("POST \(path)", [own, form], body)
        }
        add("POST \(path)", [own], query)
        add("POST \(path)", [own, form, "Sec-Purpose: prefetch"], query)
        add("POST \(path)?\(String(repeating: "a", count: 18_000))", [own, form], query)
        return requests
    }

    @Test(arguments: ["info", "debug"])
    func `S36 in development mode, too, a request is answered the same both ways, at each log level`(
        _ level: String
    ) async throws {
        let server = try await SymbolonServer.start(environment: ["SYMBOLON_LOG_LEVEL": level])
        let key = try server.apiKey()
        let begun = try await server.send(
            .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "sandbox"}"#, key: key)
        let members = try JSONDecoder().decode([String: String].self, from: Data(begun.body.utf8))
        let state = try #require(members["state"])
        var statuses: Set<Int> = []
        for request in Self.requests(key, host: "127.0.0.1:\(server.port)", state: state) {
            var answers: [String] = []
            for more in ["", "Connection: TE\r\n"] {
                let fields = request.fields.map { $0 + "\r\n" }.joined() + more
                let connection = try RawConnection(port: server.port)
                connection.send(
                    "\(request.line) HTTP/1.1\r\n\(fields)Content-Length: \(request.body.utf8.count)\r\n\r\n"
                        + request.body)
                let answer = connection.answer()
                if let answer { statuses.insert(answer.status) }
                answers.append(Self.comparable(answer))
            }
            #expect(
                answers[0] == answers[1] && answers[0] != "none",
                "\(request.line.prefix(60)) \(request.fields) \(answers)")
        }
        #expect(statuses == [200, 204, 400, 401, 403, 405, 413, 414, 415, 421, 422])
        if level == "debug" {
            let lines = try await server.log.split(separator: "\n").filter { $0.contains("] request") }
            #expect(lines.count { $0.contains("oauth/initiate") } >= 14)
        }
        await server.stop()
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
