import AsyncHTTPClient
import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// What an operator sees at `/console`, in a real browser, and the two routes that were made for it.
@Suite("The console", .timeLimit(.minutes(4))) struct ConsoleTests {
    private static let hostile = #"<img src=x onerror="window.harmed = 1">"#

    private func importConnection(
        _ server: SymbolonServer, label: String, user: String, tag: String = "1"
    ) async throws {
        let body = try JSONSerialization.data(withJSONObject: [
            "integration": "sandbox", "label": label, "user_id": user, "tags": ["number": tag],
            "credentials": ["access_token": "held-\(UUID())"],
        ])
        let answer = try await server.send(
            .POST, "/api/v1/connections", json: String(decoding: body, as: UTF8.self), key: server.apiKey())
        try #require(answer.status == 201, "\(answer.body)")
    }

    /// A flow through the sandbox.
    private func connect(_ server: SymbolonServer) async throws {
        let initiated: ConnectStage.Initiated = try await server.send(
            .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "sandbox"}"#, key: server.apiKey()
        ).decoded()
        let browser = Browser()
        let page = try await browser.open(initiated.auth_url)
        let form = try #require(page.forms.first, "\(page.body)")
        let allow = try #require(form.buttons.first { $0.value == "allow" })
        let answer = try await browser.follow(try await browser.submit(form, on: page, pressing: allow))
        try #require(answer.status == 200, "\(answer.body)")
    }

    @Test(arguments: [Chromium.View.wide, .phoneDark])
    func `S14 connections are paged and filtered, and a hostile label stays text`(_ view: Chromium.View)
        async throws
    {
        let server = try await SymbolonServer.start()
        for number in 1...54 {
            try await importConnection(
                server, label: "Number \(number)", user: "user_\(number)", tag: "\(number)")
        }
        try await importConnection(server, label: Self.hostile, user: Self.hostile)
        let browser = try Chromium.start(view)
        let page = try await browser.openConsole(of: server)
        try await page.wait("\(ChromiumTab.connectionCount) === 50")
        #expect(try await page.text(of: "list").contains(Self.hostile))
        try await page.lookAtConsole("connections")
        try await page.press("#next")
        try await page.wait("\(ChromiumTab.connectionCount) === 5")
        #expect(try await page.text(of: "found") == "Connections 51 to 55, the newest first")
        #expect(try await page.value("document.activeElement.id", as: String.self) == "connections-title")
        #expect(try await page.value("document.getElementById('next').disabled", as: Bool.self))
        try await page.press("#previous")
        try await page.wait(
            "\(ChromiumTab.connectionCount) === 50 && document.getElementById('previous').disabled")
        let filters = [
            ("#by-user", "user_7", 1), ("#by-label", "Number 9", 1), ("#by-tag", "number:12", 1),
            ("#by-integration", "sandbox", 50), ("#by-user", "nobody", 0), ("#by-status", "expired", 0),
        ]
        for (field, value, count) in filters {
            try await page.type(value, into: field)
            try await page.press("#filters button[type=submit]")
            try await page.wait("\(ChromiumTab.connectionCount) === \(count)")
            try await page.press("#clear")
            try await page.wait("\(ChromiumTab.connectionCount) === 50")
        }
        try await page.type("no colon", into: "#by-tag")
        try await page.press("#filters button[type=submit]")
        try await page.wait("document.getElementById('problem').textContent.includes('tag_parsing')")
        try await page.press("#clear")
        try await page.wait("document.querySelector('#list a')?.textContent.startsWith('<img')")
        try await page.press("#list a")
        try await page.wait("document.querySelector('#events tbody')")
        #expect(try await page.text(of: "connection-title") == Self.hostile)
        #expect(try await page.text(of: "facts").contains(Self.hostile))
        let harm = "window.harmed !== undefined || document.querySelector('img') !== null"
        #expect(try await !page.value(harm, as: Bool.self))
        browser.stop()
        await server.stop()
    }

    @Test(arguments: [Chromium.View.wideDark, .phone])
    func `a connection is tested, refreshed, renewed by a link and disconnected`(_ view: Chromium.View)
        async throws
    {
        let server = try await SymbolonServer.start()
        try await connect(server)
        // A flow of the same account and user would renew it.
        let made = try await server.send(.GET, "/api/v1/connections", key: server.apiKey()).body
        let id = try #require(made.firstMatch(of: /conn_[A-Za-z0-9_-]{22}/)).output
        _ = try await server.send(
            .PATCH, "/api/v1/connections/\(id)", json: #"{"user_id": "ada"}"#, key: server.apiKey())
        try await connect(server)
        let browser = try Chromium.start(view)
        let page = try await browser.openConsole(of: server)
        try await page.press("#list a")
        try await page.wait("document.querySelector('#events tbody')")
        try await page.lookAtConsole("connection")
        let press = { (number: Int, expected: String) in
            try await page.press("#actions button:nth-child(\(number)):not(:disabled)")
            try await page.wait("document.getElementById('outcome').innerText.includes('\(expected)')")
        }
        try await press(1, "It works.")
        try await press(2, "Refreshed.")
        try await page.wait("document.getElementById('events').innerText.includes('Refreshed')")
        try await press(3, "\(server.baseURL)/sandbox/authorize?")
        try await page.lookAtConsole("renewal")

        try await page.press("#actions button:nth-child(4):not(:disabled)")
        try await page.wait(ChromiumTab.isShown("ask"))
        #expect(try await page.value("document.activeElement.id", as: String.self) == "ask-no")
        #expect(try await page.text(of: "ask-words").contains("1 other connection is of the same account"))
        try await page.lookAtConsole("ask")
        try await page.press("#ask-no")
        let list = { try await server.send(.GET, "/api/v1/connections", key: server.apiKey()).body }
        #expect(try await list().components(separatedBy: #""id":"conn_"#).count == 3)
        try await page.press("#actions button:nth-child(4):not(:disabled)")
        try await page.press("#ask-yes")
        try await page.wait("document.getElementById('outcome').innerText.includes('Disconnected.')")
        try await page.wait("document.getElementById('events').innerText.includes('Disconnected')")
        #expect(try await page.value("document.querySelector('#actions button') === null", as: Bool.self))
        #expect(try await list().components(separatedBy: #""id":"conn_"#).count == 2)
        try await page.lookAtConsole("disconnected")
        browser.stop()
        await server.stop()
    }

    @Test(arguments: ["   ", "\\u200b\\u202e", "\\u202eevil"])
    func `a label that cannot be seen or turns letters round stays in its place`(_ label: String) async throws
    {
        let server = try await SymbolonServer.start()
        let made = try await server.send(
            .POST, "/api/v1/connections",
            json: """
                {"integration": "sandbox", "label": "\(label)", "tags": {"\(label)a": "b"},
                    "credentials": {"access_token": "t"}}
                """, key: server.apiKey())
        try #require(made.status == 201, "\(made.body)")
        let id = try #require(made.body.firstMatch(of: /conn_[A-Za-z0-9_-]{22}/)).output
        let browser = try Chromium.start()
        let page = try await browser.openConsole(of: server)
        try await page.wait("document.querySelector('#list a')")
        let name = try await page.value("document.querySelector('#list a').innerText", as: String.self)
        #expect(label.hasSuffix("evil") ? name.hasSuffix("evil") : name == id)
        try await page.press("#list a")
        try await page.press("#actions button:nth-child(4):not(:disabled)")
        try await page.wait(ChromiumTab.isShown("ask"))
        #expect(try await page.text(of: "ask-title") == "Disconnect \(name)?")
        // What turns letters round is alone in its element.
        let around = "document.getElementById('ask-title').firstChild.data"
        #expect(try await page.value(around, as: String.self) == "Disconnect ")
        browser.stop()
        await server.stop()
    }

    @Test func `a key that may only read can neither disconnect nor see what is for operators`() async throws
    {
        let server = try await SymbolonServer.start()
        try await connect(server)
        let browser = try Chromium.start(.phone)
        // The page's own key begins flows and reads.
        let page = try await browser.open("\(server.baseURL)/console")
        try await page.press("#list a")
        try await page.wait("document.querySelector('#events tbody')")
        let disabled = "[...document.querySelectorAll('#actions button')].map((button) => button.disabled)"
        #expect(try await page.value(disabled, as: [Bool].self) == [true, true, false, true])
        #expect(try await page.text(of: "actions-note").contains("Disconnect needs admin"))
        try await page.lookAtConsole("reader")
        // The page only says so; it is the API that decides.
        try await page.run("document.querySelector('#actions button:nth-child(4)').disabled = false")
        try await page.press("#actions button:nth-child(4)")
        try await page.press("#ask-yes")
        try await page.wait(
            "document.getElementById('outcome').textContent.includes('permission_denied')")
        for (name, permission) in [
            ("keys", "operate"), ("activity", "operate"), ("webhooks", "operate"),
            ("configuration", "operate"),
        ] {
            try await page.press("#sections a[href='#\(name)']")
            try await page.wait(ChromiumTab.isShown("denied"))
            #expect(
                try await page.text(of: "denied").contains("takes the permission \(permission)"), "\(name)")
            #expect(try await !page.value(ChromiumTab.isShown(name), as: Bool.self))
        }
        try await page.lookAtConsole("denied")
        let key = "document.getElementById('console').dataset.key"
        let pageKey: String = try await page.value(key)
        #expect(try await server.send(.GET, "/api/v1/deployment", key: pageKey).status == 403)
        browser.stop()
        await server.stop()
    }

    @Test(arguments: [Chromium.View.wide, .phoneDark])
    func `integrations, keys, activity, webhooks and the configuration are shown`(_ view: Chromium.View)
        async throws
    {
        let server = try await SymbolonServer.start(environment: [
            "SYMBOLON_INTEGRATIONS_GITHUB_CLIENT_ID": "github-client",
            "SYMBOLON_INTEGRATIONS_GITHUB_CLIENT_SECRET": "the-secret",
        ])
        try await connect(server)
        _ = try await server.send(.GET, "/api/v1/connections", key: "sym_wrong")
        let browser = try Chromium.start(view)
        let page = try await browser.openConsole(of: server)
        try await page.show("integrations", ".entries li:not([hidden]) summary")
        #expect(try await page.text(of: "integrations-found") == "2 integrations")
        try await page.type("github", into: "#find")
        try await page.press("#integration-list li:not([hidden]) summary")
        #expect(try await page.text(of: "integration-list").contains(server.callbackURL("github")))
        try await page.lookAtConsole("integrations")
        try await page.run(
            "const all = document.getElementById('find-state'); all.value = 'missing'; all.dispatchEvent(new Event('change'))"
        )
        try await page.type("gitlab", into: "#find")
        try await page.press("#integration-list li:not([hidden]) summary")
        #expect(try await page.text(of: "integration-list").contains("integrations.gitlab.client_id"))

        try await page.show("keys", ".times .line .seals")
        #expect(try await page.value("document.querySelectorAll('.ring').length", as: Int.self) == 2)
        #expect(try await page.text(of: "rings").contains("Seals since"))
        try await page.lookAtConsole("keys")
        try await page.show("activity", "table")
        #expect(try await page.text(of: "activity-words").contains("Other replicas are not in these figures"))
        #expect(try await page.text(of: "figures").contains("invalid_credential"))
        try await page.lookAtConsole("activity")
        try await page.show("webhooks", "p")
        #expect(try await page.text(of: "outbox").contains("Nothing waits to be sent."))
        try await page.lookAtConsole("webhooks")
        try await page.show("configuration", "table")
        let settings = try await page.text(of: "settings")
        #expect(settings.contains("github-client") && !settings.contains("the-secret"))
        try await page.lookAtConsole("configuration")
        browser.stop()
        await server.stop()
    }

    @Test func `in production the console is at the root, and keeps the key nowhere`() async throws {
        let port = try LoopbackPort.free()
        let deployment = try await ConfigurationTests.Deployment(port: port) { settings in
            settings["public_url"] = "http://127.0.0.1:\(port)"
        }
        let process = try await deployment.start()
        let browser = try Chromium.start(.phone)
        let url = "http://127.0.0.1:\(port)/"
        let page = try await browser.open(url)
        try await page.wait(ChromiumTab.isShown("sign-in"))
        try await page.lookAtConsole("sign-in")
        for (key, words) in [
            ("sym_wrong", "invalid_credential"), ("{", "invalid_credential"), ("ключ", "cannot be sent"),
        ] {
            try await page.signIn(key)
            try await page.wait("document.getElementById('key-problem').textContent.includes('\(words)')")
            #expect(try await !page.value(ChromiumTab.isShown("open"), as: Bool.self), "\(key)")
        }
        try await page.lookAtConsole("wrong-key")
        try await page.signIn(deployment.apiKey)
        try await page.wait("document.getElementById('found').textContent === 'There is no connection yet.'")
        let kept = "[localStorage.length, sessionStorage.length, document.cookie, location.href].join()"
        #expect(try await page.value(kept, as: String.self) == "0,0,,\(url)")
        let holds = "[...document.querySelectorAll('input')].some((input) => input.value.startsWith('sym_'))"
        #expect(try await !page.value(holds, as: Bool.self))
        try await page.press("#leave")
        try await page.wait(ChromiumTab.isShown("sign-in"))
        #expect(try await page.value("document.getElementById('list').innerHTML === ''", as: Bool.self))
        try await page.press("a[href='/try']")
        try await page.wait("document.querySelector('h1')?.textContent === 'Connect something'")
        browser.stop()
        await process.stop()
    }

    @Test func `the keyboard reaches all of it, and one sees where it is`() async throws {
        let server = try await SymbolonServer.start()
        try await connect(server)
        let browser = try Chromium.start()
        let page = try await browser.openConsole(of: server)
        try await page.wait("document.querySelector('#list a')")
        // From the list round to the top; between the last and the first the page itself has the focus.
        let stops = try await page.tabStops(20).filter { !$0.name.hasPrefix("Symbolon") }
        #expect(stops.filter { !$0.isVisible }.map(\.name) == [])
        for name in ["leave", "Keys", "Configuration", "by-integration", "Search", "alex@sandbox.example"] {
            #expect(stops.map(\.name).contains(name), "\(name)")
        }
        try await page.run("document.querySelector('#list a').focus()")
        try await page.key("Enter")
        try await page.wait("document.activeElement.id === 'connection-title'")
        browser.stop()
        await server.stop()
    }

    // MARK: The routes

    @Test func `a credential may ask what it may, and no other is told`() async throws {
        let server = try await SymbolonServer.start()
        let path = "/api/v1/credential"
        let all = try await server.send(.GET, path, key: server.apiKey())
        #expect(all.status == 200)
        let permissions = #""permissions":["initiate","read","credentials","admin","operate"]"#
        for part in [#""type":"api_key""#, permissions, #""workspaces":["wsp_development"]"#] {
            #expect(all.body.contains(part), "\(all.body)")
        }
        let none = #""limits":{"integrations":null,"connections":null,"users":null,"scopes":null}"#
        #expect(all.body.contains(none) && all.body.contains(#""audit_context":null"#), "\(all.body)")
        #expect(try !all.body.contains(server.apiKey()))
        for key in [nil, "sym_wrong"] {
            #expect(try await server.send(.GET, path, key: key).status == 401)
        }
        struct Session: Decodable { let token: String }
        let session = try await server.send(
            .POST, "/api/v1/connect/sessions", json: #"{"user_id": "ada"}"#, key: server.apiKey()
        ).decoded(as: Session.self)
        for path in [path, "/api/v1/deployment"] {
            let answer = try await server.send(.GET, path, key: session.token)
            #expect(answer.status == 403 && answer.body.contains("session_forbids"), "\(path)")
        }
        await server.stop()
    }

    @Test func `S23 the deployment is shown to operate alone, without key material and secrets`() async throws
    {
        let deployment = try await ConfigurationTests.Deployment()
        let made = try await deployment.run([
            "api-keys", "create", "--file", "\(deployment.folder.path)/api-keys.json", "--workspace", "wsp_1",
            "--permission", "operate", "--json",
        ])
        let key = String(try #require(made.output.firstMatch(of: /sym_[A-Za-z0-9_-]{43}/)).output)
        let process = try await deployment.start()
        let server = "http://127.0.0.1:\(deployment.port)"
        func get(_ path: String, _ key: String?) async throws -> Answer {
            var request = HTTPClientRequest(url: server + path)
            if let key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
            return try await Answer(to: request)
        }
        #expect(try await get("/api/v1/deployment", nil).status == 401)
        let refused = try await get("/api/v1/deployment", deployment.apiKey)
        #expect(refused.status == 403 && refused.body.contains("permission_denied"))
        let shown = try await get("/api/v1/deployment", key)
        #expect(shown.status == 200)
        for part in [
            #""mode":"production""#, #""purpose":"state""#, #""state":"sealing""#, #""store":"up""#,
            #""webhooks":{"waiting":0,"oldest_seconds":0,"dead":0,"dead_letters":[]}"#,
            #"{"name":"integrations.gmail.client_id","value":"a","source":"#,
        ] {
            #expect(shown.body.contains(part), "\(part) in \(shown.body)")
        }
        for file in ["state.keyring", "connections.keyring", "api-keys.json"] {
            let text = try deployment.folder.read(file)
            for secret in text.matches(of: /"(?:material|hash)": *"([^"]+)"/) {
                #expect(!shown.body.contains(secret.output.1), "\(file)")
            }
        }
        for secret in ["s3cret-of-the-client", key, deployment.apiKey] {
            #expect(!shown.body.contains(secret))
        }
        // What went before the console was opened is there.
        let activity = try await get("/api/v1/deployment", key).decoded(as: Activity.self).activity
        let refusals = activity.counters.filter { $0.name == "symbolon_access_refusals_total" }
        #expect(refusals.map(\.recent).reduce(0, +) == 2 && refusals.map(\.total).reduce(0, +) == 2)
        #expect(refusals.contains { $0.labels["reason"] == "permission_denied" })
        // What is for operators is not in its workspaces' connections.
        #expect(try await get("/metrics", key).status == 200)
        #expect(try await get("/api/v1/connections", key).status == 403)
        await process.stop()
    }

    private struct Activity: Decodable {
        struct Report: Decodable {
            let since: String
            let counters: [Counter]
        }

        struct Counter: Decodable {
            let name: String
            let labels: [String: String]
            let recent: Int
            let total: Int
        }

        let activity: Report
    }
}
