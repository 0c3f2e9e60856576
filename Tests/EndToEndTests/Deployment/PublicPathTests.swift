import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// The service published under a path, by a load balancer that strips the path and by one that passes it on.
@Suite("A path in the public URL", .timeLimit(.minutes(3))) struct PublicPathEndToEndTests {
    private static let places: [LoadBalancer.Place] = [.keptPath, .strippedPath]

    @Test(arguments: LoadBalancer.allCases, places)
    func `pages, links and script work under it in a browser, and a flow comes home`(
        _ kind: LoadBalancer, _ place: LoadBalancer.Place
    ) async throws {
        let stage = try await BalancedStage(kind, at: place)
        #expect(stage.baseURL.hasSuffix("/connect"))
        let browser = try Chromium.start(arguments: ["--ignore-certificate-errors"])
        let page = try await browser.open("\(stage.baseURL)/")
        try await page.wait("document.getElementById('key').checkVisibility()")
        try await page.type(stage.apiKey, into: "#key-text")
        try await page.press("#key-form button")
        try await page.press("#integrations button[value=popup]")
        let popup = try await browser.tab(stage.provider.url)
        let query = FormEncoding.query(of: try await popup.url())
        let redirectURI = try #require(query["redirect_uri"])
        #expect(redirectURI == "\(stage.baseURL)/api/v1/oauth/callback/long")
        let state = try #require(query["state"])
        try await popup.open("\(redirectURI)?code=the-code&state=\(state)")
        try await popup.wait("document.title.startsWith('Connected')")
        #expect(try await popup.flaws() == [])
        #expect(try await popup.violations() == [])
        try await page.wait("document.activeElement.id === 'flow-title'")
        #expect(try await page.flaws() == [])
        #expect(try await page.violations() == [])
        let shown: String = try await page.value("document.getElementById('steps').textContent")
        #expect(shown.contains("\(stage.baseURL)/api/v1/oauth/initiate"))
        let links: [String] = try await page.value(
            "[...document.querySelectorAll('.foot a')].map((a) => a.href)")
        #expect(links == ["\(stage.baseURL)/openapi.json"])
        let description = try await browser.open(links[0])
        let text = try await description.text()
        #expect(text.contains("\"openapi\": \"3.1.0\""))
        #expect(text.contains("\"servers\":[{\"url\":\"\(stage.baseURL)\"}]"))
        browser.stop()
        try await stage.stop()
    }

    @Test(arguments: LoadBalancer.allCases, places)
    func `S48 what is for operators stays inside under the path, too`(
        _ kind: LoadBalancer, _ place: LoadBalancer.Place
    ) async throws {
        let stage = try await BalancedStage(kind, at: place)
        for path in ["/readyz", "/metrics"] {
            let answer = try await stage.send(.GET, path)
            #expect(answer.status == 404, "\(path)")
        }
        try await stage.stop()
    }
}
