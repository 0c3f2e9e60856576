import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// The connect page for a person without a mouse: every step is a key, and every change is said.
@Suite("The connect page by keyboard", .timeLimit(.minutes(3))) struct ConnectPageKeyboardTests {
    private static let words = "Your realm"

    /// Five entries, so that there is something to search, and one of them asks for a parameter.
    private static let catalog =
        [
            "realm": """
              realm:
                label: Realm
                documentation: https://www.rfc-editor.org/rfc/rfc6749
                authorization_endpoint: "PROVIDER/{realm}/authorize"
                token_endpoint: "PROVIDER/{realm}/token"
                about: {categories: [identity]}
                parameters:
                  realm: {kind: segment, label: \(words), example: main, pattern: "[a-z]{2,12}"}
            """
        ].merging(["ada", "bob", "cleo", "dan"].map { ($0, entry($0)) }, uniquingKeysWith: { $1 })

    private static func entry(_ name: String) -> String {
        """
          \(name):
            label: \(name.capitalized)
            documentation: https://www.rfc-editor.org/rfc/rfc6749
            authorization_endpoint: PROVIDER/authorize
            token_endpoint: PROVIDER/token
        """
    }

    private func isShown(_ id: String) -> String { "document.getElementById('\(id)').checkVisibility()" }

    /// Opens a session's page in which the user may do everything, and listens to it.
    private func open(_ stage: ConnectPageStage, _ browser: Chromium) async throws -> ChromiumTab {
        let url = try await stage.connectURL(
            ["initiate", "read", "admin"], #", "user_label": "Ada", "disconnect": true"#)
        let page = try await browser.open(url)
        try await page.wait("document.querySelectorAll('#integrations li').length === 6")
        try await page.listen()
        return page
    }

    /// Answers our page in the other window, by keyboard, too.
    private func confirm(_ flow: ChromiumTab, _ stage: ConnectPageStage) async throws {
        try await stage.finish(flow, "realm", asks: false)
        try await flow.wait(
            "getComputedStyle(document.querySelector('button[value=yes]')).visibility === 'visible'")
        try await flow.tab(to: "button[value=yes]")
        try await flow.key("Enter")
    }

    @Test func `keys alone find a service, mend the form, connect and disconnect`() async throws {
        let stage = try await ConnectPageStage(catalog: Self.catalog)
        let browser = try Chromium.start()
        let page = try await open(stage, browser)

        // The list.
        try await page.tab(to: "#find")
        #expect(try await page.focused().name == "Search")
        try await page.keys("realm")
        #expect(try await page.spoken().last == "1 service")
        try await page.tab(to: "button[data-id=realm]", within: 2)
        #expect(try await page.focused().name == "Realm")
        try await page.key("Enter")

        // The form.
        #expect(try await page.isFocused("#one-title"))
        try await page.tab(to: "#field-realm", within: 1)
        let asked = try await page.focused()
        #expect(asked.role == "textbox" && asked.name == Self.words && !asked.isInvalid)
        #expect(asked.description == "For example: main")
        _ = try await page.spoken()
        for (text, problem) in [
            ("", "Please fill this in."),
            ("NO 1", "This does not look right. It should look like this: main"),
        ] {
            try await page.keys(text)
            try await page.key("Enter")
            // The focus never left the field, so that nothing says what is wrong but a live region.
            let wrong = try await page.focused()
            #expect(try await page.isFocused("#field-realm"))
            #expect(wrong.isInvalid && wrong.description == "For example: main \(problem)")
            #expect(try await page.spoken().contains(problem))
        }
        for _ in 0..<4 { try await page.key("Backspace") }
        try await page.keys("main")
        try await page.key("Enter")

        // The other window, and the result.
        let flow = try await browser.tab("\(stage.provider.url)/main/authorize")
        #expect(try await page.spoken().contains { $0.hasPrefix("A window has opened") })
        try await confirm(flow, stage)
        try await page.wait(isShown("more"))
        #expect(try await page.isFocused("#one-title"))
        #expect(try await page.focused().name == "Realm is connected")
        #expect(try await page.spoken().last?.contains("You can use it") == true)
        try await page.tab(to: "#more", within: 2)
        try await page.key("Enter")
        #expect(try await page.isFocused("#integrations-title"))

        try await disconnect(page)
        let list = try await stage.server.send(.GET, "/api/v1/connections", key: stage.apiKey)
        #expect(list.body == #"{"data":[],"next_cursor":null}"#)
        #expect(try await page.violations() == [])
        browser.stop()
        await stage.stop()
    }

    /// Asks twice, and says yes the second time.
    private func disconnect(_ page: ChromiumTab) async throws {
        let button = "#connection-list button[value=disconnect]"
        try await page.tab(to: button, shift: true)
        #expect(try await page.focused().name.hasPrefix("Disconnect Realm"))
        try await page.key("Enter")
        #expect(try await page.isFocused("#ask-no"))
        // Whichever way it goes, no stop is on the page behind the dialog.
        for shift in [false, true] {
            for _ in 0..<5 {
                try await page.key("Tab", shift: shift)
                #expect(
                    try await page.value(
                        "document.activeElement === document.body || document.activeElement.closest('#ask') !== null",
                        as: Bool.self))
            }
        }
        try await page.key("Escape")
        #expect(try await !page.value(isShown("ask"), as: Bool.self))
        #expect(try await page.isFocused(button))
        try await page.key("Enter")
        try await page.tab(to: "#ask-yes", shift: true, within: 2)
        _ = try await page.spoken()
        try await page.key(" ")
        try await page.wait("document.activeElement.id === 'integrations-title'")
        let said = try await page.spoken()
        #expect(said.count == 1 && said[0].hasSuffix("is disconnected."))
    }

    @Test func `the focus is never lost with the button that was pressed`() async throws {
        let stage = try await ConnectPageStage(catalog: Self.catalog)
        let browser = try Chromium.start()
        // The service is away at first.
        let page = try await browser.open("\(stage.baseURL)/healthz")
        try await page.runFirst(
            "const ask = fetch; window.away = true; window.fetch = (...all) => away ? Promise.reject(new TypeError()) : ask(...all)"
        )
        try await page.open(
            try await stage.connectURL(["initiate", "read", "admin"], #", "disconnect": true"#))
        try await page.wait(isShown("over-again"))
        #expect(try await page.isFocused("#over-title"))
        try await page.tab(to: "#over-again", within: 2)
        try await page.run("away = false")
        try await page.key("Enter")
        try await page.wait(isShown("integrations"))
        #expect(try await page.isFocused("#title"))

        // A window that stays shut, twice.
        try await page.run("window.opens = window.open; window.open = () => null")
        try await page.run("document.querySelector('button[data-id=long]').focus()")
        for _ in 0..<2 {
            try await page.key("Enter")
            try await page.wait(isShown("here"))
            #expect(try await page.isFocused("#one-title"))
            try await page.tab(to: "#again", within: 2)
        }
        // Back, to where it was.
        try await page.tab(to: "#back", shift: true, within: 2)
        try await page.key("Enter")
        #expect(try await page.isFocused("button[data-id=long]"))
        browser.stop()
        await stage.stop()
    }
}
