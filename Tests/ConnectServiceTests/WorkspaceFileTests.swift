import ConnectService
import Integrations
import StateTokens
import Testing

@Suite("WorkspaceFile") struct WorkspaceFileTests {
    private func parse(_ text: String) throws(WorkspaceFileError) -> WorkspaceDirectory {
        try WorkspaceFile.parse(text, path: "workspaces.yaml")
    }

    @Test func `workspaces are read with their redirect URIs`() throws {
        let directory = try parse(
            """
            workspaces:
              wsp_b: {redirect_uris: []}
              wsp_a:
                redirect_uris:
                  - https://app.example.com/done
                  - http://127.0.0.1/done
            """)
        #expect(directory.workspaces.map(\.id) == ["wsp_a", "wsp_b"])
        let list = try #require(directory["wsp_a"]?.redirectURIs)
        #expect(list.allows("https://app.example.com/done"))
        #expect(list.allows("http://127.0.0.1:4000/done"))
        #expect(!list.allows("https://app.example.com/"))
        #expect(directory["wsp_b"]?.redirectURIs.isEmpty == true)
        #expect(directory["wsp_c"] == nil)
    }

    @Test func `a file is read by its path`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("workspaces: {wsp_a: {redirect_uris: []}}", to: "workspaces.yaml")
        #expect(try WorkspaceFile.load(path) == parse("workspaces: {wsp_a: {redirect_uris: []}}"))
        #expect(throws: WorkspaceFileError.inaccessible(path: folder.path("nowhere"))) {
            try WorkspaceFile.load(folder.path("nowhere"))
        }
    }

    @Test(arguments: [
        "", "[]", "workspaces", "workspaces: []", "workspaces: wsp_a",
        "workspaces: {wsp_a: }", "workspaces: {wsp_a: []}", "workspaces: {wsp_a: {}}",
        "workspaces: {wsp_a: {redirect_uris: https://app.example.com}}",
        "workspaces: {wsp_a: {redirect_uris: [[]]}}", "workspaces: {wsp_a: {redirect_uris: [}",
        "workspaces: {wsp_a: {redirect_uris: []}, wsp_a: {redirect_uris: []}}",
    ])
    func `text of another shape is refused`(_ text: String) {
        #expect(field(of: text) == "the text")
    }

    @Test(arguments: [
        "workspaces: {wsp_a: {redirect_uris: [], confirmed: required}}",
        "workspaces: {wsp_a: {redirect_uris: [], integrations: {gmail: {client_secret: x}}}}",
        "workspaces: {wsp_a: {redirect_uris: [], redirect_urls: []}}",
        "workspaces: {wsp_a: {redirect_uris: []}}\nx: 1",
    ])
    func `S37 a key that nobody heeds is refused, for it may ask for more safety`(_ text: String) {
        #expect(field(of: text) != nil)
    }

    @Test func `keys that are not known are named with their lines and what was meant`() {
        let text = """
            workspaces:
              wsp_a:
                redirect_uri: []
                lable: A
                zzzzzzzz: 1
            """
        #expect(
            throws: WorkspaceFileError.unknownKeys([
                "workspaces.yaml:3: unknown key `redirect_uri`; did you mean `redirect_uris`?",
                "workspaces.yaml:4: unknown key `lable`; did you mean `label`?",
                "workspaces.yaml:5: unknown key `zzzzzzzz`; there are: redirect_uris, confirm, integrations, only, "
                    + "origins, sessions_not_before, label, logo, colors, webhooks",
            ])
        ) { try parse(text) }
        #expect(
            throws: WorkspaceFileError.unknownKeys([
                "workspaces.yaml:1: unknown key `wsp_a`; there are: workspaces"
            ])
        ) { try parse("wsp_a: {redirect_uris: []}") }
    }

    @Test func `S11 a workspace may require confirmation, and the others do not by that`() throws {
        let workspaces = try parse(
            "workspaces: {wsp_a: {redirect_uris: [], confirm: required}, wsp_b: {redirect_uris: []}}")
        #expect(workspaces["wsp_a"]?.confirmation == .required)
        #expect(workspaces["wsp_b"].map { $0.confirmation == nil } == true)
    }

    @Test func `S43 a workspace may ask on the page, for all integrations or for one, and names its app`()
        throws
    {
        let workspaces = try parse(
            """
            workspaces:
              wsp_a: {redirect_uris: [], label: "Käse & Söhne", confirm: screen}
              wsp_b: {redirect_uris: [], integrations: {gmail: {confirm: screen}, slack: {confirm: required}, x: {}}}
            """)
        #expect(
            workspaces["wsp_a"]?.confirmation == .screen
                && workspaces["wsp_a"]?.branding.label == "Käse & Söhne")
        #expect(workspaces["wsp_b"].map { $0.confirmation == nil && $0.branding.label == nil } == true)
        #expect(
            workspaces["wsp_b"]?.integrations == [
                "gmail": WorkspaceIntegration(confirmation: .screen),
                "slack": WorkspaceIntegration(confirmation: .required), "x": WorkspaceIntegration(),
            ])
    }

    @Test(arguments: ["Screen", "page", "true", "''", "~", "[screen]"])
    func `S43 an integration's word that asks for nothing is refused by its place`(_ word: String) {
        let text = "workspaces: {wsp_a: {redirect_uris: [], integrations: {gmail: {confirm: \(word)}}}}"
        #expect(field(of: text) == "workspaces.wsp_a.integrations.gmail.confirm")
    }

    @Test(arguments: ["Required", "no", "true", "''", "", "~", "optional"])
    func `S11 another word than required or screen is refused by its place`(_ word: String) {
        let text = "workspaces: {wsp_a: {redirect_uris: [], confirm: \(word)}}"
        #expect(field(of: text) == "workspaces.wsp_a.confirm")
    }

    @Test(arguments: [
        "http://app.example.com/", "//evil.example", "https://app.example.com/#a", "javascript:alert(1)",
        "https://user@app.example.com/", "https://app.example.com/%0a", "''", "app.example.com",
        "https://*.example.com/",
        "https://app.example.com/*{}", "1",
    ])
    func `S13 a redirect URI that nobody is sent to is refused by its place`(_ uri: String) {
        let text =
            "workspaces: {wsp_a: {redirect_uris: ['https://app.example.com/', \"\(uri == "''" ? "" : uri)\"]}}"
        #expect(field(of: text) == "workspaces.wsp_a.redirect_uris[1]")
    }

    @Test(arguments: [
        "\"\"", "'a b'", "\"a\\tb\"", "é", "'" + String(repeating: "a", count: 129) + "'", "\"a\\0\"",
    ])
    func `a workspace's name is visible ASCII`(_ name: String) {
        #expect(field(of: "workspaces: {\(name): {redirect_uris: []}}")?.hasPrefix("workspaces.") == true)
    }

    @Test func `a file lists one workspace or more`() {
        #expect(field(of: "workspaces: {}") == "workspaces")
    }

    @Test func `origins, the time that sessions begin to count and the branding are read`() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("<svg xmlns='http://www.w3.org/2000/svg'/>", to: "logo.svg")
        let path = try folder.write(
            """
            workspaces:
              wsp_a:
                redirect_uris: []
                origins: [https://app.example.com, "http://localhost:3000"]
                sessions_not_before: 2026-11-29T12:00:00Z
                label: Åpp & Co
                logo: logo.svg
                colors: {accent: '#1A5FB4', accent_dark: '#99c1f1'}
              wsp_b: {redirect_uris: []}
            """, to: "workspaces.yaml")
        let directory = try WorkspaceFile.load(path)
        let workspace = try #require(directory["wsp_a"])
        #expect(
            workspace.origins.origins.map(\.text) == ["https://app.example.com", "http://localhost:3000"])
        #expect(workspace.sessionsNotBefore?.rfc3339 == "2026-11-29T12:00:00Z")
        #expect(workspace.branding.label == "Åpp & Co")
        #expect(workspace.branding.logo?.mediaType == "image/svg+xml")
        #expect(workspace.branding.accent?.text == "#1a5fb4")
        #expect(workspace.branding.darkAccent?.text == "#99c1f1")
        let plain = try #require(directory["wsp_b"])
        #expect(plain.branding == Branding())
        #expect(plain.sessionsNotBefore == nil)
        #expect(!plain.origins.allows("https://app.example.com"))
    }

    @Test(arguments: [
        "http://app.example.com", "https://app.example.com/", "https://app.example.com/a",
        "HTTPS://app.example.com",
        "https://App.example.com", "https://app.example.com:443", "http://localhost:80",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example", "https://*.example.com", "https://user@app.example.com", "null", "*",
        "",
        "app.example.com", "https://", "https://app.example.com?a", "https://app.example.com#a", "file://a",
    ])
    func `S42 what is no origin of an app's pages is refused by its place`(_ origin: String) {
        let text =
            "workspaces: {wsp_a: {redirect_uris: [], origins: ['https://app.example.com', '\(origin)']}}"
        #expect(field(of: text) == "workspaces.wsp_a.origins[1]")
    }

    @Test func `S42 an origin is allowed octet by octet`() throws {
        let origins = try #require(
            parse("workspaces: {wsp_a: {redirect_uris: [], origins: ['https://app.example.com']}}")["wsp_a"]
        ).origins
        #expect(origins.allows("https://app.example.com"))
        for other in [
            "https://app.example.com:443", "https://app.example.com/", "http://app.example.com",
            "https://example.com",
            "https://a.app.example.com", "https://app.example.com.evil.example", "null", "",
            "https://App.example.com",
        ] {
            #expect(!origins.allows(other), "\(other)")
        }
        #expect(OriginAllowlist.everyLoopback.allows("http://localhost:3000"))
        #expect(!OriginAllowlist.everyLoopback.allows("https://app.example.com"))
    }

    @Test(arguments: [
        ("origins: https://app.example.com", "origins"), ("origins: ", "origins"),
        ("sessions_not_before: tomorrow", "sessions_not_before"),
        ("sessions_not_before: ", "sessions_not_before"),
        ("sessions_not_before: 2026-11-29", "sessions_not_before"),
        ("label: ''", "label"), ("label: '   '", "label"), ("label: \"a\\tb\"", "label"),
        ("label: \"a\\u202eb\"", "label"), ("label: [a]", "label"), ("label: ", "label"),
        ("logo: nowhere.svg", "logo"), ("logo: /dev/zero", "logo"), ("logo: ", "logo"), ("logo: [a]", "logo"),
        ("colors: '#1a5fb4'", "colors"), ("colors: {accent: blue}", "colors.accent"),
        ("colors: {accent: '#fff'}", "colors.accent"), ("colors: {accent: '#+12345'}", "colors.accent"),
        // Too light for a light surface, too dark for a dark one.
        ("colors: {accent: '#9a9a9a'}", "colors.accent"),
        ("colors: {accent_dark: '#666666'}", "colors.accent_dark"),
        ("colors: {accent_dark: }", "colors.accent_dark"),
    ])
    func `a value of a session's or a page's key is refused by its place`(_ line: String, _ place: String) {
        let text = "workspaces: {wsp_a: {redirect_uris: [], \(line)}}"
        #expect(field(of: text) == "workspaces.wsp_a.\(place)")
    }

    @Test func `a label has at most 64 characters`() {
        func text(_ count: Int) -> String {
            "workspaces: {wsp_a: {redirect_uris: [], label: \(String(repeating: "é", count: count))}}"
        }
        #expect(field(of: text(64)) == nil)
        #expect(field(of: text(65)) == "workspaces.wsp_a.label")
    }

    @Test func `a logo is a PNG or an SVG, whatever its name`() throws {
        #expect(Logo([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0])?.mediaType == "image/png")
        #expect(Logo(Array("<?xml version='1.0'?><svg/>".utf8))?.mediaType == "image/svg+xml")
        for octets in [[], Array("<html>".utf8), Array("GIF89a".utf8), [0xff] + Array("<svg/>".utf8)] {
            #expect(Logo(octets) == nil)
        }
        #expect(Logo(Array("<svg/>".utf8) + Array(repeating: 0x20, count: 64 * 1024)) == nil)
    }

    @Test func `a refusal says where and why`() {
        let error = #expect(throws: WorkspaceFileError.self) {
            try parse("workspaces: {wsp_a: {redirect_uris: ['http://app.example.com/']}}")
        }
        #expect(
            error?.description
                == "workspaces.yaml: workspaces.wsp_a.redirect_uris[0] must be https; http is for 127.0.0.1, [::1] and localhost only"
        )
    }

    private func field(of text: String) -> String? {
        do throws(WorkspaceFileError) {
            _ = try parse(text)
            return nil
        } catch {
            guard case .invalid(_, let field, _) = error else { return "\(error)" }
            return field
        }
    }
}
