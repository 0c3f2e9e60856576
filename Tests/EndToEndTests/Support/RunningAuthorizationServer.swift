import AsyncHTTPClient
import Foundation
import NIOHTTP1
import TestSupport

/// An authorization server of another project, while it runs.
struct RunningAuthorizationServer: Sendable {
    let server: AuthorizationServer
    let issuer: String
    let process: ServerProcess
    /// Removed with the last copy of this value.
    let folder: TemporaryFolder

    /// Scheme, host and port: where every path of the server begins.
    var origin: String { issuer.split(separator: "/", maxSplits: 3).prefix(2).joined(separator: "//") }

    var authorizationEndpoint: String { origin + server.authorizationPath }
    var tokenEndpoint: String { origin + server.tokenPath }
    var revocationEndpoint: String? { server.revocationPath.map { origin + $0 } }
    var userInfoEndpoint: String { origin + server.userInfoPath }

    /// The request to the redirect URI that the server makes a browser send.
    enum Callback {
        case redirect(String)
        /// OAuth 2.0 Form Post Response Mode: a form that the browser submits by itself.
        case form(HTMLForm, on: Browser.Page)

        /// The fields of the authorization response.
        var fields: [String: String] {
            switch self {
            case .redirect(let url): FormEncoding.query(of: url)
            case .form(let form, _):
                Dictionary(form.fields.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
            }
        }

        func deliver(_ browser: Browser) async throws -> Browser.Page {
            switch self {
            case .redirect(let url): try await browser.open(url)
            case .form(let form, let page): try await browser.submit(form, on: page)
            }
        }
    }

    /// Opens `authorizationURL`, logs in as `user` and presses `button` on the consent page: the callback, not
    /// yet visited.
    func authorize(
        _ browser: Browser, _ authorizationURL: String, pressing button: HTMLForm.Button,
        as user: AuthorizationServer.User = .ada
    ) async throws -> Callback {
        let home = origin + "/"
        let leaves: @Sendable (String) -> Bool = { !$0.hasPrefix(home) }
        var page = try await browser.follow(browser.open(authorizationURL), until: leaves)
        // The login and the consent are one page each; any other, or one a second time, is an error.
        for _ in 0..<3 {
            if let target = page.redirectTarget { return .redirect(target) }
            if let form = page.forms.first(where: {
                $0.action.hasPrefix("http") && !$0.action.hasPrefix(home)
            }) {
                return .form(form, on: page)
            }
            page = try await browser.follow(press(button, browser, page, as: user), until: leaves)
        }
        throw BrowserError.nothingToPress(on: page.url.absoluteString, body: page.body)
    }

    func stop() async { await process.stop() }

    /// What a user does at the server who takes back what they granted.
    func endGrants(of user: String) async throws {
        var request = HTTPClientRequest(url: "\(origin)/users/\(user)/revoke-tokens")
        request.method = .POST
        let answer = try await Answer(to: request)
        guard answer.status == 204 else {
            throw BrowserError.nothingToPress(on: request.url, body: answer.body)
        }
    }

    private func press(
        _ button: HTMLForm.Button, _ browser: Browser, _ page: Browser.Page, as user: AuthorizationServer.User
    ) async throws -> Browser.Page {
        for form in page.forms {
            if form.has("password") {
                let name = form.has("user") ? "user" : "username"
                return try await browser.submit(
                    form, on: page, filling: [name: user.name, "password": user.password])
            }
            if let key = form.fields.first(where: { $0.name == "confirm" })?.value {
                let answer = button == server.deny ? button.value + key : key
                return try await browser.submit(form, on: page, filling: ["confirm": answer])
            }
            if form.buttons.contains(button) {
                return try await browser.submit(form, on: page, pressing: button)
            }
        }
        if page.url.path() == "//login.html" { return try await logInByAPI(browser, page, as: user) }
        throw BrowserError.nothingToPress(on: page.url.absoluteString, body: page.body)
    }

    /// What the script of glewlwyd's page does.
    private func logInByAPI(
        _ browser: Browser, _ page: Browser.Page, as user: AuthorizationServer.User
    ) async throws -> Browser.Page {
        let query = FormEncoding.query(of: page.url.absoluteString)
        let login = #"{"username": "\#(user.name)", "password": "\#(user.password)"}"#
        _ = try await browser.send("POST", origin + "/api/auth/", json: login)
        _ = try await browser.send(
            "PUT", origin + "/api/auth/grant/\(query["client_id"] ?? "")",
            json: #"{"scope": "\#(query["scope"] ?? "")"}"#)
        return try await browser.open((query["callback_url"] ?? "") + "&g_continue")
    }
}
