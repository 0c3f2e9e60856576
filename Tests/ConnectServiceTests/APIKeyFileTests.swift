import Access
import ConnectService
import Foundation
import StateTokens
import Testing

@Suite("APIKeyFile") struct APIKeyFileTests {
    private static let hash = APIKeyHash(of: "sym_x").description
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static func entry(
        id: String = #""key_1""#, hash: String = "\"\(Self.hash)\"", permissions: String = #"["read"]"#,
        createdAt: String = #""2026-01-01T00:00:00Z""#, expiresAt: String = "null",
        status: String = #""active""#,
        workspaces: String = #"["wsp_a"]"#, _ limits: String = ""
    ) -> String {
        """
        {"id": \(id), "hash": \(hash), "label": "ci", "workspaces": \(workspaces), "permissions": \(permissions),
         "created_at": \(createdAt), "expires_at": \(expiresAt), "status": \(status)\(limits)}
        """
    }

    private func load(_ text: String) throws(APIKeyFileError) -> [APIKey] {
        let path: String
        do { path = try folder.write(text, to: "api-keys.json") } catch {
            throw .inaccessible(path: "", reason: "\(error)")
        }
        return try APIKeyFile.load(path)
    }

    @Test func `keys are read as they were written`() throws {
        let keys = [
            try APIKey.make(
                label: "a/b \"c\"", workspaceIDs: ["wsp_a", "wsp_b"], permissions: [.initiate, .admin],
                expiresAt: TestKeys.start + .seconds(60), at: TestKeys.start
            ).key,
            try APIKey.make(
                label: "", workspaceIDs: ["wsp_a"], permissions: [.read],
                limits: AccessLimits(
                    integrationIDs: ["gmail", "slack"], connectionIDs: ["conn_AAAAAAAAAAAAAAAAAAAAAA"],
                    userIDs: ["Ada Lovelace"], scopes: ["https://example.com/a"]), expiresAt: nil,
                at: TestKeys.start
            ).key,
            try APIKey.make(label: "", workspaceIDs: [], permissions: [], expiresAt: nil, at: TestKeys.start)
                .key.revoked(),
        ]
        let text = String(decoding: try APIKeyFile.json(keys), as: UTF8.self)
        #expect(try load(text) == keys)
        #expect(text.hasSuffix("}\n"))
    }

    @Test func `a file without keys is read`() throws { #expect(try load(#"{"keys": []}"#).isEmpty) }

    /// As Kubernetes mounts a Secret.
    @Test func `a link is as good as the file behind it, and no more open`() throws {
        let path = try folder.write(#"{"keys": []}"#, to: "target")
        try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: path)
        #expect(try APIKeyFile.load(folder.path("link")).isEmpty)
        try FileManager.default.setAttributes([.posixPermissions: 0o602], ofItemAtPath: path)
        #expect(throws: APIKeyFileError.tooOpen(path: folder.path("link"))) {
            try APIKeyFile.load(folder.path("link"))
        }
    }

