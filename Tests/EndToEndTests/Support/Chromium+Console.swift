import TestSupport
import Testing

extension Chromium {
    /// The console with the printed key of development mode, which may do everything.
    func openConsole(of server: SymbolonServer) async throws -> ChromiumTab {
        let page = try await open("\(server.baseURL)/console")
        try await page.press("#leave")
        try await page.signIn(server.apiKey())
        try await page.wait(ChromiumTab.isShown("connections"))
        return page
    }
}

extension ChromiumTab {
    /// How many connections the list shows, in the page's language.
    static let connectionCount = "document.querySelectorAll('#list tbody tr').length"

    static func isShown(_ id: String) -> String { "document.getElementById('\(id)')?.checkVisibility()" }

    func signIn(_ key: String) async throws {
        try await type(key, into: "#key-text")
        try await press("#sign-in-form button[type=submit]")
    }

    /// Opens a part of the console, and waits until there is what it shows.
    func show(_ name: String, _ part: String) async throws {
        try await press("#sections a[href='#\(name)']")
        try await wait("document.querySelector('#\(name) \(part)')?.checkVisibility()")
    }

    func text(of id: String) async throws -> String {
        try await value("document.getElementById('\(id)').innerText")
    }

    /// Finds nothing wrong with how it looks, and keeps a picture.
    func lookAtConsole(_ name: String) async throws {
        let found = try await flaws() + violations() + axeViolations()
        #expect(found == [], "\(name)")
        let view = browser.view
        try await keepPicture("console-\(name)-\(view.width)-\(view.isDark ? "dark" : "light")")
    }
}
