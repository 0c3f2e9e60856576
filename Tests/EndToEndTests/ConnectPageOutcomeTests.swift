import Foundation
import TestSupport
import Testing

/// How a flow may end for the connect page, other than well or with an error.
@Suite("What the connect page says of a flow that did not end", .timeLimit(.minutes(3)))
struct ConnectPageOutcomeTests {
    private func isShown(_ id: String) -> String { "document.getElementById('\(id)').checkVisibility()" }

    private func words(_ page: ChromiumTab) async throws -> [String] {
        try await page.value(
            "['one-title', 'one-words'].map((id) => document.getElementById(id).textContent)")
    }

    /// Opens a session's page from an app's page, as the client for apps does, and begins a flow in it.
    private func begin(
        _ permissions: [String], _ stage: ConnectPageStage, _ app: AppListener, _ browser: Chromium
    ) async throws -> (opener: ChromiumTab, page: ChromiumTab, flow: ChromiumTab) {
        let opener = try await browser.open("\(app.origin)/")
        let url = try await stage.connectURL(permissions)
        try await opener.run(
            """
            window.heard = [];
            import('\(stage.baseURL)/connect/symbolon.js').then(({ open }) => open({
                connectURL: '\(url)', onConnected: () => heard.push('connected'),
                onError: () => heard.push('error'), onClosed: () => heard.push('closed'),
            }))
            """)
        let page = try await browser.tab("\(stage.baseURL)/connect/wsp_1")
        try await page.press("button[data-id=long]")
        return (opener, page, try await browser.tab(stage.provider.url))
    }

    private func look(at page: ChromiumTab, _ name: String) async throws {
        let flaws = try await page.flaws() + page.violations() + page.axeViolations()
        #expect(flaws == [], "\(name)")
        try await page.keepPicture("connect-\(name)")
    }

    @Test(arguments: [true, false])
    func `a window that was closed means not connected, or unknown to a session that reads nothing`(
        _ mayRead: Bool
    ) async throws {
        let app = try await AppListener.start()
        let stage = try await ConnectPageStage(origins: [app.origin])
        let browser = try Chromium.start(.phone)
        let (opener, page, flow) = try await begin(
            mayRead ? ["initiate", "read"] : ["initiate"], stage, app, browser)
        try await stage.finish(flow)
        try await flow.wait("document.title.startsWith('Connected')")
        if mayRead {
            try await page.wait(isShown("more"))
            try await opener.wait("heard[0] === 'connected'")
            try await page.press("#more")
            try await page.press("button[data-id=long]")
            try await browser.tab(stage.provider.url).run("window.close()")
        } else {
            // It is connected, and this page cannot know.
            #expect(try await page.value(isShown("one-waits"), as: Bool.self))
            try await flow.run("window.close()")
        }
        try await page.wait(isShown("again"))
        #expect(
            try await words(page)
                == (mayRead
                    ? [
                        "Long codes is not connected yet",
                        "The window is closed. If you did not finish there, try again.",
                    ]
                    : [
                        "Sign in to Long codes",
                        "The window is closed. Go back to where you came from to see whether Long codes is connected.",
                    ]))
        try await look(at: page, mayRead ? "closed" : "closed-unread")
        // Neither is an error, and the app is told when its page is gone.
        try await page.run("window.close()")
        try await opener.wait("heard.at(-1) === 'closed'")
        #expect(
            try await opener.value("heard", as: [String].self)
                == (mayRead ? ["connected", "closed"] : ["closed"]))
        browser.stop()
        await stage.stop()
        try await app.stop()
    }

    @Test(arguments: [true, false])
    func `after a quarter of an hour the page stops looking, and another try begins another flow`(
        _ mayRead: Bool
    ) async throws {
        let app = try await AppListener.start()
        let stage = try await ConnectPageStage(origins: [app.origin])
        let browser = try Chromium.start(.phoneDark)
        let (opener, page, flow) = try await begin(
            mayRead ? ["initiate", "read"] : ["initiate"], stage, app, browser)
        let state = FormEncoding.query(of: try await flow.url())["state"]
        try await page.run("const now = Date.now; Date.now = () => now() + 15 * 60 * 1000 + 1")
        try await page.wait(isShown("again"))
        #expect(
            try await words(page)
                == (mayRead
                    ? ["Long codes is not connected yet", "This took too long. Try again."]
                    : [
                        "Sign in to Long codes",
                        "This took too long. Go back to where you came from to see whether Long codes is connected.",
                    ]))
        #expect(try await page.value("document.activeElement.id", as: String.self) == "one-title")
        try await look(at: page, mayRead ? "late" : "late-unread")
        try await page.press("#again")
        #expect(try await words(page)[0] == "Sign in to Long codes")
        // The window of the flow before stays where it is the provider's, which no page of ours can close.
        var states: [String?] = []
        for _ in 0..<200 where !states.contains(where: { $0 != state }) {
            try await Task.sleep(for: .milliseconds(50))
            states = try await browser.urls().filter { $0.hasPrefix(stage.provider.url) }
                .map { FormEncoding.query(of: $0)["state"] }
        }
        #expect(states.contains { $0 != state })
        #expect(try await opener.value("heard.length", as: Int.self) == 0)
        browser.stop()
        await stage.stop()
        try await app.stop()
    }
}
