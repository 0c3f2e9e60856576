import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// `confirm: screen` through an authorization server that we did not write.
@Suite("Confirmation page through canaille", .timeLimit(.minutes(3))) struct ConfirmScreenTests {
    private static let named = #", "user_label": "Ada <b>Lovelace</b>""#

    private func connections(_ site: ProductionSite, _ server: SymbolonServer) async throws -> Int {
        try await server.send(.GET, "/api/v1/connections", key: site.key).body
            .components(separatedBy: #""id":"conn_"#).count - 1
    }

    private func press(_ value: String, _ page: Browser.Page, _ browser: Browser) async throws -> Browser.Page
    {
        let form = try #require(page.forms.first)
        let button = try #require(form.buttons.first { $0.value == value })
        return try await browser.submit(form, on: page, pressing: button)
    }

    @Test
    func `S08 S43 yes on the page makes one connection, however often it comes; before it there is nothing`()
        async throws
    {
        let site = try await ProductionSite.make(workspace: ", label: Acme & Co, confirm: screen")
        let server = try await site.replica()
        let callback = try await site.authorize(server, Self.named)
        let browser = Browser()
        // Looking ahead asks nobody.
        for (name, value) in [("purpose", "prefetch"), ("sec-purpose", "prefetch;prerender")] {
            let ahead = try await browser.open(callback, headers: [name: value])
            #expect(ahead.status == 204 && ahead.body.isEmpty)
        }
        // What a query says is not on the page.
        let page = try await browser.open(callback + "&user_label=Mallory&app=Mallory&scope=Mallory")
        #expect(page.status == 200 && page.redirectTarget == nil, "\(page.body)")
        for part in ["Acme &amp; Co", "Ada &lt;b&gt;Lovelace&lt;/b&gt;", "Canaille", "openid"] {
            #expect(page.body.contains(part), "\(part)")
        }
        #expect(!page.body.contains("Mallory"))
        let headers = page.answer.headers
        let policy = try #require(headers.first(name: "content-security-policy"))
        let app = site.app.redirectURI.replacing("/oauth/done", with: "")
        #expect(policy.contains("frame-ancestors 'none'") && policy.hasSuffix("form-action 'self' \(app)"))
        #expect(headers.first(name: "x-frame-options") == "DENY")
        #expect(headers.first(name: "referrer-policy") == "strict-origin")
        #expect(headers.first(name: "cache-control") == "no-store")
        #expect(try await connections(site, server) == 0)
        // Two clicks, a page that was loaded again, and the first page once more.
        async let first = press("yes", page, browser)
        async let second = press("yes", page, browser)
        var told = [try await first, try await second]
        told.append(try await press("yes", try await browser.open(callback), browser))
        told.append(try await press("yes", page, browser))
        let ids = Set(
            try told.map { page in
                let query = FormEncoding.query(of: try #require(page.redirectTarget))
                #expect(page.status == 303 && query["status"] == "success")
                return query["connection_id"]
            })
        #expect(ids.count == 1)
        #expect(try await connections(site, server) == 1)
        let list = try await server.send(.GET, "/api/v1/connections", key: site.key)
        #expect(list.body.contains(#""binding":"screen""#), "\(list.body)")
        try await site.stop(server)
    }

    @Test func `S42 S43 a flow that a session began is asked, though no setting wants it, and is its user's`()
        async throws
    {
        let site = try await ProductionSite.make()
        let server = try await site.replica()
        let made: [String: String] = try await server.send(
            .POST, "/api/v1/connect/sessions",
            json: """
                {"user_id": "user_7", "user_label": "Ada Lovelace", "tags": {"plan": "team"},
                 "redirect_uri": "\(site.app.redirectURI)"}
                """,
            key: site.key
        ).decoded()
        let token = try #require(made["token"])
        let other = try await site.initiate(server, #", "tags": {"plan": "free"}"#, key: token)
        #expect(other.status == 403 && other.errorCode == "session_forbids")
        let initiated: ConnectStage.Initiated = try await site.initiate(server, key: token).decoded()
        let browser = Browser()
        let callback = try await site.canaille.logInAndConsent(browser, initiated.auth_url)
        let page = try await browser.open(callback)
        #expect(page.status == 200 && page.redirectTarget == nil, "\(page.body)")
        #expect(page.body.contains("Ada Lovelace"))
        #expect(try await connections(site, server) == 0)
        let told = FormEncoding.query(of: try #require(try await press("yes", page, browser).redirectTarget))
        #expect(told["status"] == "success")
        let list = try await server.send(.GET, "/api/v1/connections", key: token)
        for part in [#""user_id":"user_7""#, #""binding":"screen""#, #""tags":{"plan":"team"}"#] {
            #expect(list.body.contains(part), "\(list.body)")
        }
        try await site.stop(server)
    }

    @Test func `S11 S43 nothing but the page's own form does anything, and a no stores nothing`() async throws
    {
        let site = try await ProductionSite.make(integration: "\n    confirm: screen")
        let server = try await site.replica()
        let callback = try await site.authorize(server, Self.named)
        // The attacker's flow in another's browser: it is asked in the attacker's name, and says no.
        let victim = Browser()
        let page = try await victim.open(callback)
        #expect(page.body.contains("Ada &lt;b&gt;Lovelace") && page.body.contains("wsp_1"))
        let ticket = try #require(page.forms.first?.fields.first { $0.name == "ticket" }?.value)
        let origin = server.baseURL
        let yes = "ticket=\(ticket)&answer=yes"
        let refused: [HTTPHeaders] = [
            [:], ["origin": origin], ["sec-fetch-site": "same-origin"],
            ["origin": "null", "sec-fetch-site": "same-origin"],
            ["origin": "https://evil.example", "sec-fetch-site": "same-origin"],
            ["origin": origin + "0", "sec-fetch-site": "same-origin"],
            ["origin": origin, "sec-fetch-site": "cross-site"],
            ["origin": origin, "sec-fetch-site": "same-site"],
            ["origin": origin, "sec-fetch-site": "none"],
            HTTPHeaders([
                ("origin", origin), ("origin", "https://evil.example"), ("sec-fetch-site", "same-origin"),
            ]),
            HTTPHeaders([
                ("origin", origin), ("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site"),
            ]),
        ]
        for headers in refused {
            let answer = try await server.confirm(yes, headers)
            #expect(answer.status == 403 && answer.headers.first(name: "location") == nil, "\(headers)")
        }
        let ours: HTTPHeaders = ["origin": origin, "sec-fetch-site": "same-origin"]
        for form in [
            "", "answer=yes", yes + "&answer=no", "ticket=\(ticket)x&answer=yes", "ticket=AAAA&answer=yes",
        ] {
            let answer = try await server.confirm(form, ours)
            #expect(answer.status == 400 && answer.headers.first(name: "location") == nil, "\(form)")
        }
        #expect(try await server.send(.GET, "/api/v1/oauth/confirm?\(yes)", headers: ours).status == 405)
        // The page's ticket is none for the app's server, and no state.
        let foreign = try await server.complete(ticket, "x", key: site.key)
        #expect(foreign.status == 400 && foreign.errorCode == "invalid_ticket")
        let denied = try await press("no", page, victim)
        let told = FormEncoding.query(of: try #require(denied.redirectTarget))
        #expect(denied.status == 303 && told["status"] == "error" && told["error"] == "access_denied")
        #expect(told["connection_id"] == nil)
        #expect(try await connections(site, server) == 0)
        #expect(
            try await server.log.contains(#""event":"confirm","outcome":"refused","reason":"access_denied""#))
        #expect(try await !server.log.contains(ticket))
        // A provider's own no asks nobody.
        let initiated: ConnectStage.Initiated = try await site.initiate(server).decoded()
        let own = try await site.canaille.deny(Browser(), initiated.auth_url)
        #expect(try await site.told(own)["error"] == "access_denied")
        try await site.stop(server)
    }

    @Test func `S43 a browser wakes the button after a second, follows it to the app, and frames nothing`()
        async throws
    {
        let site = try await ProductionSite.make(workspace: ", label: Acme, confirm: screen")
        let server = try await site.replica()
        let callback = try await site.authorize(server, #", "user_label": "Ada""#)
        let browser = try Chromium.start(.phoneDark)
        let tab = try await browser.open(callback)
        let visible = "getComputedStyle(document.querySelector('button[value=yes]')).visibility === 'visible'"
        #expect(try await tab.value("!(\(visible)) || performance.now() > 900", as: Bool.self))
        try await tab.wait(visible)
        let flaws = try await tab.flaws() + tab.violations() + tab.axeViolations()
        #expect(flaws == [])
        try await tab.keepPicture("screen")
        // A frame around it stays empty.
        let other = try await browser.open("\(server.baseURL)/healthz")
        try await other.run(
            "const frame = document.createElement('iframe'); frame.src = \(ChromiumTab.quoted(callback)); "
                + "frame.onload = () => { window.loaded = true; }; document.body.append(frame)")
        try await other.wait("window.loaded")
        #expect(
            try await other.value(
                "!document.querySelector('iframe').contentDocument", as: Bool.self))
        #expect(try await connections(site, server) == 0)
        // A double click is one answer.
        try await tab.run(
            "document.querySelector('button[value=yes]').click(); document.querySelector('button[value=yes]').click()"
        )
        let arrival = try #require(try await site.app.next())
        #expect(arrival.query["status"] == "success")
        #expect(try await connections(site, server) == 1)
        browser.stop()
        try await site.stop(server)
    }

    @Test func `the page is in its reader's language and in the app's look, and good for all its readers`()
        async throws
    {
        let site = try await ProductionSite.make(
            workspace: ", label: Quince & Söhne, logo: logo.svg, confirm: screen, "
                + "colors: {accent: '#1a5fb4', accent_dark: '#99c1f1'}")
        try site.folder.write(
            #"<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle cx="20" cy="20" r="20"/></svg>"#,
            to: "logo.svg")
        let server = try await site.replica()
        let callback = try await site.authorize(server, #", "user_label": "Ada Lovelace""#)
        let browser = try Chromium.start()
        let tab = try await browser.open("\(server.baseURL)/healthz")
        let words = [
            "en": "Yes, connect", "de-AT": "Ja, verbinden", "es": "Sí, conectar", "fr": "Oui, connecter",
            "ja": "はい、接続する",
        ]
        for (language, yes) in words {
            try await tab.prefer(language)
            for view in Chromium.View.all {
                try await tab.show(in: view)
                // A query chooses nothing.
                try await tab.open(callback + "&lang=fr&ui_locales=es")
                try await tab.wait(
                    "getComputedStyle(document.querySelector('button[value=yes]')).visibility === 'visible'")
                let told: [String] = try await tab.value(
                    "[document.documentElement.lang, document.querySelector('button[value=yes]').textContent]"
                )
                #expect(told == [String(language.prefix(2)), yes])
                try await tab.wait("document.querySelector('.logo').naturalWidth === 40")
                #expect(try await tab.value("document.title.endsWith('– Quince & Söhne')", as: Bool.self))
                let accent: String = try await tab.value(
                    "getComputedStyle(document.querySelector('header')).color")
                #expect(accent == (view.isDark ? "rgb(153, 193, 241)" : "rgb(26, 95, 180)"))
                let flaws = try await tab.flaws() + tab.violations() + tab.axeViolations()
                #expect(flaws == [], "\(language), \(view)")
                let name = "screen-\(language)-\(view.width)-\(view.isDark ? "dark" : "light")"
                try await tab.keepPicture(name)
            }
        }
        #expect(try await connections(site, server) == 0)

        // Of a flow that ends with us, the last page is the app's, too. Without an authentic state nobody's look is known.
        let begun: ConnectStage.Initiated = try await server.send(
            .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "canaille"}"#, key: site.key
        ).decoded()
        try await tab.prefer("ja")
        try await tab.show(in: .phone)
        try await tab.open(try await site.canaille.logInAndConsent(Browser(), begun.auth_url))
        try await tab.press("button[value=yes]")
        try await tab.wait("document.title === '接続しました – Quince & Söhne'")
        try await tab.wait("document.querySelector('.logo').naturalWidth === 40")
        let flaws = try await tab.flaws() + tab.violations() + tab.axeViolations()
        #expect(flaws == [])
        try await tab.keepPicture("screen-connected-ja")
        #expect(try await connections(site, server) == 1)
        try await tab.open("\(server.callbackURL("canaille"))?code=x&state=\(begun.state)x")
        #expect(try await tab.value("document.title", as: String.self) == "このリンクは使えません – Symbolon")
        #expect(try await !tab.text().contains("Quince"))
        browser.stop()
        try await site.stop(server)
    }

    @Test func `S43 no in a browser leads back to the app, and nothing was asked of the provider`()
        async throws
    {
        let site = try await ProductionSite.make(workspace: ", label: Acme, confirm: screen")
        let server = try await site.replica()
        let callback = try await site.authorize(server, #", "user_label": "Ada""#)
        let browser = try Chromium.start(.phone)
        let tab = try await browser.open(callback)
        try await tab.wait(
            "getComputedStyle(document.querySelector('button[value=no]')).visibility === 'visible'")
        try await tab.press("button[value=no]")
        let arrival = try #require(try await site.app.next())
        #expect(arrival.query["status"] == "error" && arrival.query["error"] == "access_denied")
        #expect(arrival.query["connection_id"] == nil)
        try await tab.wait("location.href.startsWith(\(ChromiumTab.quoted(site.app.redirectURI)))")
        #expect(try await connections(site, server) == 0)
        #expect(try await !server.log.contains(#""event":"exchange""#))
        browser.stop()
        try await site.stop(server)
    }
}
