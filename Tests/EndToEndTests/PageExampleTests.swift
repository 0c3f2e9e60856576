import AsyncHTTPClient
import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// An app whose own page has a connect button by symbolon.js, in a real browser, each run as its first lines say;
/// Swift's is compiled with the tests.
@Suite("Examples with symbolon.js", .timeLimit(.minutes(3))) struct PageExampleTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Examples/page")

    private static let accounts = "document.getElementById('accounts').innerText"

    /// Runs the example beside its page; Go's is compiled first.
    private func start(
        _ program: String, _ settings: [String: String], in place: TemporaryFolder
    ) async throws -> ServerProcess {
        func run(_ command: String...) throws -> ServerProcess {
            try ServerProcess(
                "/usr/bin/env", command, environment: settings, workingDirectory: Self.folder,
                logFile: place.url.appending(path: "\(UUID()).log"))
        }
        switch program {
        case "python3": return try run("python3", "page.py")
        case "node": return try run("node", "page.mjs")
        case "swift": return try run(String(SymbolonBinary.path().dropLast("symbolon".count)) + "PageExample")
        default:
            let compiler = try await ProgramRun(
                "/usr/bin/env", ["go", "build", "-o", "\(place.path)/page", "page.go"], in: Self.folder)
            try #require(compiler.status == 0, "\(compiler.everything)")
            return try run("\(place.path)/page")
        }
    }

    @Test(arguments: ["python3", "node", "go", "swift"])
    func `a user connects an account from the app's page, and another user has none`(_ program: String)
        async throws
    {
        let server = try await SymbolonServer.start()
        let place = try TemporaryFolder()
        let port = try LoopbackPort.free()
        let example = try await start(
            program,
            [
                "SYMBOLON_URL": server.baseURL, "SYMBOLON_API_KEY": try server.apiKey(),
                "PORT": String(port),
            ], in: place)
        let app = "http://localhost:\(port)"
        try await example.waitForLine(within: .seconds(90)) { $0 == "Open \(app)/" }
        // A browser that the app does not know gets no session.
        #expect(try await Answer.status(of: .POST, "\(app)/session") == 401)

        let browser = try Chromium.start()
        let page = try await browser.open("\(app)/")
        try await page.press("#connect:enabled")
        let connect = try await browser.tab("\(server.baseURL)/connect/wsp_development")
        try await connect.press("button[data-id=sandbox]")
        try await browser.tab("\(server.baseURL)/sandbox/authorize").press("button[value=allow]")
        let screen = try await browser.tab(server.callbackURL("sandbox"))
        try await screen.wait(
            "getComputedStyle(document.querySelector('button[value=yes]')).visibility === 'visible'")
        try await screen.press("button[value=yes]")
        try await page.wait("\(Self.accounts).includes('sandbox: alex@sandbox.example')")
        try await connect.press("#done")
        try await page.wait("document.activeElement.id === 'connect'")
        #expect(try await page.value("document.getElementById('said').textContent === ''", as: Bool.self))

        let other = try Chromium.start()
        let theirs = try await other.open("\(app)/")
        try await theirs.wait("document.querySelector('#connect:enabled')")
        #expect(try await theirs.value(Self.accounts, as: String.self) == "")
        browser.stop()
        other.stop()
        await example.stop()
        await server.stop()
    }
}

extension Answer {
    fileprivate static func status(of method: HTTPMethod, _ url: String) async throws -> Int {
        var request = HTTPClientRequest(url: url)
        request.method = method
        return try await Answer(to: request).status
    }
}
