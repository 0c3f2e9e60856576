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
        try await page.wait("document.getElementById('sign-in').checkVisibility()")
        try await page.type(stage.apiKey, into: "#key-text")
        try await page.press("#sign-in-form button[type=submit]")
        try await page.wait("document.getElementById('found').textContent !== ''")
        #expect(try await page.violations() == [])
        try await page.press(".foot a[href$='/try']")
        try await page.wait("document.getElementById('key')?.checkVisibility()")
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
        #expect(links == ["\(stage.baseURL)/console", "\(stage.baseURL)/openapi.json"])
        let description = try await browser.open(links[1])
        let text = try await description.text()
        #expect(text.contains("\"openapi\": \"3.1.0\""))
        #expect(text.contains("\"servers\":[{\"url\":\"\(stage.baseURL)\"}]"))
        browser.stop()
        try await stage.stop()
    }

    @Test(arguments: LoadBalancer.allCases, places)
    func `an initiate that a replica reads and drops is sent to the other`(
        _ kind: LoadBalancer, _ place: LoadBalancer.Place
    ) async throws {
        let stage = try await BalancedStage(kind, at: place)
        stage.replicas[0].process.send(SIGKILL)
        await stage.replicas[0].stop()
        let script = """
            import socket
            listener = socket.create_server(("127.0.0.1", \(stage.replicas[0].port)))
            print("ready", flush=True)
            while True:
                connection, _ = listener.accept()
                # To the end of its body: what is closed with octets unread is reset, and HAProxy retries no reset.
                request = connection.recv(65536)
                while request.startswith(b"POST") and not request.endswith(b"}"):
                    request += connection.recv(65536)
                print(request.split(b"\\r")[0].decode(), flush=True)
                connection.close()
            """
        let dropping = try ServerProcess(
            Tool.path(of: "python3"), ["-c", script], workingDirectory: stage.folder.url,
            logFile: stage.folder.url.appending(path: "dropping.log"))
        try await dropping.waitForLine { $0 == "ready" }
        for _ in 0..<4 { _ = try await stage.initiate() }
        await dropping.stop()
        let path = place == .keptPath ? place.path : ""
        #expect(try await dropping.log.contains("POST \(path)/api/v1/oauth/initiate HTTP/1.1"))
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
