import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// What a newcomer sees in a real browser: the page on which a flow is tried, and a flow from it.
@Suite("The page for trying a flow", .timeLimit(.minutes(5))) struct HomePageTests {
    private static let connect = "#integrations button[value=popup]"
    private static let isOver = "document.activeElement.id === 'flow-title'"

    private static let connectedTitles = [
        "The app asked for a flow", "Symbolon made an authorization URL", "The state carries the flow",
        "The provider asked its user", "The callback opened the state", "One row claimed the flow",
        "The code became tokens", "There is a connection", "The app looks for itself",
    ]

    private func titles(_ page: ChromiumTab) async throws -> [String] {
        try await page.value("[...document.querySelectorAll('#steps h3')].map((title) => title.textContent)")
    }

    /// - Parameter usesAxe: axe-core looks, too, which takes a while on a long page.
    private func look(
        at page: ChromiumTab, _ name: String, _ view: Chromium.View, usesAxe: Bool = false
    ) async throws {
        var flaws = try await page.flaws() + page.violations()
        if usesAxe { flaws += try await page.axeViolations() }
        #expect(flaws == [], "\(name)")
        try await page.keepPicture("\(name)-\(view.width)-\(view.isDark ? "dark" : "light")")
    }

    @Test(arguments: Chromium.View.all)
    func `Allow in the sandbox makes a connection, and each step is explained`(_ view: Chromium.View)
        async throws
    {
        let server = try await SymbolonServer.start()
        let browser = try Chromium.start(view)
        let page = try await browser.open("\(server.baseURL)/")
        try await page.wait("document.querySelector('#integrations li')")
        try await look(at: page, "home", view, usesAxe: true)
        try await page.press(Self.connect)
        let consent = try await browser.tab("\(server.baseURL)/sandbox/authorize")
        try await consent.wait("document.querySelector('button[value=allow]')")
        try await look(at: consent, "consent", view, usesAxe: true)
        #expect(try await consent.value("window.opener === null", as: Bool.self))
        #expect(try await titles(page).last == "The provider asks its user")
        try await consent.press("button[value=allow]")
        try await page.wait(Self.isOver)
        #expect(try await titles(page) == Self.connectedTitles)
        // The window of the provider closes once the page knows.
        try await page.wait("document.getElementById('steps').textContent.includes('status')")
        try await eventually("the window is gone") { try await browser.urls() == ["\(server.baseURL)/"] }
        try await page.run("document.querySelectorAll('#steps details').forEach((more) => more.open = true)")
        try await look(at: page, "connected", view)
        let text = try await page.text()
        for part in [
            "code_challenge", "characters, sealed with key", "127.0.0.1:\(server.port), process", "alex@",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        #expect(text.contains("sym_••••••••"))
        let key = try server.apiKey()
        #expect(!text.contains(key))
        browser.stop()
        await server.stop()
    }

    @Test(arguments: [Chromium.View.wideDark, .phone])
    func `Deny in the sandbox leaves nothing, and the page says so`(_ view: Chromium.View) async throws {
        let server = try await SymbolonServer.start()
        let browser = try Chromium.start(view)
        let page = try await browser.open("\(server.baseURL)/")
        try await page.press(Self.connect)
        try await browser.tab("\(server.baseURL)/sandbox/authorize").press("button[value=deny]")
        try await page.wait(Self.isOver)
        #expect(
            try await titles(page)
                == Array(Self.connectedTitles.prefix(5)) + ["Nothing was stored"])
        #expect(try await page.text().contains("access_denied"))
        try await look(at: page, "denied", view)
        let list = try await server.send(.GET, "/api/v1/connections", key: server.apiKey())
        #expect(list.body == #"{"data":[],"next_cursor":null}"#)
        browser.stop()
        await server.stop()
    }

    @Test func `a flow in the same tab comes back to its steps`() async throws {
        let server = try await SymbolonServer.start()
        let browser = try Chromium.start(.phone)
        let page = try await browser.open("\(server.baseURL)/")
        try await page.press("#integrations button[value=here]")
        try await page.press("button[value=allow]")
        try await page.wait(Self.isOver)
        #expect(try await titles(page) == Self.connectedTitles)
        #expect(try await page.url() == "\(server.baseURL)/")
        // Loaded again, it is the page that it was.
        try await page.open("\(server.baseURL)/")
        try await page.wait("document.querySelector('#connection-list li')")
        #expect(try await page.value("document.getElementById('flow').hidden", as: Bool.self))
        browser.stop()
        await server.stop()
    }

    @Test(arguments: ["popup", "here"])
    func `S11 in confirm mode the page hands in the ticket, with the secret that it kept`(_ place: String)
        async throws
    {
        let server = try await SymbolonServer.start()
        let browser = try Chromium.start(.phone)
        let page = try await browser.open("\(server.baseURL)/")
        try await page.wait("document.querySelector('#integrations li')")
        try await page.run(
            "document.querySelector('#integrations .inner').open = true; "
                + "document.getElementById('confirm-sandbox').click()")
        try await look(at: page, "confirm", browser.view)
        try await page.press("#integrations button[value=\(place)]")
        let provider =
            place == "here" ? page : try await browser.tab("\(server.baseURL)/sandbox/authorize")
        try await provider.press("button[value=allow]")
        try await page.wait(Self.isOver)
        var expected = Self.connectedTitles
        expected.insert("The app got a ticket", at: 5)
        #expect(try await titles(page) == expected)
        let list = try await server.send(.GET, "/api/v1/connections", key: server.apiKey())
        #expect(list.body.contains(#""binding":"confirmed""#))
        #expect(try await page.value("sessionStorage.length", as: Int.self) == 0)
        browser.stop()
        await server.stop()
    }

    @Test(arguments: ["accept", "deny"])
    func `the page connects through canaille`(_ answer: String) async throws {
        let stage = try await ConnectStage.start()
        _ = try await stage.initiate()
        let browser = try Chromium.start(answer == "deny" ? .phoneDark : .wide)
        let page = try await browser.open("\(stage.symbolon.baseURL)/")
        try await page.wait("document.querySelector('#integrations li')")
        try await page.type("cana", into: "#find")
        let found: String = try await page.value("document.getElementById('found').textContent")
        #expect(found == "1 integration")
        try await page.press("#integrations li:not([hidden]) summary")
        try await page.press("#integrations li:not([hidden]) button[value=popup]")
        let provider = try await browser.tab(stage.canaille.issuer)
        try await logIn(provider, answer: answer)
        try await page.wait(Self.isOver)
        let isAccepted = answer == "accept"
        let expected =
            isAccepted ? Self.connectedTitles : Self.connectedTitles.prefix(5) + ["Nothing was stored"]
        #expect(try await titles(page) == expected)
        let asksTokens = "document.getElementById('steps').textContent.includes('/oauth/token')"
        #expect(try await page.value(asksTokens, as: Bool.self) == isAccepted)
        try await look(at: page, "canaille-\(answer)", browser.view)
        browser.stop()
        try await stage.stop()
    }

    @Test(arguments: [Chromium.View.phone, .wideDark])
    func `an integration without a client says what to register and to set`(_ view: Chromium.View)
        async throws
    {
        let server = try await SymbolonServer.start()
        let browser = try Chromium.start(view)
        let page = try await browser.open("\(server.baseURL)/")
        try await page.wait("document.querySelector('#integrations li')")
        try await page.type("github", into: "#find")
        try await page.press("#integrations li:not([hidden]) summary")
        try await page.wait(
            "document.querySelector('#integrations li:not([hidden]) .registration').checkVisibility()")
        let text = try await page.text()
        for part in [
            server.callbackURL("github"), "SYMBOLON_INTEGRATIONS_GITHUB_CLIENT_ID=",
            "SYMBOLON_INTEGRATIONS_GITHUB_CLIENT_SECRET=",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        try await look(at: page, "registration", view)
        browser.stop()
        await server.stop()
    }

    @Test func `template parameters are asked for, and held to their pattern`() async throws {
        let folder = try TemporaryFolder()
        let catalog = try folder.write(
            """
            integrations:
              shop:
                label: A shop
                documentation: https://shop.example/docs
                authorization_endpoint: "https://{shop}.shop.example/authorize"
                token_endpoint: "https://{shop}.shop.example/token"
                parameters: {shop: {label: Your shop's name, pattern: "[a-z]{2,12}"}}
            """, to: "catalog.yaml")
        let server = try await SymbolonServer.start(environment: [
            "SYMBOLON_CATALOG": catalog, "SYMBOLON_INTEGRATIONS_SHOP_CLIENT_ID": "a",
            "SYMBOLON_INTEGRATIONS_SHOP_CLIENT_SECRET": "b",
        ])
        let browser = try Chromium.start(.phone)
        let page = try await browser.open("\(server.baseURL)/")
        try await page.wait("document.querySelector('#integrations li')")
        try await page.type("a shop", into: "#find")
        try await page.press("#integrations li:not([hidden]) summary")
        try await look(at: page, "parameters", browser.view)
        let connect = "#integrations li:not([hidden]) button[value=popup]"
        for refused in ["", "evil.example/", "UPPER"] {
            try await page.type(refused, into: "#param-shop-shop")
            try await page.press(connect)
            #expect(
                try await page.value("document.getElementById('flow').hidden", as: Bool.self), "\(refused)")
        }
        try await page.type("quince", into: "#param-shop-shop")
        try await page.press(connect)
        try await page.wait("document.querySelectorAll('#steps > li').length === 4")
        let steps: String = try await page.value("document.getElementById('steps').textContent")
        for part in ["quince.shop.example", "parameter shop"] { #expect(steps.contains(part), "\(part)") }
        browser.stop()
        await server.stop()
    }

    @Test(arguments: [Chromium.View.phone, .wideDark])
    func
        `all integrations are found by name and category, each with its letter or picture and its categories`(
            _ view: Chromium.View
        ) async throws
    {
        let folder = try TemporaryFolder()
        let picture = try folder.write(
            #"<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle cx="20" cy="20" r="20"/></svg>"#,
            to: "logo.svg")
        let name = "SYMBOLON_INTEGRATIONS_HUBSPOT_"
        let server = try await SymbolonServer.start(environment: [
            name + "CLIENT_ID": "client", name + "CLIENT_SECRET": "a-secret-for-tests",
            name + "LOGO": picture,
        ])
        let browser = try Chromium.start(view)
        let page = try await browser.open("\(server.baseURL)/")
        try await page.wait("document.querySelectorAll('#integrations > li').length > 250")
        func entry(_ id: String, _ part: String) -> String {
            "[...document.querySelectorAll('#integrations > li')].find((entry) => "
                + "entry.querySelector('code').textContent === '\(id)').querySelector('\(part)')"
        }
        #expect(try await page.value("\(entry("pipedrive", ".sign")).textContent", as: String.self) == "P")
        try await page.wait("\(entry("hubspot", ".picture")).naturalWidth === 40")
        let categories: String = try await page.value("\(entry("hubspot", ".names")).textContent")
        #expect(categories.contains("CRM"))
        let shown =
            "[...document.querySelectorAll('#integrations > li:not([hidden]) code')].map((id) => id.textContent)"
        let all: Int = try await page.value("\(shown).length")
        for (words, category, isFound) in [
            ("HubSp", "", true), ("hubspot", "music", false), ("hubspot", "crm", true),
        ] {
            try await page.type(words, into: "#find")
            try await page.type(category, into: "#category")
            let ids: [String] = try await page.value(shown)
            #expect(ids.contains("hubspot") == isFound && ids.count < 5, "\(words), \(category): \(ids)")
        }
        try await page.type("", into: "#find")
        let crm: [String] = try await page.value(shown)
        #expect(crm.contains("pipedrive") && !crm.contains("github") && crm.count < all)
        try await look(at: page, "categories", view, usesAxe: true)
        browser.stop()
        await server.stop()
    }

    private func logIn(_ provider: ChromiumTab, answer: String) async throws {
        for (field, text) in [
            ("login", CanailleServer.User.ada.name), ("password", CanailleServer.User.ada.password),
        ] {
            try await provider.type(text, into: "[name=\(field)]")
            try await provider.run("document.querySelector('[name=\(field)]').form.requestSubmit()")
        }
        try await provider.press("button[name=answer][value=\(answer)]")
    }

    @Test func `in production the page asks for an API key, and keeps it nowhere`() async throws {
        let port = try LoopbackPort.free()
        let client = CanailleServer.Client.post
        let canaille = try await CanailleServer.start(
            redirectURIs: [SymbolonServer.callbackURL("canaille", port: port)])
        let deployment = try await ConfigurationTests.Deployment(port: port) { settings in
            settings["public_url"] = "http://127.0.0.1:\(port)"
            settings["catalog"] = "[catalog.yaml]"
            settings["providers"] = "{allow_insecure_loopback: true, allow_private_addresses: true}"
            settings["integrations"] = """
                {canaille: {client_id: \(client.id), client_secret_file: canaille-secret, \
                authorization_endpoint: "\(canaille.authorizationEndpoint)", \
                token_endpoint: "\(canaille.tokenEndpoint)"}}
                """
        }
        try deployment.folder.write(client.secret, to: "canaille-secret")
        try deployment.folder.write(
            """
            integrations:
              canaille:
                inherits: generic
                label: Canaille
                documentation: https://canaille.readthedocs.io
                token: {authentication: client_secret_post}
                default_scopes: [openid, profile]
            """, to: "catalog.yaml")
        let process = try await deployment.start()
        let browser = try Chromium.start(.phone)
        let page = try await browser.open("http://127.0.0.1:\(port)/try")
        try await page.wait("document.getElementById('key').checkVisibility()")
        try await look(at: page, "key", browser.view)
        try await page.type("sym_wrong", into: "#key-text")
        try await page.press("#key-form button")
        try await page.wait("document.getElementById('key-problem').textContent !== ''")
        #expect(try await page.value("document.querySelector('#integrations li') === null", as: Bool.self))
        try await page.type(deployment.apiKey, into: "#key-text")
        try await page.press("#key-form button")
        try await page.press(Self.connect)
        let popup = try await browser.tab(canaille.issuer)
        try await logIn(popup, answer: "accept")
        try await popup.wait("document.title.startsWith('Connected')")
        try await look(at: popup, "result", browser.view, usesAxe: true)
        try await page.wait(Self.isOver)
        #expect(
            try await titles(page) == Self.connectedTitles.prefix(4) + Self.connectedTitles.suffix(2))
        try await look(at: page, "production", browser.view)
        let kept =
            "JSON.stringify([localStorage.length, sessionStorage.length, document.cookie, location.href])"
        #expect(try await page.value(kept, as: String.self) == "[0,0,\"\",\"http://127.0.0.1:\(port)/try\"]")
        let holds = "[...document.querySelectorAll('input')].some((input) => input.value.startsWith('sym_'))"
        #expect(try await !page.value(holds, as: Bool.self))
        try await page.open("http://127.0.0.1:\(port)/try")
        try await page.wait("document.getElementById('key').checkVisibility()")
        browser.stop()
        await process.stop()
        await canaille.stop()
    }

    @Test(arguments: [Chromium.View.wide, .phoneDark])
    func `the pages that end a flow are of the same design`(_ view: Chromium.View) async throws {
        let server = try await SymbolonServer.start()
        let browser = try Chromium.start(view)
        let callback = server.callbackURL("sandbox")
        let failed = try await browser.open("\(callback)?code=x&state=AAAA")
        try await look(at: failed, "invalid-state", view, usesAxe: true)
        let titles = [
            "de": "Dieser Link funktioniert nicht", "es": "Este enlace no funciona",
            "fr": "Ce lien ne fonctionne pas", "ja": "このリンクは使えません",
        ]
        for (language, title) in titles {
            try await failed.prefer(language)
            try await failed.open("\(callback)?code=x&state=AAAA&lang=en")
            #expect(try await failed.value("document.title", as: String.self) == "\(title) – Symbolon")
            #expect(try await failed.value("document.documentElement.lang", as: String.self) == language)
            try await look(at: failed, "invalid-state-\(language)", view, usesAxe: true)
        }
        let answer = try await server.send(
            .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "sandbox"}"#, key: server.apiKey())
        let page = try await browser.open(answer.decoded(as: ConnectStage.Initiated.self).auth_url)
        try await page.press("button[value=allow]")
        try await page.wait("document.title.startsWith('Connected')")
        try await look(at: page, "result", view, usesAxe: true)
        browser.stop()
        await server.stop()
    }

    @Test func `the keyboard reaches all of it, and one sees where it is`() async throws {
        let server = try await SymbolonServer.start()
        let browser = try Chromium.start()
        let page = try await browser.open("\(server.baseURL)/")
        try await page.wait("document.querySelector('#integrations li')")
        let stops = try await page.tabStops(8)
        #expect(stops.map(\.name).first == "find")
        let unseen = stops.filter { !$0.isVisible }.map(\.name)
        #expect(unseen == [])
        let names = stops.map(\.name)
        #expect(names.contains("Connect Sandbox"))
        // Enter on the button, and the rest as with a mouse.
        try await page.run("document.querySelector('\(Self.connect)').focus()")
        try await page.key("Enter")
        try await browser.tab("\(server.baseURL)/sandbox/authorize").press("button[value=allow]")
        try await page.wait(Self.isOver)
        let said: String = try await page.value("document.querySelector('[role=status]').textContent")
        #expect(said == "Step 9: The app looks for itself.")
        browser.stop()
        await server.stop()
    }

    @Test func `S34 what a stranger writes into the page's address changes nothing`() async throws {
        let server = try await SymbolonServer.start()
        let browser = try Chromium.start()
        let page = try await browser.open("\(server.baseURL)/")
        try await page.press(Self.connect)
        let consent = try await browser.tab("\(server.baseURL)/sandbox/authorize")
        for flowID in ["AAAAAAAAAAAAAAAAAAAAAA", "x<script>"] {
            let forged = try await browser.open(
                "\(server.baseURL)/?status=success&connection_id=conn_forged&flow_id=\(flowID)")
            try await forged.wait("!document.getElementById('returned').hidden")
            #expect(try await forged.text().contains("conn_forged") == false)
        }
        // What the page hears of its own flow comes after what it was told of the forged ones.
        try await consent.press("button[value=allow]")
        try await page.wait(Self.isOver)
        #expect(try await titles(page) == Self.connectedTitles)
        #expect(try await !page.text().contains("conn_forged"))
        browser.stop()
        await server.stop()
    }

    @Test func `S31 a foreign opener hears nothing`() async throws {
        let server = try await SymbolonServer.start()
        let app = try await AppListener.start()
        let browser = try Chromium.start()
        let foreign = try await browser.open(app.redirectURI)
        try await foreign.run(
            """
            window.heard = [];
            window.addEventListener('message', ({ data }) => heard.push(data));
            new BroadcastChannel('symbolon').onmessage = ({ data }) => heard.push(data);
            window.open('\(server.baseURL)/?status=success&connection_id=conn_1&flow_id=AAAAAAAAAAAAAAAAAAAAAA')
            """)
        try await browser.tab("\(server.baseURL)/").wait("!document.getElementById('returned').hidden")
        // Of what is heard, this is the last.
        try await foreign.run("postMessage('last', '*')")
        try await foreign.wait("heard.includes('last')")
        #expect(try await foreign.value("heard", as: [String].self) == ["last"])
        browser.stop()
        try await app.stop()
        await server.stop()
    }

    @Test func `S12 a state shows its flow to nobody without a credential`() async throws {
        let server = try await SymbolonServer.start()
        let initiated = try await server.send(
            .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "sandbox"}"#, key: server.apiKey())
        let state = try initiated.decoded(as: ConnectStage.Initiated.self).state
        for key in [nil, "sym_wrong"] {
            let answer = try await server.send(.POST, "/development/flow", json: state, key: key)
            #expect(answer.status == 401)
        }
        let opened = try await server.send(.POST, "/development/flow", json: state, key: server.apiKey())
        #expect(opened.status == 200 && opened.body.contains(#""steps":[]"#))
        for forged in ["", "AAAA", String(state.dropLast()) + (state.hasSuffix("A") ? "B" : "A")] {
            let answer = try await server.send(.POST, "/development/flow", json: forged, key: server.apiKey())
            #expect(answer.status == 400, "\(forged)")
        }
        await server.stop()
    }

    @Test func `the page's own key begins flows and opens no tokens`() async throws {
        let server = try await SymbolonServer.start()
        let html = try await server.send(.GET, "/").body
        let key = String(try #require(html.firstMatch(of: /data-key="(sym_[^"]+)"/)).1)
        #expect(try key != server.apiKey())
        #expect(try await server.send(.GET, "/api/v1/connections", key: key).status == 200)
        for (path, method) in [
            ("connections/conn_AAAAAAAAAAAAAAAAAAAAAA/token", HTTPMethod.GET),
            ("connections/conn_AAAAAAAAAAAAAAAAAAAAAA?include_credentials=true", .GET),
            ("connections/conn_AAAAAAAAAAAAAAAAAAAAAA", .DELETE),
            ("oauth/refresh/conn_AAAAAAAAAAAAAAAAAAAAAA", .POST),
        ] {
            let answer = try await server.send(method, "/api/v1/\(path)", key: key)
            #expect(answer.status == 403, "\(path)")
        }
        // A start later it is another one, and the file of keys does not have it.
        #expect(try !server.folder.read(".symbolon/api-keys.json").contains("the page"))
        await server.stop()
    }
}
