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
            pages.home(home(keyFile: ".symbolon/api-key")),
        ]
    }

    private func home(keyFile: String, pageKey: String = "sym_k") -> HomePage {
        HomePage(
            development: HomePage.Development(
                pageKey: pageKey, keyFile: keyFile, publicURL: "http://127.0.0.1:8080"))
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
            let isHome = html.contains("id=\"home\"")
            #expect(body.components(separatedBy: "<script").count == (isHome ? 2 : 1))
            #expect(body.contains("<form") == isHome)
            let style = html.components(separatedBy: "</style>").first ?? ""
            #expect(!style.contains("url(") && !style.contains("@import"))
        }
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
    func `the home page's links stay under the public URL's path`(_ path: String) {
        let html = pages.home(HomePage(path: path)).html
        #expect(html.contains("data-path=\"\(path)\""))
        for link in html.matches(of: /href="([^"]*)"/) { #expect(link.output.1.hasPrefix("\(path)/")) }
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
