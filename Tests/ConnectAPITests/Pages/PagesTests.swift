import Foundation
import Testing

@testable import ConnectAPI

@Suite("Pages") struct PagesTests {
    let pages: Pages

    init() throws { pages = try Pages() }

    private var all: [Page] {
        [
            pages.connected(integrationLabel: "Gmail", connectionID: "conn_1"),
            pages.failed(title: "T", detail: "D", errorCode: "invalid_state", canRestart: true),
            pages.failed(title: "T", detail: "D", errorCode: "flow_finished", canRestart: false),
            pages.working(), pages.storeUnavailable(),
            pages.home(home(label: "Gmail")),
        ]
    }

    private func home(label: String, id: String = "gmail", apiKeyFile: String = ".symbolon/api-key")
        -> HomePage
    {
        HomePage(
            publicURL: "http://127.0.0.1:8080", apiKeyFile: apiKeyFile,
            integrations: [
                HomePage.Integration(id: id, label: label, isConfigured: true),
                HomePage.Integration(id: id, label: label, isConfigured: false),
            ])
    }

    @Test func `every page has a language, a title, a main part and one heading, and no script`() {
        for page in all {
            let html = page.html
            #expect(html.hasPrefix("<!doctype html>\n<html lang=\"en\">"))
            #expect(html.contains("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"))
            for element in ["<title>", "<h1>", "<main>", "<style>"] {
                #expect(html.components(separatedBy: element).count == 2, "\(element)")
            }
            let body = html.components(separatedBy: "</style>").last ?? ""
            for forbidden in ["<script", "javascript:", " style=", " src=", "<link", "<form", "{{", "}}"] {
                #expect(!body.contains(forbidden), "\(forbidden)")
            }
            #expect(!html.contains("url(") && !html.contains("@import"))
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
            (pages.home(home(label: text, id: text)), pages.home(home(label: plain, id: plain))),
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

    @Test func `the home page tells the integrations apart`() throws {
        let page = HomePage(
            publicURL: "http://127.0.0.1:8080", apiKeyFile: "k",
            integrations: [HomePage.Integration(id: "sandbox", label: "Sandbox", isConfigured: true)])
        let html = pages.home(page).html
        #expect(html.contains("Ready to use"))
        #expect(html.contains("<code>sandbox</code>"))
        #expect(!html.contains("Not configured"))
    }

    @Test(arguments: [
        (".symbolon/api-key", "cat .symbolon/api-key)"),
        ("/home/a b/api-key", "cat '/home/a b/api-key')"),
        ("/home/$(id)/it's", #"cat '/home/$(id)/it'\''s')"#),
    ])
    func `the shell takes the key's file for one word`(_ path: String, _ word: String) {
        #expect(home(label: "l", apiKeyFile: path).initiateCommand.contains(word))
    }

    @Test(arguments: ["{{name", "{{#open}}", "{{% CONTENT_TYPE: NONE}}"])
    func `a template that does not parse is refused when the process starts`(_ text: String) {
        #expect(throws: PageError.self) { try Pages([PageTemplate("broken", text)]) }
    }
}
