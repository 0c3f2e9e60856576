import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// A flow that one user began, in the browser of another, which also has a page of the attacker open.
@Suite("The swap of two users in a browser", .timeLimit(.minutes(3))) struct ConfirmSwapTests {
    private func connections(_ site: ProductionSite, _ server: SymbolonServer) async throws -> Int {
        try await server.send(.GET, "/api/v1/connections", key: site.key).body
            .components(separatedBy: #""id":"conn_"#).count - 1
    }

    /// Has the browser load a callback ahead, in the ways that a page has: each when it has been answered.
    private func loadAhead(_ callback: String, _ evil: ChromiumTab) async throws {
        try await evil.run(
            """
            window.ahead = 0;
            const url = \(ChromiumTab.quoted(callback));
            for (const [rel, as] of [['prefetch', ''], ['preload', 'fetch'], ['prerender', '']]) {
                const link = document.createElement('link');
                link.rel = rel;
                if (as) link.as = as;
                link.href = url;
                link.onload = link.onerror = () => ahead += 1;
                document.head.append(link);
            }
            const rules = document.createElement('script');
            rules.type = 'speculationrules';
            rules.textContent = JSON.stringify({
                prefetch: [{ source: 'list', urls: [url], eagerness: 'immediate' }],
                prerender: [{ source: 'list', urls: [url], eagerness: 'immediate' }],
            });
            document.head.append(rules);
            """)
        try await evil.wait("ahead >= 2")
    }

    @Test func `S11 S43 loaded ahead, framed, posted from elsewhere and clicked too early, it does nothing`()
        async throws
    {
        let site = try await ProductionSite.make(workspace: ", label: Acme, confirm: screen")
        let server = try await site.replica()
        let mallory = #", "user_label": "Mallory""#
        let evilPage = try await AppListener.start()
        let callback = try await site.authorize(server, mallory)
        let browser = try Chromium.start()
        let evil = try await browser.open("\(evilPage.origin)/")
        try await loadAhead(callback, evil)

        // A frame below the cursor stays empty.
        try await evil.run(
            "const frame = document.createElement('iframe'); frame.src = \(ChromiumTab.quoted(callback)); "
                + "frame.style.opacity = 0.01; document.body.append(frame)")
        var framed = try await evil.frames().last
        for _ in 0..<100 where framed?.unreachableUrl == nil {
            try await Task.sleep(for: .milliseconds(50))
            framed = try await evil.frames().last
        }
        #expect(framed?.unreachableUrl == callback)

        // A ticket that the attacker got for a flow of their own, from their page.
        let own = try await Browser().open(try await site.authorize(server, mallory))
        let ticket = try #require(own.forms.first?.fields.first { $0.name == "ticket" }?.value)
        try await evil.run(
            """
            const form = document.createElement('form');
            form.method = 'post';
            form.action = '\(server.baseURL)/api/v1/oauth/confirm';
            for (const [name, value] of [['ticket', '\(ticket)'], ['answer', 'yes']]) {
                const field = document.createElement('input');
                [field.name, field.value] = [name, value];
                form.append(field);
            }
            document.body.append(form);
            form.submit();
            """)
        try await evil.wait("document.title.startsWith('This answer was not accepted')")
        #expect(try await connections(site, server) == 0)

        // The page itself, which says whose flow it is. Its first second lasts until the clock goes on.
        let victim = try await browser.open("\(evilPage.origin)/victim")
        try await victim.stopAnimations()
        try await victim.open(callback)
        #expect(try await victim.text().contains("Mallory"))
        let yes = "button[value=yes]"
        try await victim.click(yes, times: 2)
        #expect(
            try await victim.value("getComputedStyle(document.querySelector('\(yes)')).visibility")
                == "hidden")
        #expect(try await victim.url() == callback)
        #expect(try await connections(site, server) == 0)
        try await victim.startAnimations()
        try await victim.wait(
            "getComputedStyle(document.querySelector('button[value=no]')).visibility === 'visible'")
        // Who reads it says no, twice.
        try await victim.click("button[value=no]", times: 2)
        let told = try #require(try await told(site))
        #expect(told["error"] == "access_denied" && told["connection_id"] == nil)
        #expect(try await connections(site, server) == 0)
        browser.stop()
        try await evilPage.stop()
        try await site.stop(server)
    }

    @Test func `S08 S43 a double click of the mouse on yes is one connection`() async throws {
        let site = try await ProductionSite.make(workspace: ", label: Acme, confirm: screen")
        let server = try await site.replica()
        let browser = try Chromium.start(.phone)
        let page = try await browser.open(try await site.authorize(server, #", "user_label": "Ada""#))
        try await page.wait(
            "getComputedStyle(document.querySelector('button[value=yes]')).visibility === 'visible'")
        try await page.click("button[value=yes]", times: 2)
        #expect(try await told(site)?["status"] == "success")
        #expect(try await connections(site, server) == 1)
        browser.stop()
        try await site.stop(server)
    }

    private func told(_ site: ProductionSite) async throws -> [String: String]? {
        try await site.app.next()?.query
    }
}
