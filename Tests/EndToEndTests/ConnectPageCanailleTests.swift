import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// An identity provider that we did not write, from the connect page, as a user sees it in a browser.
@Suite("The connect page with canaille", .timeLimit(.minutes(3))) struct ConnectPageCanailleTests {
    private struct Session: Decodable { let connect_url: String }

    private func send(_ text: String, as field: String, _ tab: ChromiumTab) async throws {
        try await tab.type(text, into: "input[name=\(field)]")
        try await tab.run("document.querySelector('input[name=\(field)]').form.requestSubmit()")
    }

    /// The page on which the user says whose connection it is to be; its button sleeps for a second.
    private func confirm(_ browser: Chromium, _ stage: ConnectStage) async throws {
        let screen = try await browser.tab(stage.symbolon.callbackURL(stage.integrationID))
        try await screen.wait(
            "getComputedStyle(document.querySelector('button[value=yes]')).visibility === 'visible'")
        #expect(try await screen.text().contains("Ada Lovelace"))
        try await screen.press("button[value=yes]")
    }

    /// A session for one connection offers that connection, and nothing else.
    private func repair(_ id: String, in browser: Chromium, _ stage: ConnectStage) async throws {
        let session = try await stage.send(
            .POST, "/api/v1/connect/sessions",
            json: #"{"user_id": "ada", "user_label": "Ada Lovelace", "connection_id": "\#(id)"}"#
        ).decoded(as: Session.self)
        let page = try await browser.open(session.connect_url)
        try await page.press("#connection-list li[data-id=\(id)] button[value=renew]")
        #expect(try await page.value("document.getElementById('add').hidden", as: Bool.self))
        try await confirm(browser, stage)
        try await page.wait("document.getElementById('one').className === 'good'")
        #expect(try await page.value("!\(isShown("more"))", as: Bool.self))
        #expect(try await stage.connections().map(\.id) == [id])

        let gone = try await stage.send(
            .POST, "/api/v1/connect/sessions",
            json: #"{"user_id": "ada", "connection_id": "conn_AAAAAAAAAAAAAAAAAAAAAA"}"#
        ).decoded(as: Session.self)
        let nothing = try await browser.open(gone.connect_url)
        try await nothing.wait(isShown("over"))
        #expect(try await nothing.text().contains("This connection does not exist any more"))
    }

    private func isShown(_ id: String) -> String { "document.getElementById('\(id)').checkVisibility()" }

    @Test(arguments: [Chromium.View.wide, .phoneDark])
    func `a user says no, then yes, and repairs the connection`(_ view: Chromium.View) async throws {
        let stage = try await ConnectStage.start()
        // Waits until the issuer is discovered.
        _ = try await stage.initiate()
        let session = try await stage.send(
            .POST, "/api/v1/connect/sessions",
            json: #"{"user_id": "ada", "user_label": "Ada Lovelace", "integrations": ["canaille"]}"#
        ).decoded(as: Session.self)
        let browser = try Chromium.start(view)
        let page = try await browser.open(session.connect_url)
        try await page.press("button[data-id=canaille]")

        let denied = try await browser.tab(stage.canaille.issuer)
        try await send(CanailleServer.User.ada.name, as: "login", denied)
        try await send(CanailleServer.User.ada.password, as: "password", denied)
        try await denied.press("button[name=answer][value=deny]")
        #expect(try await stage.connections().isEmpty)
        // The other window said so, and is gone.
        try await page.wait(isShown("again"))
        #expect(try await page.text().contains("You did not allow it"))
        #expect(try await page.text().contains("access_denied"))
        try await eventually("the window is gone") { try await browser.urls().count == 1 }

        try await page.press("#again")
        let allowed = try await browser.tab(stage.canaille.issuer)
        try await allowed.press("button[name=answer][value=accept]")
        try await confirm(browser, stage)
        try await page.wait(isShown("more"))
        let made = try #require(try await stage.connections().first)
        #expect(made.status == "active" && made.scopes_granted.contains("email"))

        try await page.press("#more")
        // The session may not disconnect, so the page does not offer it.
        #expect(try await page.value("!document.querySelector('button[value=disconnect]')", as: Bool.self))
        try await page.press("#connection-list button[value=renew]")
        // The provider remembers what the user allowed.
        try await confirm(browser, stage)
        try await page.wait(isShown("more"))
        let renewed = try await stage.connections()
        #expect(renewed.map(\.id) == [made.id])
        #expect(renewed.first?.flow_id != made.flow_id && (renewed.first?.revision ?? 0) > made.revision)
        try await repair(made.id, in: browser, stage)
        browser.stop()
        try await stage.stop()
    }
}
