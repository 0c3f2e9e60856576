import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// The connect page inside an app's own page.
@Suite("The connect page in a frame", .timeLimit(.minutes(3))) struct ConnectPageFrameTests {
    private func isShown(_ id: String) -> String { "document.getElementById('\(id)').checkVisibility()" }

    /// What an app's page does to embed the connect page, and to keep whatever it is told.
    private func embedding(_ url: String) -> String {
        """
        window.heard = [];
        window.messages = [];
        addEventListener('message', ({ data, origin }) => messages.push([origin, data.symbolon]));
        import(new URL('/connect/symbolon.js', '\(url)').href).then(({ open }) => open({
            connectURL: '\(url)', container: document.body, title: 'Your accounts',
            onConnected: (told) => heard.push(told), onError: (told) => heard.push(told),
            onClosed: () => heard.push('closed'),
        }))
        """
    }

    @Test func `a user connects an account in a frame of the app's page, in a window that the frame opens`()
        async throws
    {
        let app = try await AppListener.start()
        // Another site than the service's, so that the frame is a third party's.
        let origin = app.origin.replacing("127.0.0.1", with: "localhost")
        let stage = try await ConnectPageStage(origins: [origin])
        let browser = try Chromium.start()
        let page = try await browser.open("\(origin)/")
        let url = try await stage.connectURL(["initiate", "read"], #", "user_label": "Ada""#)
        try await page.run(embedding(url))
        let frame = try await browser.frame("\(stage.baseURL)/connect/wsp_1")
        try await frame.wait(isShown("integrations"))
        #expect(
            try await page.value("document.querySelector('iframe').title", as: String.self) == "Your accounts"
        )
        let flaws = try await frame.axeViolations()
        #expect(flaws == [])
        try await page.keepPicture("connect-framed")

        // A window that stays shut: a frame has no tab of its own to go on in.
        try await frame.run("window.opens = window.open; window.open = () => null")
        try await frame.press("button[data-id=long]")
        try await frame.wait(isShown("again"))
        #expect(try await !frame.value(isShown("here"), as: Bool.self))
        #expect(try await frame.text().contains("Allow it to, and try again."))
        try await frame.run("window.open = opens")
        try await frame.press("#again")

        let flow = try await browser.tab(stage.provider.url)
        #expect(try await flow.value("window.opener === null", as: Bool.self))
        try await stage.finish(flow)
        try await frame.wait(isShown("done"))
        try await page.wait("heard.length === 1")
        let list = try await stage.server.send(.GET, "/api/v1/connections", key: stage.apiKey)
        let id = try #require(list.body.firstMatch(of: /"id":"(conn_[^"]+)"/)).output.1
        let told = "JSON.stringify(heard[0])"
        #expect(
            try await page.value(told, as: String.self)
                == #"{"connectionID":"\#(id)","integrationID":"long"}"#)
        try await frame.press("#done")
        try await page.wait("heard[1] === 'closed' && !document.querySelector('iframe')")
        #expect(
            try await page.value("JSON.stringify(messages)", as: String.self)
                == #"[["\#(stage.baseURL)","ready"],["\#(stage.baseURL)","connected"],["\#(stage.baseURL)","close"]]"#
        )
        #expect(try await page.url() == "\(origin)/")
        browser.stop()
        await stage.stop()
        try await app.stop()
    }

    /// A page that has `frame` in it, or, if it is within `outer`, one that has a frame of `outer` with that in it.
    private func nested(_ frame: String, in outer: String?) -> String {
        let innermost = "location.origin === '\(outer ?? "")' || !'\(outer ?? "")'"
        return """
            addEventListener('DOMContentLoaded', () => {
                // Nor where the browser says that it may not be there.
                if (location.href === '\(frame)' || location.origin === 'null') return;
                const frame = document.createElement('iframe');
                frame.src = \(innermost) ? '\(frame)' : '\(outer ?? "")/inner';
                document.body.append(frame);
            });
            """
    }

    @Test(arguments: [false, true])
    func `S31 a foreign page frames it neither itself nor around the app's own`(_ isAround: Bool) async throws
    {
        let app = try await AppListener.start()
        let other = try await AppListener.start()
        let stage = try await ConnectPageStage(origins: [app.origin])
        let browser = try Chromium.start()
        let url = "\(stage.baseURL)/connect/wsp_1"
        // The app's own page, for comparison.
        let good = try await browser.open("\(app.origin)/healthz")
        try await good.runFirst(nested(url, in: nil))
        try await good.open("\(app.origin)/")
        #expect(try await good.frames().map(\.url) == ["\(app.origin)/", url])

        let bad = try await browser.open("\(other.origin)/healthz")
        try await bad.runFirst(nested(url, in: isAround ? app.origin : nil))
        try await bad.open("\(other.origin)/")
        let found = try await bad.frames()
        #expect(found.count == (isAround ? 3 : 2))
        #expect(found.last?.unreachableUrl == url && found.last?.url == "chrome-error://chromewebdata/")
        browser.stop()
        await stage.stop()
        try await app.stop()
        try await other.stop()
    }

    @Test func `S31 where another origin took the app's place in its window, it hears nothing`() async throws
    {
        let app = try await AppListener.start()
        let other = try await AppListener.start()
        let stage = try await ConnectPageStage(origins: [app.origin])
        let browser = try Chromium.start()
        let opener = try await browser.open("\(app.origin)/")
        try await opener.runFirst(
            "window.messages = []; addEventListener('message', ({ data }) => messages.push(data.symbolon ?? data))"
        )
        let url = try await stage.connectURL(["initiate", "read"])
        try await opener.run(
            """
            addEventListener('message', ({ data }) => window.isReady = data.symbolon === 'ready');
            import('\(stage.baseURL)/connect/symbolon.js').then(({ open }) => open({ connectURL: '\(url)' }))
            """)
        let page = try await browser.tab("\(stage.baseURL)/connect/wsp_1")
        try await opener.wait("window.isReady")
        try await opener.open("\(other.origin)/")
        try await page.press("button[data-id=long]")
        try await stage.finish(try await browser.tab(stage.provider.url))
        try await page.wait(isShown("done"))
        try await page.run("window.opener.postMessage('after it', '*')")
        try await opener.wait("messages.length > 0")
        #expect(try await opener.value("messages", as: [String].self) == ["after it"])
        browser.stop()
        await stage.stop()
        try await app.stop()
        try await other.stop()
    }
}
