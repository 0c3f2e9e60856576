import Foundation
import HTTPTypes
import Testing

@testable import ConnectPages

@Suite("The connect page") struct ConnectPageTests {
    let pages: Pages

    init() throws { pages = try Pages() }

    private func connect(
        _ look: AppTheme = AppTheme(), path: String = "", origins: [String] = [],
        chosen: String? = nil, accept: String? = nil
    ) -> ConnectPageResponse {
        pages.connect(
            look, path: path, origins: origins, chosenLanguage: chosen,
            acceptLanguage: accept)
    }

    private func policy(_ response: ConnectPageResponse) throws -> [Substring] {
        try #require(response.headers[.contentSecurityPolicy]).split(separator: "; ")
    }

    @Test func `every language has each of the English words, with the same places to fill`() throws {
        let languages = try ConnectLanguage.all()
        #expect(languages.map(\.code) == ["en", "de", "es", "fr", "ja"])
        let english = languages[0].texts
        let places = { (text: String) in Set(text.matches(of: /\{\w+\}/).map { String($0.output) }) }
        for language in languages {
            #expect(Set(language.texts.keys) == Set(english.keys), "\(language.code)")
            for (name, text) in language.texts {
                #expect(!text.isEmpty, "\(language.code): \(name)")
                #expect(places(text) == places(english[name] ?? ""), "\(language.code): \(name)")
            }
        }
    }

    @Test func `every word of a flow's pages has its name, and the script is given none of them`() throws {
        for language in try ConnectLanguage.all() {
            let words = language.texts.keys.filter { $0.hasPrefix(FlowText.prefix) }
            #expect(Set(words) == Set(FlowText.allCases.map(\.rawValue)), "\(language.code)")
            #expect(!language.json.contains(FlowText.prefix))
            #expect(language.connectTexts.count == language.texts.count - FlowText.allCases.count)
        }
    }

    @Test func `no language leaves a sentence in English`() throws {
        let languages = try ConnectLanguage.all()
        for language in languages.dropFirst() {
            for text in FlowText.allCases where languages[0][text].contains(" ") {
                #expect(language[text] != languages[0][text], "\(language.code): \(text)")
            }
        }
    }

    @Test func `the script and the page ask for no words but those of the files`() throws {
        let known = Set(try ConnectLanguage.all()[0].texts.keys)
        let script = ConnectScript.text.matches(of: /say\("(\w+)"/).map { String($0.output.1) }
        let template = EmbeddedFile.connect_html.text.matches(of: /texts\.(\w+)/).map { String($0.output.1) }
        #expect(script.count > 20 && template.count > 10)
        #expect(Set(script + template).subtracting(known) == [])
    }

    @Test(
        arguments: [
            (nil, nil, "en"), (nil, "de", "de"), (nil, "de-AT,de;q=0.9,en;q=0.8", "de"),
            (nil, "en;q=0.5, ja;q=0.7", "ja"), (nil, "pt-BR, es;q=0.4", "es"), (nil, "FR-CA", "fr"),
            (nil, "de;q=0", "en"), (nil, "*", "en"), (nil, "nl,xx;q=q,,;", "en"),
            (nil, "xx;q=1,de;q=0.001", "de"), (nil, "de;q=0.000,fr;q=0.5", "fr"), (nil, "\tJA ;q=0.9", "ja"),
            (nil, "de;q=1.1", "en"), (nil, "de;q=2", "en"), (nil, "de;q=0.1234", "en"),
            (nil, "de;q=-1", "en"),
            (nil, "de;r=1", "en"), (nil, "deu", "en"), (nil, "d", "en"), (nil, "dé", "en"),
            (nil, ",,;,-,;q=", "en"),
            (nil, "es,de", "es"), (nil, "es;q=0.8,de;q=0.8", "es"), (nil, "", "en"), (nil, "de/fr", "en"),
            ("ja", "de", "ja"), ("de-CH", nil, "de"), ("tlh", "fr", "fr"), ("<script>", nil, "en"),
            ("", "es", "es"),
        ] as [(String?, String?, String)])
    func `the page is in the language that was chosen, or that the browser prefers`(
        _ chosen: String?, _ accept: String?, _ expected: String
    ) {
        let response = connect(chosen: chosen, accept: accept)
        #expect(response.page.html.hasPrefix("<!doctype html>\n<html lang=\"\(expected)\">"))
        #expect(response.headers[.contentLanguage] == expected)
        #expect(response.headers[.vary] == "Accept-Language")
    }

    @Test func `S28 of a header with thousands of languages only the beginning is read`() {
        let beginning = String(repeating: "xx;q=0.5,", count: 28)
        #expect(beginning.utf8.count == LanguagePreference.octetLimit - 4)
        #expect(pages.language(beginning + "de").code == "de")
        #expect(pages.language(beginning + "fr;q=0.1").code == "en", "a range that is cut off says nothing")
        #expect(pages.language(beginning + "xx,fr").code == "en")
        for filler in ["xx,", ",", ";", " ", "q=", "-"] {
            let text = "ja;q=0.1," + String(repeating: filler, count: 100_000) + ",de"
            #expect(pages.language(text).code == "ja")
        }
    }

    @Test func `S15 it loads its own files alone, and runs no script of the page itself`() throws {
        let policy = try policy(connect(AppTheme(app: "Quince")))
        #expect(
            policy == [
                "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'",
                "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
                "trusted-types 'none'", "require-trusted-types-for 'script'",
            ])
        let html = connect().page.html
        #expect(html.matches(of: /<script/).count == 1)
        #expect(html.contains("<script type=\"module\" src=\"/connect/connect.js\"></script>"))
        for forbidden in [" style=", " onclick", "javascript:", "http://", "https://"] {
            #expect(!html.contains(forbidden), "\(forbidden)")
        }
    }

