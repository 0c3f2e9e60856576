import Foundation
import HTTPTypes
import Testing

@testable import ConnectPages

@Suite("The confirmation page") struct ScreenPageTests {
    private let pages: Pages

    init() throws { pages = try Pages() }

    private func page(
        _ text: String, user: String? = "Ada", scopes: [String] = ["read"], notice: String? = nil
    ) -> Page {
        pages.screen(
            ScreenPage(
                app: text, user: user, integration: text, scopes: scopes, ticket: text, action: text,
                notice: notice))
    }

    @Test func `it names app, user, account and scopes, and has a yes and a no`() {
        let html = pages.screen(
            ScreenPage(
                app: "Acme", user: "Ada", integration: "Gmail", scopes: ["mail.read", "mail.send"],
                ticket: "TICKET", action: "https://connect.example.com/api/v1/oauth/confirm")
        ).html
        for part in [
            "<h1>Connect your Gmail account to Acme?</h1>", "<bdi>Acme</bdi>", "<bdi>Ada</bdi>",
            "<code>mail.read</code>", "<code>mail.send</code>", "value=\"TICKET\"",
            "action=\"https://connect.example.com/api/v1/oauth/confirm\"", "value=\"yes\"", "value=\"no\"",
        ] {
            #expect(html.components(separatedBy: part).count > 1, "\(part)")
        }
        #expect(html.components(separatedBy: "<form").count == 2 && !html.contains("<script"))
        #expect(!html.contains("role=\"alert\"") && !html.contains("The app did not say who."))
    }

    @Test func `it says so if the app named no user, no scope is asked for, or something came in the way`() {
        let html = page("x", user: nil, scopes: [], notice: "Wait.").html
        #expect(html.contains("The app did not say who.") && html.contains("allows by default"))
        #expect(html.contains("<p role=\"alert\"><strong>Wait.</strong></p>"))
    }

    @Test(arguments: hostileTexts)
    func `S14 what is put into it stays text`(_ text: String) {
        let plain = page("x", user: "x", scopes: ["x"], notice: "x")
        #expect(!hasOtherMarkup(page(text, user: text, scopes: [text], notice: text), than: plain))
    }

    @Test func `S43 it is never framed, wakes after a second, and leads to us and the app only`() throws {
        let page = page("x")
        let response = PageResponse(
            page, style: .screen, formTargets: ["'self'", "https://app.example.com"],
            referrerPolicy: "strict-origin")
        let hash = try #require(styleHash(page))
        #expect(
            response.headers[.contentSecurityPolicy]
                == "default-src 'none'; style-src 'sha256-\(hash)'; base-uri 'none'; frame-ancestors 'none'; "
                + "form-action 'self' https://app.example.com")
        #expect(response.headers[try #require(HTTPField.Name("X-Frame-Options"))] == "DENY")
        #expect(response.headers[.referrerPolicy] == "strict-origin")
        #expect(
            page.html.contains("animation: wake 1s step-end") && page.html.contains("class=\"answers wakes\"")
        )
    }
}
