import Foundation
import Testing

@testable import ConnectPages

@Suite("Pages") struct PagesTests {
    let pages: Pages

    init() throws { pages = try Pages() }

    private var all: [Page] {
        [
            pages.connected(integrationLabel: "Gmail", connectionID: "conn_1"),
            pages.failed(title: "T", detail: "D", errorCode: "invalid_state", canRestart: true),
            pages.failed(title: "T", detail: "D", errorCode: "flow_finished", canRestart: false),
            pages.working(), pages.storeUnavailable(), pages.home(HomePage()),
            pages.home(home(keyFile: ".symbolon/api-key")), pages.console(ConsolePage()),
            pages.console(console(keyFile: ".symbolon/api-key")),
        ]
    }

    private func home(keyFile: String, pageKey: String = "sym_k") -> HomePage {
        HomePage(development: development(keyFile: keyFile, pageKey: pageKey))
    }

    private func console(keyFile: String, pageKey: String = "sym_k") -> ConsolePage {
        ConsolePage(development: development(keyFile: keyFile, pageKey: pageKey))
    }

    private func development(keyFile: String, pageKey: String) -> HomePage.Development {
        HomePage.Development(pageKey: pageKey, keyFile: keyFile, publicURL: "http://127.0.0.1:8080")
    }

    @Test func `every page has a language, a title, a main part and one heading, and at most the one script`()
    {
        for page in all {
            let html = page.html
            #expect(html.hasPrefix("<!doctype html>\n<html lang=\"en\">"))
            #expect(html.contains("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"))
            for element in ["<title>", "<h1>", "<main>", "<style>"] {
                #expect(html.components(separatedBy: element).count == 2, "\(element)")
            }
            let body = html.components(separatedBy: "</style>").last ?? ""
            for forbidden in ["javascript:", " style=", " src=", "<link", " onclick", "{{", "}}"] {
                #expect(!body.contains(forbidden), "\(forbidden)")
            }
            let hasScript = html.contains("id=\"home\"") || html.contains("id=\"console\"")
            #expect(body.components(separatedBy: "<script").count == (hasScript ? 2 : 1))
            #expect(body.contains("<form") == hasScript)
            let style = html.components(separatedBy: "</style>").first ?? ""
            #expect(!style.contains("url(") && !style.contains("@import"))
        }
    }