    @Test func `a file that is not there is inaccessible`() {
        let error = #expect(throws: APIKeyFileError.self) { try APIKeyFile.load(folder.path("nowhere")) }
        guard case .inaccessible(let path, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(path == folder.path("nowhere"))
    }

    @Test(arguments: [
        "", "[]", "{}", "null", "keys: []", #"{"keys": {}}"#, #"{"keys": [{}]}"#, #"{"keys": [null]}"#,
        #"{"keys": ["key_1"]}"#, "{\"keys\": [\(entry())", "{\"keys\": [\(entry(id: "1"))]}",
        "{\"keys\": [\(entry(permissions: "\"read\""))]}", "{\"keys\": [\(entry(workspaces: "null"))]}",
        "{\"keys\": [\(entry(status: "null"))]}", "{\"keys\": [\(entry(expiresAt: "0"))]}",
    ])
    func `S25 text of another shape is refused`(_ text: String) {
        #expect(field(of: text) == "the text")
    }

    @Test(
        arguments: [
            ("hash", entry(hash: "\"\"")), ("hash", entry(hash: #""sym_x""#)),
            ("hash", entry(hash: "\"\(hash.uppercased())\"")),
            ("permissions", entry(permissions: #"["root"]"#)),
            ("permissions", entry(permissions: #"["read", ""]"#)),
            ("permissions", entry(permissions: #"["READ"]"#)),
            ("created_at", entry(createdAt: #""""#)), ("created_at", entry(createdAt: #""2026-01-01""#)),
            ("created_at", entry(createdAt: #""2026-02-30T00:00:00Z""#)),
            ("expires_at", entry(expiresAt: #""""#)), ("expires_at", entry(expiresAt: #""never""#)),
            ("expires_at", entry(expiresAt: #""2026-01-01T00:00:00+00:00""#)),
            ("status", entry(status: #""""#)),
            ("integrations", entry(#", "integrations": []"#)),
            ("integrations", entry(#", "integrations": [""]"#)),
            ("integrations", entry(#", "integrations": ["a b"]"#)),
            ("connections", entry(#", "connections": []"#)),
            ("connections", entry(#", "connections": ["é"]"#)),
            ("users", entry(#", "users": []"#)), ("users", entry(#", "users": ["a\u0000"]"#)),
            ("users", entry(#", "users": ["\#(String(repeating: "a", count: 129))"]"#)),
            ("scopes", entry(#", "scopes": []"#)), ("scopes", entry(#", "scopes": ["a b"]"#)),
            ("permissions", entry(permissions: #"["operate"]"#, #", "users": ["ada"]"#)),
            ("status", entry(status: #""disabled""#)), ("status", entry(status: #""Active""#)),
        ])
    func `S25 a wrong value is refused by its place`(_ place: String, _ entry: String) {
        #expect(
            field(
                of:
                    "{\"keys\": [\(Self.entry(id: "\"key_0\"", hash: "\"\(APIKeyHash(of: "0"))\"")), \(entry)]}"
            )
                == "keys[1] (key_1).\(place)")
    }

    @Test(arguments: [
        (#", "adresses": ["10.0.0.0/8"]"#, "`adresses`; did you mean `addresses`?"),
        (#", "scope": ["a"]"#, "`scope`; did you mean `scopes`?"),
        (#", "Users": ["ada"]"#, "`Users`; did you mean `users`?"),
        (#", "sym_0123456789abcdef": true"#, "a name that this release does not know; there are: id, hash,"),
    ]) func `S27 a member that nothing reads is refused, since it may be a limit`(
        _ member: String, _ reason: String
    ) throws {
        let error = #expect(throws: APIKeyFileError.self) {
            try load("{\"keys\": [\(Self.entry(member))]}")
        }
        let text = try #require(error?.description)
        #expect(text.contains("keys[0] has ") && text.contains(reason) && !text.contains("0123456789"))
    }

    @Test func `S27 a member beside the keys is refused`() {
        #expect(field(of: "{\"keys\": [\(Self.entry())], \"key\": []}") == "the text")
        #expect(field(of: "{\"keys\": [\(Self.entry())]}") == nil)
    }

    @Test func `S27 the same hash twice is refused, for one of them may be revoked`() {
        let twice = [Self.entry(), Self.entry(id: #""key_2""#, status: #""revoked""#)].joined(separator: ",")
        #expect(field(of: "{\"keys\": [\(twice)]}") == "keys[1] (key_2).hash")
    }

    @Test func `S27 the same id twice is refused`() {
        let twice = [Self.entry(), Self.entry(hash: "\"\(APIKeyHash(of: "b"))\"")].joined(separator: ",")
        #expect(field(of: "{\"keys\": [\(twice)]}") == "keys[1] (key_1).id")
    }

    @Test func `S23 a refusal repeats no value`() {
        let error = #expect(throws: APIKeyFileError.self) {
            try load("{\"keys\": [\(Self.entry(hash: #""sym_secret""#))]}")
        }
        #expect(error?.description.contains("sym_secret") == false)
        #expect(error?.description.contains("keys[0] (key_1).hash must be") == true)
    }

    /// Where the file is said to be wrong.
    private func field(of text: String) -> String? {
        do throws(APIKeyFileError) {
            _ = try load(text)
            return nil
        } catch {
            guard case .invalid(_, let field, _) = error else { return "\(error)" }
            return field
        }
    }
}