    @Test(arguments: [
        ([], "'none'"), (["https://app.example.com"], "https://app.example.com"),
        (["https://a.example", "https://b.example:8443"], "https://a.example https://b.example:8443"),
        (["http://[::1]:3000"], "'none'"), (["*"], "http://127.0.0.1:* http://localhost:*"),
    ])
    func `S31 the app's origins may frame it, exactly, and nobody else`(
        _ origins: [String], _ sources: String
    )
        throws
    {
        let response = connect(origins: origins)
        #expect(try policy(response).contains("frame-ancestors \(sources)"))
        #expect((response.headers[.xFrameOptions] == "DENY") == origins.isEmpty)
        #expect(response.page.html.contains("data-origins=\"\(origins.joined(separator: " "))\""))
    }

    @Test func `the policy names the style with the app's colours`() throws {
        let response = connect(AppTheme(accent: "#1a5fb4", darkAccent: "#99c1f1"))
        let hash = try #require(styleHash(response.page))
        #expect(try policy(response).contains("style-src 'self' 'sha256-\(hash)'"))
        #expect(response.page.html.contains("--accent:#1a5fb4") && response.page.html.contains("#99c1f1"))
        #expect(styleHash(connect().page) == nil)
    }

    @Test func `one colour leaves the other theme as it is`() {
        let html = connect(AppTheme(accent: "#1a5fb4")).page.html
        #expect(html.contains("<style>@media (prefers-color-scheme:light){:root{--accent:#1a5fb4;"))
        #expect(!html.contains("prefers-color-scheme:dark"))
    }

    @Test(arguments: hostileTexts)
    func `S14 an app's name stays text`(_ text: String) {
        let page = connect(AppTheme(app: text)).page
        #expect(!hasOtherMarkup(page, than: connect(AppTheme(app: "x")).page))
        #expect(page.html.contains("data-app=\"\(HTMLText().escapeText(text))\""))
    }

    @Test(arguments: ["", "/connect", "/a/b"])
    func `all that it loads stays under the public URL's path`(_ path: String) {
        let html = connect(AppTheme(logo: "\(path)/connect/wsp_1/logo"), path: path).page.html
        let links = html.matches(of: /(?:href|src)="([^"]*)"/).map { String($0.output.1) }
        #expect(
            links.sorted() == ["connect.css", "connect.js", "wsp_1/logo"].map { "\(path)/connect/\($0)" })
    }

    @Test func `S31 the scripts name an exact origin in each message, and keep the token in memory`() {
        for script in [ConnectScript.text, EmbeddedFile.symbolon_js.text] {
            for call in script.matches(of: /postMessage\((.*)\)/) {
                let ending = call.output.1.split(separator: ",").last.map {
                    $0.filter { $0 != " " && $0 != ";" }
                }
                #expect(["origin", "app.origin", "url.origin"].contains(ending ?? ""), "\(call.output.0)")
            }
            for forbidden in [
                "innerHTML", "insertAdjacent", "eval(", "localStorage", "sessionStorage", "cookie =",
            ] {
                #expect(!script.contains(forbidden), "\(forbidden)")
            }
        }
        let script = ConnectScript.text
        #expect(script.contains("popup.opener = null"))
        #expect(script.contains(#"history.replaceState(null, "", location.pathname + location.search)"#))
        #expect(script.contains("if (source !== window.opener && source !== window.parent) return;"))
    }

    @Test func `the client for apps is one small module without dependencies`() {
        let text = EmbeddedFile.symbolon_js.text
        #expect(text.utf8.count < 5_000)
        #expect(!text.contains("import ") && !text.contains("require("))
        #expect(text.contains("export function open("))
    }

    @Test func `its files say what they are, and only the client is for other origins`() throws {
        let types = ["text/css", "text/javascript", "text/javascript", "text/plain"]
        #expect(
            ConnectAsset.all.map(\.name) == ["connect.css", "connect.js", "symbolon.js", "symbolon.d.ts"])
        for (asset, type) in zip(ConnectAsset.all, types) {
            #expect(asset.headers[.contentType] == "\(type); charset=utf-8")
            #expect(asset.headers[.xContentTypeOptions] == "nosniff")
            let isForApps = asset.name.hasPrefix("symbolon")
            #expect(asset.headers[.accessControlAllowOrigin] == (isForApps ? "*" : nil))
            let tag = try #require(asset.headers[.eTag])
            #expect(asset.isKnown(by: "\"another\", \(tag)"))
            #expect(!asset.isKnown(by: "\"another\"") && !asset.isKnown(by: nil))
        }
    }

    @Test func `S15 a logo that is opened on its own runs no script`() throws {
        let response = LogoResponse(mediaType: "image/svg+xml", octets: [0x3C])
        let policy = try #require(response.headers[.contentSecurityPolicy])
        #expect(policy.hasPrefix("default-src 'none';") && policy.hasSuffix("; sandbox"))
        #expect(response.headers[.contentType] == "image/svg+xml")
        #expect(response.headers[.xContentTypeOptions] == "nosniff")
    }
}