    @Test func `an error code links to its section where one is published, and to nothing where none is`()
        throws
    {
        let linking = try Pages(documentation: ErrorDocumentation(siteURL: "https://docs.example.com/a&b"))
        func failed(_ pages: Pages) -> String {
            pages.failed(title: "T", detail: "D", errorCode: "invalid_state", canRestart: true).html
        }
        #expect(failed(pages).contains("<dd><code>invalid_state</code></dd>"))
        #expect(!failed(pages).contains("<a "))
        let link =
            #"<a href="https://docs.example.com/a&amp;b/documentation/connectapi/errors#invalidstate">"#
            + "<code>invalid_state</code></a>"
        #expect(failed(linking) == failed(pages).replacing("<code>invalid_state</code>", with: link))
        #expect(linking.storeUnavailable().html.contains("/errors#storeunavailable\""))
        #expect(linking.providerUnreachable().html.contains("/errors#providerunreachable\""))
        #expect(
            !linking.connected(integrationLabel: "Gmail", connectionID: "conn_1").html.contains(
                "docs.example.com"))
    }

    @Test func `the pages of a flow are in the reader's language, and in its app's name`() {
        for language in pages.languages {
            let frame = PageFrame(language, look: AppTheme(app: "Acme & Co"))
            let written = [
                pages.connected(integrationLabel: "Gmail", connectionID: "conn_1", in: frame),
                pages.failed(
                    title: .notConnected, detail: .failureDenied, errorCode: "access_denied",
                    canRestart: true, in: frame),
                pages.working(in: frame), pages.providerUnreachable(in: frame),
                pages.storeUnavailable(in: frame),
            ]
            let titles: [FlowText] = [.connected, .notConnected, .working, .moment, .moment]
            for (page, title) in zip(written, titles) {
                #expect(page.language == language.code)
                #expect(page.html.hasPrefix("<!doctype html>\n<html lang=\"\(language.code)\">"))
                let heading = HTMLText().escapeText(language[title])
                #expect(page.html.contains("<h1>\(heading)</h1>"))
                #expect(page.html.contains("<title>\(heading) – Acme &amp; Co</title>"))
                #expect(!page.html.contains("Symbolon"))
            }
        }
    }

    @Test func `an app without a name and a picture leaves the page ours`() {
        let page = pages.working(in: PageFrame(pages.languages[0], look: AppTheme(accent: "#1a5fb4")))
        #expect(page.html.contains("– Symbolon</title>") && page.html.contains("<span>Symbolon</span>"))
    }

    @Test(arguments: hostileTexts)
    func `S14 an app's name in a page's frame stays text`(_ text: String) {
        func page(_ app: String) -> Page {
            pages.working(in: PageFrame(pages.languages[0], look: AppTheme(app: app)))
        }
        #expect(!hasOtherMarkup(page(text), than: page("x")))
    }

    @Test(arguments: hostileTexts)
    func `S14 what is put into a page stays text`(_ text: String) {
        let plain = "x"
        let pairs = [
            (
                pages.connected(integrationLabel: text, connectionID: text),
                pages.connected(integrationLabel: plain, connectionID: plain)
            ),
            (
                pages.failed(title: text, detail: text, errorCode: text, canRestart: true),
                pages.failed(title: plain, detail: plain, errorCode: plain, canRestart: true)
            ),
        ]
        for (page, template) in pairs {
            #expect(!hasOtherMarkup(page, than: template))
        }
    }

    @Test func `text beyond ASCII comes through`() {
        let page = pages.connected(integrationLabel: "Ünïcødé 漢字 👩‍👩‍👧", connectionID: "c")
        #expect(page.html.contains("Ünïcødé 漢字 👩‍👩‍👧"))
    }

    @Test func `only the pages that wait look again`() {
        let refreshing = all.filter { $0.html.contains("http-equiv=\"refresh\" content=\"3\"") }
        #expect(refreshing == [pages.working(), pages.storeUnavailable()])
        #expect(all.filter { $0.refreshSeconds == 3 } == refreshing)
    }

    @Test func `a failure tells its code, and whether to start again`() {
        let restart = pages.failed(title: "T", detail: "D", errorCode: "state_expired", canRestart: true)
        let over = pages.failed(title: "T", detail: "D", errorCode: "state_expired", canRestart: false)
        #expect(restart.html.contains("<code>state_expired</code>"))
        #expect(restart.html.contains("start again"))
        #expect(!over.html.contains("start again"))
    }

    @Test(arguments: hostileTexts)
    func `S14 the home page's own values stay text`(_ text: String) {
        // A quoted word of the shell adds its own marks, the same for both.
        let page = pages.home(home(keyFile: text + "'", pageKey: text))
        let escaped = HTMLText().escapeText(text)
        #expect(page.html.contains("data-key=\"\(escaped)\""))
        for mark in "<>\"".utf8 {
            let plain = pages.home(home(keyFile: "x'", pageKey: "x"))
            #expect(page.html.utf8.count { $0 == mark } == plain.html.utf8.count { $0 == mark })
        }
    }

    @Test(arguments: hostileTexts)
    func `S14 the console's own values stay text`(_ text: String) {
        let page = pages.console(console(keyFile: text, pageKey: text))
        #expect(page.html.contains("data-key=\"\(HTMLText().escapeText(text))\""))
        // What is no plain word gets the shell's marks, and those are escaped like all else.
        let plain = pages.console(console(keyFile: "x", pageKey: "x"))
        for mark in "<>\"".utf8 {
            #expect(page.html.utf8.count { $0 == mark } == plain.html.utf8.count { $0 == mark })
        }
    }

    @Test
    func `S15 the console's script is the one that its policy names, and it stores and marks up nothing`()
        throws
    {
        let html = pages.console(ConsolePage()).html
        #expect(!html.contains("data-key=\""))
        let start = try #require(html.range(of: "<script type=\"module\">"))
        let end = try #require(html.range(of: "</script>"))
        let script = String(html[start.upperBound..<end.lowerBound])
        #expect(ContentHash.source(of: script) == ConsoleScript.hash)
        for forbidden in [
            "innerHTML", "outerHTML", "insertAdjacent", "eval(", "localStorage", "sessionStorage",
            "document.cookie",
            "postMessage", "document.write",
        ] {
            #expect(!script.contains(forbidden), "\(forbidden)")
        }
    }

    @Test func `in production the home page holds no key`() {
        let html = pages.home(HomePage()).html
        #expect(html.contains("<div id=\"home\" data-path=\"\">"))
        #expect(!html.contains("sym_k") && !html.contains("data-key="))
        #expect(pages.home(home(keyFile: "k")).html.contains("data-key=\"sym_k\""))
    }

    @Test func `S31 the script sends nothing to an opener, and nothing as markup`() {
        let script = HomeScript.text
        for forbidden in [
            "opener.", "postMessage(told, ", "innerHTML", "insertAdjacent", "eval(", "localStorage",
        ] {
            #expect(!script.contains(forbidden), "\(forbidden)")
        }
        #expect(script.contains("popup.opener = null"))
    }

    @Test func `the documentation's picture is the page's, with the page's style`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/ConnectAPI/ConnectAPI.docc/Resources/flow.svg")
        let picture = try String(contentsOf: file, encoding: .utf8)
        let drawing = EmbeddedFile.flow_svg.text.split(separator: "\n").dropFirst().joined(separator: "\n")
        #expect(picture.hasSuffix("\n\(drawing)\n"))
        #expect(picture.contains("<style>\n") && picture.contains("\n\(EmbeddedFile.flow_css.text)</style>"))
    }

    @Test func `S15 the home page's script is the one that its policy names`() throws {
        let html = pages.home(HomePage()).html
        let start = try #require(html.range(of: "<script type=\"module\">"))
        let end = try #require(html.range(of: "</script>"))
        #expect(ContentHash.source(of: String(html[start.upperBound..<end.lowerBound])) == HomeScript.hash)
    }

    @Test(arguments: ["", "/connect", "/a/b"])
    func `the links of home page and console stay under the public URL's path`(_ path: String) {
        for page in [pages.home(HomePage(path: path)), pages.console(ConsolePage(path: path))] {
            #expect(page.html.contains("data-path=\"\(path)\""))
            for link in page.html.matches(of: /href="([^"]*)"/) where !link.output.1.hasPrefix("#") {
                #expect(link.output.1.hasPrefix("\(path)/"))
            }
        }
    }

    @Test(arguments: [
        (".symbolon/api-key", "cat .symbolon/api-key)"),
        ("/home/a b/api-key", "cat '/home/a b/api-key')"),
        ("/home/$(id)/it's", #"cat '/home/$(id)/it'\''s')"#),
    ])
    func `the shell takes the key's file for one word`(_ path: String, _ word: String) {
        #expect(home(keyFile: path).development?.initiateCommand.contains(word) == true)
    }

    @Test(arguments: ["{{name", "{{#open}}", "{{% CONTENT_TYPE: NONE}}"])
    func `a template that does not parse is refused when the process starts`(_ text: String) {
        #expect(throws: PageError.self) { try Pages([PageTemplate("broken", text)]) }
    }
}
