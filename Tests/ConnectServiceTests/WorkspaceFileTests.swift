import ConnectService
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
        "", "[]", "workspaces", "workspaces: []", "workspaces: wsp_a", "wsp_a: {redirect_uris: []}",
        "workspaces: {wsp_a: }", "workspaces: {wsp_a: []}", "workspaces: {wsp_a: {}}",
        "workspaces: {wsp_a: {redirect_uri: []}}",
        "workspaces: {wsp_a: {redirect_uris: https://app.example.com}}",
        "workspaces: {wsp_a: {redirect_uris: [[]]}}", "workspaces: {wsp_a: {redirect_uris: [}",
        "workspaces: {wsp_a: {redirect_uris: []}, wsp_a: {redirect_uris: []}}",
    ])
    func `text of another shape is refused`(_ text: String) {
        #expect(field(of: text) == "the text")
    }

    @Test(arguments: [
        "workspaces: {wsp_a: {redirect_uris: [], confirmed: required}}",
        "workspaces: {wsp_a: {redirect_uris: [], integrations: {gmail: {client_id: x}}}}",
        "workspaces: {wsp_a: {redirect_uris: [], redirect_urls: []}}",
        "workspaces: {wsp_a: {redirect_uris: []}}\nx: 1",
    ])
    func `S37 a key that nobody heeds is refused, for it may ask for more safety`(_ text: String) {
        #expect(field(of: text) != nil)
    }

    @Test func `S11 a workspace may require confirmation, and the others do not by that`() throws {
        let workspaces = try parse(
            "workspaces: {wsp_a: {redirect_uris: [], confirm: required}, wsp_b: {redirect_uris: []}}")
        #expect(workspaces["wsp_a"]?.requiresConfirmation == true)
        #expect(workspaces["wsp_b"]?.requiresConfirmation == false)
    }

    @Test(arguments: ["Required", "no", "true", "''", "", "~", "optional"])
    func `S11 another word than required is refused by its place`(_ word: String) {
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
