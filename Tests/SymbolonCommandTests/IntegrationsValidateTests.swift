import Foundation
import TestSupport
import Testing

@Suite("symbolon integrations validate") struct IntegrationsValidateTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let good = """
        integrations:
          acme:
            documentation: https://acme.example/docs
            authorization_endpoint: https://acme.example/authorize
            token_endpoint: https://acme.example/token

        """

    @Test func `a good file is named entry by entry`() async throws {
        try folder.write(Self.good, to: "catalog.yaml")
        let run = try await folder.symbolon("integrations", "validate", "catalog.yaml")
        #expect(run.status == 0)
        #expect(run.output == "acme\n")
        #expect(run.errors == "Good: 1 entry.\n")
    }

    private func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: name), withIntermediateDirectories: false)
    }

    @Test func `a folder is read file by file in the order of their names`() async throws {
        try makeFolder("catalog")
        try folder.write(Self.good, to: "catalog/b.yaml")
        try folder.write("integrations:\n  acme: {colour: red}\n", to: "catalog/c.yml")
        try folder.write("not: read", to: "catalog/.hidden.yaml")
        try folder.write("not read", to: "catalog/notes.txt")
        let bad = try await folder.symbolon("integrations", "validate", "catalog/")
        #expect(bad.status == 3 && bad.errors.contains("catalog/c.yml:2: "), "\(bad.everything)")
        try folder.write("integrations:\n  acme: {label: Acme Two}\n", to: "catalog/c.yml")
        let good = try await folder.symbolon("integrations", "validate", "catalog")
        #expect(good.status == 0 && good.output == "acme\n", "\(good.everything)")
        let shown = try await CommandRun(
            ["integrations", "show", "acme"], environment: ["SYMBOLON_CATALOG": "catalog"], in: folder)
        #expect(shown.output.contains("Acme Two"), "\(shown.everything)")
    }

    @Test func `a folder without a catalog file is a mistake`() async throws {
        try makeFolder("empty")
        try folder.write("x", to: "empty/notes.txt")
        let run = try await folder.symbolon("integrations", "validate", "empty")
        #expect(
            run.status == 3 && run.errors.contains("has no file that ends in .yaml or .yml"),
            "\(run.everything)")
    }

    @Test func `without a file the program's own catalog is checked`() async throws {
        let run = try await folder.symbolon("integrations", "validate", "--json")
        #expect(run.status == 0)
        #expect(try (run.json["entries"] as? [String])?.contains("gmail") == true)
    }

    @Test(arguments: [
        ("    pkce: maybe", 6, "pkce"), ("    token: {authentication: guess}", 6, "token.authentication"),
        ("    colour: red", 6, "colour"), ("    token: {headers: {Host: x}}", 6, "token.headers"),
        ("    callback: {signature: {method: crc32, parameter: x}}", 6, "callback.signature.method"),
        ("    callback: {expected: {state: x}}", 6, "callback.expected"),
        ("    account: {id: callback.shop}", 6, "account.id"),
        ("    token: {signed_client_secret: {lifetime: 300}}", 6, "token.signed_client_secret.audience"),
    ])
    func `a mistake is named by file, line, entry and field`(_ line: String, _ number: Int, _ field: String)
        async throws
    {
        try folder.write(Self.good + line + "\n", to: "bad.yaml")
        let run = try await folder.symbolon("integrations", "validate", "bad.yaml")
        #expect(run.status == 3)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("bad.yaml:\(number): integrations.acme.\(field): "), "\(run.errors)")
        let json = try await folder.symbolon("integrations", "validate", "bad.yaml", "--json")
        #expect(json.status == 3)
        #expect(try json.json["valid"] as? Bool == false)
        let mistake = try #require((try json.json["mistakes"] as? [[String: Any]])?.first)
        #expect(mistake["file"] as? String == "bad.yaml" && mistake["line"] as? Int == number)
        #expect(mistake["entry"] as? String == "acme" && mistake["field"] as? String == field)
    }

    /// Its token endpoint is on a host that the caller names.
    private static let openHost = Self.good.replacing(
        "token_endpoint: https://acme.example/token",
        with: "token_endpoint: \"https://{host}/token\"\n    parameters: {host: {kind: host}}")

    @Test(arguments: ["", ", pattern: \".*\"", ", pattern: \".*[.]com\"", ", pattern: \".*acme[.]example\""])
    func `S40 validate and start-up reject a host that the caller names`(_ pattern: String) async throws {
        try folder.write(
            Self.openHost.replacing("kind: host", with: "kind: host\(pattern)"), to: "catalog.yaml")
        try folder.write("catalog: [catalog.yaml]", to: "symbolon.yaml")
        for arguments in [
            ["integrations", "validate", "catalog.yaml"], ["config", "check", "--config", "symbolon.yaml"],
            ["serve", "--config", "symbolon.yaml", "--port", "0"],
        ] {
            let run = try await CommandRun(arguments, in: folder)
            #expect(run.status == 3, "\(arguments)")
            #expect(
                run.everything.contains(
                    "catalog.yaml:5: integrations.acme.token_endpoint: the caller would "),
                "\(run.everything)")
            #expect(run.everything.contains("`pattern`"))
        }
    }

    @Test(arguments: [
        Self.openHost + "    token: {authentication: none}\n",
        Self.openHost.replacing("kind: host", with: "kind: host, pattern: \".*[.]acme[.]example\""),
    ]) func `S40 a public client may go to any host, and any client to hosts under a fixed name`(
        _ text: String
    ) async throws {
        try folder.write(text, to: "catalog.yaml")
        let run = try await folder.symbolon("integrations", "validate", "catalog.yaml")
        #expect(run.status == 0, "\(run.everything)")
    }

    @Test func `every mistake of every file is named at once`() async throws {
        try folder.write("integrations: {a: {label: 1}, b: {pkce: x}}", to: "one.yaml")
        try folder.write("integrations: [", to: "two.yaml")
        let run = try await folder.symbolon("integrations", "validate", "one.yaml", "two.yaml", "--json")
        let files = try #require(try run.json["mistakes"] as? [[String: Any]]).compactMap {
            $0["file"] as? String
        }
        #expect(files.contains("one.yaml") && files.contains("two.yaml"))
        #expect(files.count > 3)
    }

    @Test func `a file that is not there is a matter of configuration`() async throws {
        let run = try await folder.symbolon("integrations", "validate", "nowhere.yaml")
        #expect(run.status == 3)
        #expect(run.errors.contains("nowhere.yaml cannot be read"))
    }

    @Test func `plain http is for loopback, and only when asked`() async throws {
        try folder.write(
            Self.good.replacing("https://acme.example", with: "http://127.0.0.1:9"), to: "local.yaml")
        #expect(try await folder.symbolon("integrations", "validate", "local.yaml").status == 3)
        #expect(
            try await folder.symbolon("integrations", "validate", "local.yaml", "--allow-insecure-loopback")
                .status == 0)
    }
}
