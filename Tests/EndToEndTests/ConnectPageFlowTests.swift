import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// What an app's user sees at `/connect/{workspace_id}`, in a real browser.
@Suite("The connect page in a browser", .timeLimit(.minutes(3))) struct ConnectPageFlowTests {
    private static let sandbox = "button[data-id=sandbox]"

    private func look(at page: ChromiumTab, _ name: String, _ view: Chromium.View) async throws {
        let flaws = try await page.flaws() + page.violations() + page.axeViolations()
        #expect(flaws == [], "\(name)")
        try await page.keepPicture("connect-\(name)-\(view.width)-\(view.isDark ? "dark" : "light")")
    }

    private func title(_ page: ChromiumTab) async throws -> String {
        try await page.value("document.getElementById('one-title').textContent")
    }

    private func isShown(_ id: String) -> String { "document.getElementById('\(id)').checkVisibility()" }

    private func connectURL(_ server: SymbolonServer, _ query: String = "") throws -> String {
        "\(server.baseURL)/connect/wsp_development\(query)#\(try server.apiKey())"
    }

    /// An integration that asks for a parameter.
    private static func shop(in folder: TemporaryFolder) throws -> [String: String] {
        let catalog = try folder.write(
            """
            integrations:
              shop:
                label: A shop
                documentation: https://shop.example/docs
                authorization_endpoint: "https://{shop}.shop.example/authorize"
                token_endpoint: "https://{shop}.shop.example/token"
                about: {aliases: [Kaufläden], categories: [commerce]}
                parameters:
                  shop: {label: Your shop's name, example: quince, pattern: "[a-z]{2,12}"}
            """, to: "catalog.yaml")
        return [
            "SYMBOLON_CATALOG": catalog, "SYMBOLON_INTEGRATIONS_SHOP_CLIENT_ID": "a",
            "SYMBOLON_INTEGRATIONS_SHOP_CLIENT_SECRET": "b",
        ]
    }

    @Test(arguments: [Chromium.View.wide, .phoneDark])
    func `a user connects, renews and disconnects an account`(_ view: Chromium.View) async throws {
        let server = try await SymbolonServer.start()
        let browser = try Chromium.start(view)
        let page = try await browser.open(connectURL(server, view.isDark ? "?lang=de" : ""))
        try await page.wait("document.querySelector('#integrations li')")
        try await look(at: page, "list", view)
        // The token is in the page's memory, and nowhere else.
        let kept =
            "[location.hash, document.cookie, localStorage.length, sessionStorage.length, history.state].join()"
        #expect(try await page.value(kept, as: String.self) == ",,0,0,")
        try await page.press(Self.sandbox)
        let consent = try await browser.tab("\(server.baseURL)/sandbox/authorize")
        #expect(try await consent.value("window.opener === null", as: Bool.self))
        #expect(try await title(page) == (view.isDark ? "Bei Sandbox anmelden" : "Sign in to Sandbox"))
        try await look(at: page, "waiting", view)
        try await consent.press("button[value=allow]")
        try await page.wait(isShown("more"))
        #expect(try await title(page) == (view.isDark ? "Sandbox ist verbunden" : "Sandbox is connected"))
        #expect(try await page.value("document.activeElement.id", as: String.self) == "one-title")
        #expect(try await page.text().contains("alex@sandbox.example"))
        try await look(at: page, "done", view)

        try await page.press("#more")
        try await look(at: page, "connections", view)
        try await page.press("#connection-list button[value=renew]")
        try await browser.tab("\(server.baseURL)/sandbox/authorize").press("button[value=allow]")
        try await page.wait(isShown("more"))
        try await page.press("#back")
        #expect(
            try await page.value("document.querySelectorAll('#connection-list li').length", as: Int.self) == 1
        )
        try await page.press("#connection-list button[value=disconnect]")
        try await look(at: page, "ask", view)
        try await page.press("#ask-yes")
        try await page.wait("!\(isShown("connections"))")
        let list = try await server.send(.GET, "/api/v1/connections", key: server.apiKey())
        #expect(list.body == #"{"data":[],"next_cursor":null}"#)
        browser.stop()
        await server.stop()
    }

    @Test func `parameters are asked for with an example, and checked before anything is sent`() async throws
    {
        let folder = try TemporaryFolder()
        let server = try await SymbolonServer.start(environment: try Self.shop(in: folder))
        let browser = try Chromium.start(.phone)
        let page = try await browser.open(connectURL(server))
        try await page.wait("document.querySelector('#integrations li')")
        let found =
            "[...document.querySelectorAll('#integrations li:not([hidden])')].map((card) => card.innerText).length"
        for (words, count) in [
            ("", 2), ("KAUFLADEN", 1), ("shop sandbox", 0), ("handel", 0), ("commerce", 1),
        ] {
            try await page.type(words, into: "#find")
            #expect(try await page.value(found, as: Int.self) == count, "\(words)")
        }
        try await page.press("button[data-id=shop]")
        #expect(try await page.text().contains("For example: quince"))
        try await look(at: page, "form", browser.view)
        for refused in ["", "two words", "UPPER9"] {
            try await page.type(refused, into: "#field-shop")
            try await page.press("#one-form button[type=submit]")
            let isMarked = "document.activeElement.matches('#field-shop[aria-invalid=true]')"
            #expect(try await page.value(isMarked, as: Bool.self), "\(refused)")
        }
        try await look(at: page, "wrong", browser.view)
        #expect(try await browser.urls().count == 1)
        // Pasted as it stands in the address bar.
        try await page.type("https://quince.shop.example/admin", into: "#field-shop")
        try await page.run(
            "window.open = (url) => { window.asked = { location: { replace: (to) => window.to = to } }; return window.asked; }"
        )
        try await page.press("#one-form button[type=submit]")
        try await page.wait("window.to?.startsWith('https://quince.shop.example/authorize')")
        browser.stop()
        await server.stop()
    }

    @Test func `250 services are found by name and by category, each with its letter`() async throws {
        var entries = "integrations:\n"
        var environment: [String: String] = [:]
        for number in 0..<250 {
            entries += """
                  s\(number):
                    label: Ledger \(number)
                    documentation: https://ledger.example/docs
                    authorization_endpoint: https://ledger.example/authorize
                    token_endpoint: https://ledger.example/token
                    about: {categories: [\(number.isMultiple(of: 2) ? "crm" : "finance")]}

                """
            environment["SYMBOLON_INTEGRATIONS_S\(number)_CLIENT_ID"] = "client"
            environment["SYMBOLON_INTEGRATIONS_S\(number)_CLIENT_SECRET"] = "a-secret-for-tests"
        }
        let folder = try TemporaryFolder()
        environment["SYMBOLON_CATALOG"] = try folder.write(entries, to: "catalog.yaml")
        let server = try await SymbolonServer.start(environment: environment)
        let browser = try Chromium.start(.phoneDark)
        let page = try await browser.open(connectURL(server))
        try await page.wait("document.querySelectorAll('#integrations li').length === 251")
        #expect(
            try await page.value(
                "document.querySelector('button[data-id=s7] .sign').textContent", as: String.self) == "L")
        let shown = "document.querySelectorAll('#integrations li:not([hidden])').length"
        let named17 = (0..<250).filter { "\($0)".contains("17") }
        for (words, category, count) in [
            ("", "", 251), ("17", "", named17.count), ("LEDGER 249", "", 1), ("ledger 250", "", 0),
            ("", "crm", 125), ("17", "crm", named17.count { $0.isMultiple(of: 2) }), ("", "finance", 125),
        ] {
            try await page.type(words, into: "#find")
            try await page.run(
                """
                document.getElementById('category').value = '\(category)';
                document.getElementById('category').dispatchEvent(new Event('input'));
                """)
            #expect(try await page.value(shown, as: Int.self) == count, "\(words), \(category)")
        }
        try await look(at: page, "many", browser.view)
        browser.stop()
        await server.stop()
    }

    @Test(arguments: [Chromium.View.wideDark, .phone])
    func `an error says what to do`(_ view: Chromium.View) async throws {
        let server = try await SymbolonServer.start()
        let browser = try Chromium.start(view)
        let url = "\(server.baseURL)/connect/wsp_development"
        let over = try await browser.open("\(url)#forged")
        try await over.wait(isShown("over"))
        #expect(try await over.text().contains("Go back and open it again"))
        #expect(try await over.text().contains("invalid_credential"))
        try await look(at: over, "over", view)
        try await over.open("\(url)?lang=fr")
        try await over.wait(isShown("over"))
        #expect(try await over.text().contains("Le lien n’est pas complet"))

        let page = try await browser.open(connectURL(server))
        try await page.wait("document.querySelector('#integrations li')")
        // The window stays shut: the page offers this tab instead.
        try await page.run("window.open = () => null")
        try await page.press(Self.sandbox)
        try await page.wait(isShown("here"))
        try await look(at: page, "blocked", view)
        try await page.press("#here")
        try await page.press("button[value=allow]")
        try await page.wait("document.title.startsWith('Connected')")

        // The service goes away, and its page stays.
        let last = try await browser.open(connectURL(server))
        try await last.wait("document.querySelector('#integrations li')")
        await server.stop()
        try await last.press(Self.sandbox)
        try await last.wait(isShown("again"))
        #expect(try await last.text().contains("Check your internet connection"))
        #expect(try await last.text().contains("unreachable"))
        browser.stop()
    }

    @Test(arguments: ["en", "de", "es", "fr", "ja"], [Chromium.View.wide, .phoneDark])
    func `list, form and error are good for all readers in each language`(
        _ language: String, _ view: Chromium.View
    ) async throws {
        let folder = try TemporaryFolder()
        let server = try await SymbolonServer.start(environment: try Self.shop(in: folder))
        let browser = try Chromium.start(view)
        let page = try await browser.open("\(server.baseURL)/healthz")
        try await page.prefer(language)
        try await page.open(connectURL(server))
        try await page.wait("document.querySelector('#integrations li')")
        #expect(try await page.value("document.documentElement.lang", as: String.self) == language)
        try await look(at: page, "list-\(language)", view)
        try await page.press("button[data-id=shop]")
        try await page.press("#one-form button[type=submit]")
        try await page.wait("document.activeElement.matches('#field-shop[aria-invalid=true]')")
        try await look(at: page, "form-\(language)", view)
        try await page.open("\(server.baseURL)/connect/wsp_development?lang=\(language)#forged")
        try await page.wait(isShown("over"))
        try await look(at: page, "over-\(language)", view)
        browser.stop()
        await server.stop()
    }

    @Test func `Deny in the sandbox connects nothing, and the window says so in the user's language`()
        async throws
    {
        let server = try await SymbolonServer.start()
        let browser = try Chromium.start(.phone)
        let page = try await browser.open(connectURL(server))
        try await page.wait("document.querySelector('#integrations li')")
        try await page.press(Self.sandbox)
        let consent = try await browser.tab("\(server.baseURL)/sandbox/authorize")
        try await consent.wait("document.querySelector('button[value=deny]')")
        try await look(at: consent, "consent", browser.view)
        try await consent.prefer("ja")
        // The page closes that window as soon as it has read what is there: not yet.
        try await page.run(
            """
            window.ask = fetch;
            window.held = [];
            window.fetch = (...all) => new Promise((go) => held.push(() => go(ask(...all))));
            """)
        try await consent.press("button[value=deny]")
        try await consent.wait("document.title.startsWith('接続できませんでした')")
        #expect(try await consent.text().contains("access_denied"))
        try await look(at: consent, "denied", browser.view)
        try await page.wait(isShown("one-waits"))
        try await consent.run("window.close()")
        try await page.run("window.fetch = ask; held.forEach((go) => go())")
        try await page.wait(isShown("again"))
        try await look(at: page, "not-connected", browser.view)
        let list = try await server.send(.GET, "/api/v1/connections", key: server.apiKey())
        #expect(list.body == #"{"data":[],"next_cursor":null}"#)
        browser.stop()
        await server.stop()
    }

    @Test func `the keyboard reaches all of it, and one sees where it is`() async throws {
        let server = try await SymbolonServer.start()
        let browser = try Chromium.start()
        let page = try await browser.open(connectURL(server))
        try await page.wait("document.querySelector('#integrations li')")
        let stops = try await page.tabStops(1)
        #expect(stops.map { $0.name.filter { !$0.isWhitespace } } == ["SSandbox"])
        #expect(stops.filter { !$0.isVisible }.isEmpty)
        try await page.key("Enter")
        _ = try await browser.tab("\(server.baseURL)/sandbox/authorize")
        let said: String = try await page.value("document.getElementById('said').textContent")
        #expect(said.contains("A window has opened"))
        browser.stop()
        await server.stop()
    }

    /// What an app's page does to open a connect page, and to keep what it hears.
    private static func opening(_ url: String) -> String {
        """
        window.heard ??= [];
        import(new URL('/connect/symbolon.js', '\(url)').href).then(({ open }) => {
            window.page = open({
                connectURL: '\(url)',
                onConnected: (told) => heard.push(told), onError: (told) => heard.push(told),
                onClosed: () => heard.push('closed'),
            });
        })
        """
    }

    @Test func `S31 an app's own page hears of the connection, and a page of any other origin does not`()
        async throws
    {
        let app = try await AppListener.start()
        let other = try await AppListener.start()
        let stage = try await ConnectPageStage(origins: [app.origin])
        let browser = try Chromium.start()
        let load = Self.opening("\(stage.baseURL)/connect/wsp_1#\(stage.apiKey)")
        for (listener, isListed) in [(other, false), (app, true)] {
            let foreign = try await browser.open(listener.redirectURI)
            try await foreign.run(load)
            let page = try await browser.tab("\(stage.baseURL)/connect/wsp_1")
            try await page.run(
                """
                window.hellos = 0;
                addEventListener('message', ({ data }) => hellos += data?.symbolon === 'hello' ? 1 : 0);
                """)
            try await page.press("button[data-id=long]")
            let provider = try await browser.tab(stage.provider.url)
            let state = try #require(FormEncoding.query(of: try await provider.url())["state"])
            try await provider.open(
                "\(stage.baseURL)/api/v1/oauth/callback/long?code=the-code&state=\(state)")
            try await page.wait(isShown("more"))
            #expect(try await page.value(isShown("done"), as: Bool.self) == isListed)
            let heard = "JSON.stringify(heard)"
            if isListed {
                try await foreign.wait("heard.length === 1")
                let told: String = try await foreign.value(heard)
                #expect(told.contains(#""connectionID":"conn_"#) && told.contains(#""integrationID":"long""#))
                #expect(!told.contains("the-code") && !told.contains(stage.apiKey))
                try await page.press("#done")
                try await foreign.wait("heard[1] === 'closed'")
                try await foreign.run(Self.opening("\(stage.baseURL)/connect/wsp_1#forged"))
                try await foreign.wait("heard[2]?.code === 'invalid_credential'")
                try await foreign.run("window.page.close(); window.open = () => null")
                try await foreign.run(Self.opening("\(stage.baseURL)/connect/wsp_1#\(stage.apiKey)"))
                try await foreign.wait("heard.at(-1).code === 'popup_blocked'")
            } else {
                // The page hears its hello, and what it says to the window that opened it arrives: this is the last of it.
                try await page.run("hellos = 0")
                try await page.wait("hellos > 1")
                try await foreign.run("addEventListener('message', ({ data }) => heard.push(data))")
                try await page.run("opener.postMessage('last', '*')")
                try await foreign.wait("heard.includes('last')")
                #expect(try await foreign.value(heard, as: String.self) == #"["last"]"#)
                try await foreign.run("window.page.close()")
                #expect(try await foreign.value(heard, as: String.self) == #"["last","closed"]"#)
            }
        }
        browser.stop()
        await stage.stop()
        try await app.stop()
        try await other.stop()
    }

    @Test func `S31 the app's origin may frame the page, and no other`() async throws {
        let app = try await AppListener.start()
        let other = try await AppListener.start()
        let stage = try await ConnectPageStage(origins: [app.origin])
        let browser = try Chromium.start()
        for (listener, isListed) in [(other, false), (app, true)] {
            let foreign = try await browser.open(listener.redirectURI)
            try await foreign.run(
                """
                window.ready = window.loads = window.rounds = 0;
                document.addEventListener('load', ({ target }) => loads += target.tagName === 'IFRAME' ? 1 : 0, true);
                setInterval(() => rounds += loads, 200);
                addEventListener('message', ({ data, origin }) => {
                    if (data.symbolon === 'ready' && origin === '\(stage.baseURL)') ready += 1;
                });
                import('\(stage.baseURL)/connect/symbolon.js').then(({ open }) => open({
                    pageURL: '\(stage.baseURL)/connect/wsp_1', sessionToken: '\(stage.apiKey)',
                    container: document.body,
                }))
                """)
            if isListed {
                try await foreign.wait("ready > 0")
            } else {
                // What the browser shows in place of the page is loaded, too, and hears two rounds of the hello.
                try await foreign.wait("rounds > 2")
                #expect(try await foreign.value("ready", as: Int.self) == 0)
            }
        }
        browser.stop()
        await stage.stop()
        try await app.stop()
        try await other.stop()
    }

    @Test func `an app's page may load the client, and nothing else of development mode`() async throws {
        let server = try await SymbolonServer.start()
        let foreign: HTTPHeaders = ["Origin": "https://app.example.com"]
        let client = try await server.send(.GET, "/connect/symbolon.js", headers: foreign)
        #expect(client.status == 200 && client.headers["access-control-allow-origin"] == ["*"])
        for path in ["/connect/wsp_development", "/connect/connect.js", "/api/v1/integrations", "/connect/"] {
            #expect(try await server.send(.GET, path, headers: foreign).status == 403, "\(path)")
        }
        for path in ["/connect/wsp_1", "/connect/wsp_development%20", "/connect/..%2Fconnect.js"] {
            let answer = try await server.send(.GET, path)
            #expect(answer.status == 404 && answer.body.contains("There is no such page"), "\(path)")
        }
        #expect(try await server.send(.GET, "/connect/wsp_development/logo").status == 404)
        #expect(try await server.send(.POST, "/connect/wsp_development").status == 405)
        await server.stop()
    }

    @Test func `the page is in the app's name and colours`() async throws {
        let stage = try await ConnectPageStage(
            look: "label: Quince & Söhne, logo: logo.svg, colors: {accent: '#1a5fb4', accent_dark: '#99c1f1'}"
        )
        let browser = try Chromium.start(.phoneDark)
        let page = try await browser.open("\(stage.baseURL)/connect/wsp_1#\(stage.apiKey)")
        try await page.wait("document.querySelector('#integrations li')")
        #expect(try await page.text().contains("Connect your accounts with Quince & Söhne"))
        try await page.wait("document.querySelector('.logo').naturalWidth === 40")
        // The integration's own picture stands for its first letter.
        try await page.wait("document.querySelector('#integrations .picture').naturalWidth === 40")
        let accent = "getComputedStyle(document.querySelector('header')).color"
        #expect(try await page.value(accent, as: String.self) == "rgb(153, 193, 241)")
        try await look(at: page, "branded", browser.view)
        browser.stop()
        await stage.stop()
    }
}
