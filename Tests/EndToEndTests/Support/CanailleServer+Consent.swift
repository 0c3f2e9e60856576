import Foundation
import TestSupport

extension CanailleServer {
    /// Opens `authorizationURL` as `user`, logs in and accepts where asked, and returns the URL that the
    /// provider then sends the browser to, unvisited.
    ///
    /// Canaille remembers consent by user and client, and asks again only for more scopes.
    func logInAndConsent(
        _ browser: Browser, _ authorizationURL: String, as user: User = .ada
    ) async throws -> String {
        try await answer("accept", browser, authorizationURL, as: user)
    }

    /// As `logInAndConsent`, but the user says no.
    ///
    /// Adds `prompt=consent` to the request, or a user who has said yes before would not be asked.
    func deny(_ browser: Browser, _ authorizationURL: String, as user: User = .ada) async throws -> String {
        try await answer("deny", browser, authorizationURL + "&prompt=consent", as: user)
    }

    private func answer(
        _ answer: String, _ browser: Browser, _ authorizationURL: String, as user: User
    ) async throws -> String {
        let issuer = self.issuer + "/"
        let leaves: @Sendable (String) -> Bool = { !$0.hasPrefix(issuer) }
        var page = try await browser.follow(browser.open(authorizationURL), until: leaves)
        // User name, password and consent are one page each; any other, or one a second time, is an error.
        for _ in 0..<3 {
            if let target = page.redirectTarget { return target }
            page = try await browser.follow(send(answer, browser, page, as: user), until: leaves)
        }
        if let target = page.redirectTarget { return target }
        throw BrowserError.nothingToPress(on: page.url.absoluteString, body: page.body)
    }

    private func send(
        _ answer: String, _ browser: Browser, _ page: Browser.Page, as user: User
    ) async throws -> Browser.Page {
        for form in page.forms {
            if form.has("login") {
                return try await browser.submit(form, on: page, filling: ["login": user.name])
            }
            if form.has("password") {
                return try await browser.submit(form, on: page, filling: ["password": user.password])
            }
            if let button = form.buttons.first(where: { $0.name == "answer" && $0.value == answer }) {
                return try await browser.submit(form, on: page, pressing: button)
            }
        }
        throw BrowserError.nothingToPress(on: page.url.absoluteString, body: page.body)
    }
}
