import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// What the console says when something is wrong, and what it asks for when there is much.
@Suite("The console, when something is wrong", .timeLimit(.minutes(4))) struct ConsoleTroubleTests {
    /// A production deployment whose app does not answer webhooks. Nor does its provider, unless a test has one.
    private struct Site {
        let folder: TemporaryFolder
        let port: Int
        let key: String

        init(tokenEndpoint: String? = nil) async throws {
            folder = try TemporaryFolder()
            port = try LoopbackPort.free()
            let closed = try LoopbackPort.free()
            try await ProductionSite.makeKeyrings(in: folder)
            key = try await ProductionSite.makeKey(
                ["read", "credentials", "admin", "operate"], in: folder
            ).text
            try folder.write("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", to: "webhook-secret")
            try folder.write(
                """
                workspaces:
                  wsp_1:
                    redirect_uris: [https://app.example.com/done]
                    webhooks:
                      - url: http://127.0.0.1:\(closed)/hooks
                        secret_file: webhook-secret
                        events: [connection.created]
                """, to: "workspaces.yaml")
            try folder.write(
                """
                integrations:
                  trouble:
                    inherits: generic
                    label: Trouble
                    documentation: https://provider.example.com/docs
                """, to: "catalog.yaml")
            try ProductionSite.writeSettings(
                """
                catalog: [catalog.yaml]
                providers: {allow_insecure_loopback: true}
                integrations:
                  trouble:
                    client_id: client
                    client_secret: a-secret-for-tests
                    authorization_endpoint: https://provider.example.com/authorize
                    token_endpoint: \(tokenEndpoint ?? "http://127.0.0.1:\(closed)/token")
                """, port: port, in: folder)
        }

        func start() async throws -> SymbolonServer {
            try await SymbolonServer.start(["--config", "symbolon.yaml"], in: folder, port: port)
        }

        func open(_ browser: Chromium) async throws -> ChromiumTab {
            let page = try await browser.open("http://127.0.0.1:\(port)/")
            try await page.signIn(key)
            try await page.wait(ChromiumTab.isShown("connections"))
            return page
        }

        /// Does to the store, which no process has open, what time or a bad disk would.
        func tamper(_ sql: String) async throws {
            let script =
                "import sqlite3, sys; s = sqlite3.connect('symbolon.sqlite'); s.executescript(sys.argv[1])"
            let done = try await Tool.run("python3", ["-c", script, sql], in: folder)
            try #require(done.status == 0, "\(done.output)")
        }
    }

    @discardableResult
    private func importConnection(
        _ integration: String, to server: SymbolonServer, key: String, refreshToken: String = "refresh"
    ) async throws -> String {
        let body = """
            {"integration": "\(integration)",
                "credentials": {"access_token": "\(UUID())", "refresh_token": "\(refreshToken)"}}
            """
        let answer = try await server.send(.POST, "/api/v1/connections", json: body, key: key)
        try #require(answer.status == 201, "\(answer.body)")
        return String(try #require(answer.body.firstMatch(of: /conn_[A-Za-z0-9_-]{22}/)).output)
    }

    @Test(arguments: [Chromium.View.wide, .phoneDark])
    func `webhooks that wait and dead letters are shown, those that cannot be read, too`(
        _ view: Chromium.View
    ) async throws {
        let site = try await Site()
        var server = try await site.start()
        var ids: [String] = []
        for _ in 1...3 { ids.append(try await importConnection("trouble", to: server, key: site.key)) }
        await server.stop()
        // The first was tried for three days, and the second is damaged.
        try await site.tamper(
            """
            UPDATE webhook_messages SET owner = NULL, attempts = 10, next_at_ms = NULL, last_error = 'status 503'
                WHERE subject = '\(ids[0])';
            UPDATE webhook_messages SET owner = NULL, next_at_ms = NULL, attempts = -1
                WHERE subject = '\(ids[1])';
            """)
        server = try await site.start()
        let browser = try Chromium.start(view)
        let page = try await site.open(browser)
        try await page.show("webhooks", "table")
        let outbox = try await page.text(of: "outbox")
        for words in [
            "1 message waits to be sent", "2 messages were given up", "symbolon webhooks replay ID",
            "connection.created", ids[0], "status 503", "http://127.0.0.1", "row-2", "cannot be read",
        ] {
            #expect(outbox.contains(words), "\(words) in \(outbox)")
        }
        #expect(!outbox.contains(ids[2]), "it is not dead")
        #expect(try await page.value("document.querySelectorAll('#outbox tbody tr').length") == 2)
        try await page.lookAtConsole("dead-letters")
        browser.stop()
        await server.stop()
    }

    @Test(arguments: [Chromium.View.wideDark, .phone])
    func `a replica with another keyring is told from the others`(_ view: Chromium.View) async throws {
        let site = try await Site()
        let first = try await site.start()
        let browser = try Chromium.start(view)
        let page = try await site.open(browser)
        try await page.show("keys", ".times")
        #expect(try await page.text(of: "rings").contains("One so far."))
        await first.stop()
        // As a load balancer would: the next answer at this address is another replica's.
        try FileManager.default.removeItem(atPath: site.folder.path + "/state.keyring")
        try await ProductionSite.makeKeyrings(["state"], in: site.folder)
        let second = try await site.start()
        try await page.press("#ask-again")
        try await page.wait(
            "document.getElementById('rings').innerText.includes('They do not have the same keyrings')")
        let digests: [[String]] = try await page.value(
            """
            [...document.querySelectorAll('#rings tbody tr')].map((row) =>
                [...row.querySelectorAll('code')].map((cell) => cell.textContent))
            """)
        #expect(digests.count == 2 && digests[0].count == 2)
        #expect(digests[0][0] != digests[1][0] && digests[0][1] == digests[1][1], "\(digests)")
        try await page.lookAtConsole("rings-differ")
        browser.stop()
        await second.stop()
    }

    @Test func `an integration without its client says which settings it misses`() async throws {
        let site = try await Site()
        let server = try await site.start()
        let browser = try Chromium.start(.phone)
        let page = try await site.open(browser)
        try await page.show("integrations", ".entries li:not([hidden]) summary")
        #expect(try await page.text(of: "integrations-found") == "1 integration")
        try await page.run(
            """
            const chosen = document.getElementById('find-state');
            chosen.value = 'missing';
            chosen.dispatchEvent(new Event('change'));
            """)
        try await page.type("gitlab", into: "#find")
        let entry = "#integration-list > li:not([hidden])"
        try await page.press("\(entry) summary")
        let shown = try await page.value("document.querySelector('\(entry)').innerText", as: String.self)
        for words in [
            "needs a client", "Missing settings", "integrations.gitlab.client_id",
            "integrations.gitlab.client_secret", "\(server.baseURL)/api/v1/oauth/callback/gitlab",
        ] {
            #expect(shown.contains(words), "\(words) in \(shown)")
        }
        try await page.lookAtConsole("integration-missing")
        browser.stop()
        await server.stop()
    }

    /// Refreshes the one connection by its button: what came of it, and its status then.
    private func refreshAndLook(
        _ page: ChromiumTab, expecting code: String, _ status: String, _ event: String
    ) async throws {
        try await page.press("#list a")
        try await page.wait("document.querySelector('#events tbody')")
        try await page.press("#actions button:nth-child(2):not(:disabled)")
        try await page.wait("document.getElementById('outcome').innerText.includes('\(code)')")
        // What the attempt did to the connection is shown without a reload.
        try await page.wait("document.querySelector('#connection-status .badge').textContent === '\(status)'")
        try await page.wait("document.getElementById('events').innerText.includes('\(event)')")
        try await page.lookAtConsole("connection-\(status)")
        try await page.press("#sections a[href='#connections']")
        try await page.run("document.getElementById('by-status').value = '\(status)'")
        try await page.press("#filters button[type=submit]")
        // The list before it was filtered has one row, too.
        try await page.wait(
            "\(ChromiumTab.connectionCount) === 1 && document.getElementById('list').innerText.includes('\(status)')"
        )
        try await page.lookAtConsole("list-\(status)")
    }

    @Test func `a connection has an error where the provider refuses the client, and ends with its grant`()
        async throws
    {
        let development = try await SymbolonServer.start()
        let site = try await Site(tokenEndpoint: "\(development.baseURL)/sandbox/token")
        let production = try await site.start()
        try await importConnection("trouble", to: production, key: site.key)
        let phone = try Chromium.start(.phone)
        try await refreshAndLook(
            try await site.open(phone), expecting: "provider_error", "error", "A refresh failed")
        phone.stop()
        await production.stop()

        try await importConnection(
            "sandbox", to: development, key: development.apiKey(), refreshToken: "not-of-the-sandbox")
        let browser = try Chromium.start()
        let page = try await browser.openConsole(of: development)
        try await refreshAndLook(page, expecting: "reconnect_required", "expired", "Its grant ended")
        #expect(try await page.text(of: "list").contains("The provider no longer accepts the refresh token."))
        browser.stop()
        await development.stop()
    }

    @Test func `however many connections there are, a page asks for one page and shows it`() async throws {
        let site = try await Site()
        let server = try await site.start()
        for _ in 1...120 { try await importConnection("trouble", to: server, key: site.key) }
        let browser = try Chromium.start()
        let page = try await site.open(browser)
        let asked = """
            performance.getEntriesByType('resource').map(({ name }) => new URL(name))
                .filter(({ pathname }) => pathname.startsWith('/api/'))
                .map(({ pathname, search }) => pathname + search.replace(/cursor=[^&]+/, 'cursor=')).sort()
            """
        try await page.wait("\(ChromiumTab.connectionCount) === 50")
        try await page.wait("document.querySelector('#integration-ids option')")
        let first: [String] = try await page.value(asked)
        #expect(
            first == [
                "/api/v1/connections?limit=50", "/api/v1/credential", "/api/v1/integrations?limit=1000",
            ])
        let elements = "document.querySelectorAll('*').length"
        let count: Int = try await page.value(elements)
        for (found, rows) in [("Connections 51 to 100", 50), ("Connections 101 to 120", 20)] {
            try await page.run("performance.clearResourceTimings()")
            try await page.press("#next")
            try await page.wait("document.getElementById('found').textContent.startsWith('\(found)')")
            #expect(try await page.value(ChromiumTab.connectionCount) == rows)
            let next: [String] = try await page.value(asked)
            #expect(next == ["/api/v1/connections?limit=50&cursor="])
            #expect(try await page.value(elements) <= count)
        }
        browser.stop()
        await server.stop()
    }
}
