import Foundation
import HTTPTypes
import Testing

@testable import ConnectPages

@Suite("PageResponse") struct PageResponseTests {
    let pages: Pages

    init() throws { pages = try Pages() }

    private func header(_ name: String, _ response: PageResponse) throws -> String? {
        response.headers[try #require(HTTPField.Name(name))]
    }

    @Test(arguments: [
        ("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"),
        ("Referrer-Policy", "no-referrer"), ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
    ])
    func `S15 every page has its headers`(_ name: String, _ value: String) throws {
        let response = PageResponse(pages.working(), status: .badRequest)
        #expect(response.status == .badRequest)
        #expect(try header(name, response) == value)
    }

    @Test func `S15 a page may load its own style and nothing else, and lead nowhere`() throws {
        let page = pages.working()
        let hash = try #require(styleHash(page))
        #expect(
            try header("Content-Security-Policy", PageResponse(page))
                == "default-src 'none'; style-src 'sha256-\(hash)'; base-uri 'none'; frame-ancestors 'none'; "
                + "form-action 'none'")
    }

    @Test func `S15 the page for people may load its own style, which is another`() throws {
        let page = pages.home(HomePage())
        let hash = try #require(styleHash(page))
        let response = PageResponse(page, style: .home)
        let policy = try #require(try header("Content-Security-Policy", response))
        #expect(policy.contains("style-src 'sha256-\(hash)'"))
        #expect(try hash != #require(styleHash(pages.working())))
    }

    @Test func `a page with a form says where it leads, and tells its own origin who it is`() throws {
        let response = PageResponse(pages.working(), formTargets: ["'self'", "http://localhost:*"])
        let policy = try #require(try header("Content-Security-Policy", response))
        #expect(policy.hasSuffix("form-action 'self' http://localhost:*"))
        #expect(try header("Referrer-Policy", response) == "same-origin")
    }

    @Test func `a page that is there in several languages says which it is, and that another may come`() {
        let french = PageFrame(pages.language("fr"))
        let response = PageResponse(pages.working(in: french))
        #expect(response.headers[.contentLanguage] == "fr" && response.headers[.vary] == "Accept-Language")
        let home = PageResponse(pages.home(HomePage()), style: .home)
        #expect(home.headers[.contentLanguage] == nil && home.headers[.vary] == nil)
    }

    @Test(arguments: [
        (AppTheme(app: "Acme"), false, false), (AppTheme(accent: "#1a5fb4"), true, false),
        (AppTheme(logo: "/l"), true, true), (AppTheme(), false, false),
    ])
    func `S15 a page may load the style and the picture of its app if there are any`(
        _ look: AppTheme, _ hasStyle: Bool, _ hasLogo: Bool
    ) throws {
        let page = pages.working(in: PageFrame(pages.languages[0], look: look))
        let policy = try #require(try header("Content-Security-Policy", PageResponse(page)))
        #expect((policy.components(separatedBy: "'sha256-").count == 3) == hasStyle)
        #expect(policy.contains("img-src 'self'") == hasLogo)
        #expect((page.html.components(separatedBy: "<style>").count == 3) == hasStyle)
        #expect(page.html.contains("<img") == hasLogo)
    }

    @Test func `only a page that waits for the store says when to come back`() throws {
        let waiting = PageResponse(pages.storeUnavailable(), status: .serviceUnavailable)
        #expect(waiting.headers[.retryAfter] == "3")
        #expect(PageResponse(pages.working()).headers[.retryAfter] == nil)
    }
}
