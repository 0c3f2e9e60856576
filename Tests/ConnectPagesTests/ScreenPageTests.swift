import Foundation
import HTTPTypes
import Testing

@testable import ConnectPages

@Suite("The confirmation page") struct ScreenPageTests {
    private let pages: Pages

    init() throws { pages = try Pages() }

    private func page(
        _ text: String, user: String? = "Ada", scopes: [String] = ["read"], notice: FlowText? = nil
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
        let html = page("x", user: nil, scopes: [], notice: .screenUnreachable).html
        #expect(html.contains("The app did not say who.") && html.contains("allows by default"))
        #expect(
            html.contains(
                "<p role=\"alert\"><strong>The provider cannot be reached right now. Nothing was lost.</strong></p>"
            ))
    }

    @Test(arguments: ["en", "de", "es", "fr", "ja"])
    func `it is in the reader's language, and what fills its places stays what it is`(_ code: String) throws {
        let frame = try frame(code)
        func page(_ app: String, _ integration: String) -> String {
            pages.screen(
                ScreenPage(
                    app: app, user: nil, integration: integration, scopes: [], ticket: "T", action: "/a",
                    notice: .screenNotStored), in: frame
            ).html
        }
        let html = page("{integration}", "{app}")
        #expect(html.contains("<html lang=\"\(code)\">"))
        let texts = FlowText.allCases.filter {
            $0.rawValue.hasPrefix("flow.screen_")
                && ![.screenWorking, .screenUnreachable].contains($0)
        }
        #expect(texts.count == 13)
        for text in texts where text != .screenWarning {
            let words = FilledText(frame.language[text], ["app": "{integration}", "integration": "{app}"])
                .text
            #expect(html.contains(">\(HTMLText().escapeText(words))<"), "\(text)")
        }
        #expect(html.components(separatedBy: "<bdi>{integration}</bdi>").count == 3)
        let english = frame.language.code == "en"
        #expect(html.contains("Nothing is connected yet.") == english && html.contains("say no:") == english)
    }

    @Test func `it is in the app's look, and loads the app's picture alone`() throws {
        let look = AppTheme(app: "Acme", logo: "/c/connect/wsp_1/logo", accent: "#1a5fb4")
        let page = pages.screen(
            ScreenPage(app: "Acme", user: nil, integration: "Gmail", scopes: [], ticket: "T", action: "/a"),
            in: PageFrame(pages.languages[0], look: look))
        #expect(
            page.html.contains(
                "<img class=\"logo\" src=\"/c/connect/wsp_1/logo\" alt=\"\">\n<span>Acme</span>"))
        #expect(page.html.contains("<title>Connect your Gmail account to Acme? – Acme</title>"))
        #expect(!page.html.contains("Symbolon") && !page.html.contains("<svg"))
        let styles = page.html.matches(of: /<style>([^<]*)<\/style>/).map { String($0.output.1) }
        #expect(styles.count == 2 && styles.last?.contains("--accent:#1a5fb4") == true)
        let policy = PageResponse(page, style: .screen).headers[.contentSecurityPolicy]
        #expect(
            policy
                == "default-src 'none'; style-src \(styles.map(ContentHash.source).joined(separator: " ")); "
                + "img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'")
    }

    private func frame(_ code: String) throws -> PageFrame {
        PageFrame(try #require(pages.languages.first { $0.code == code }))
    }

    @Test(arguments: hostileTexts)
    func `S14 what is put into it stays text`(_ text: String) {
        let plain = page("x", user: "x", scopes: ["x"])
        #expect(!hasOtherMarkup(page(text, user: text, scopes: [text]), than: plain))
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
