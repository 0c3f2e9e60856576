import Access
import ConnectService
import Foundation
import StateTokens
import TestSupport
import Testing

@Suite("symbolon api-keys list and revoke") struct APIKeysRevokeTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func create(_ more: String...) async throws -> String {
        let run = try await CommandRun(
            ["api-keys", "create", "--file", "keys.json", "--workspace", "wsp_1", "--json"] + more, in: folder
        )
        return try #require(run.json["key"] as? String)
    }

    private func keys() throws -> [APIKey] { try APIKeyFile.load(folder.path(of: "keys.json")) }

    private func expire(_ id: String) throws {
        _ = try APIKeyFile.update(folder.path(of: "keys.json")) { keys in
            keys = keys.map { key in
                guard key.id == id else { return key }
                return APIKey(
                    id: key.id, hash: key.hash, label: key.label, workspaceIDs: key.workspaceIDs,
                    permissions: key.permissions, createdAt: key.createdAt - .seconds(60),
                    expiresAt: key.createdAt - .seconds(30))
            }
        }
    }

    @Test func `a revoked key opens nothing, stays in the list, and others go on`() async throws {
        let revoked = try await create()
        let other = try await create()
        let id = try keys()[0].id
        let run = try await folder.symbolon("api-keys", "revoke", id, "--file", "keys.json")
        #expect(run.status == 0)
        #expect(run.output == "\(id) is revoked.\n")
        let table = try APIKeyTable(keys())
        #expect(throws: AccessError.invalidCredential) { try table.principal(for: revoked, at: .now()) }
        _ = try table.principal(for: other, at: .now())
        #expect(try keys().count == 2)
    }

    @Test func `revoking again is done already, and writes nothing`() async throws {
        _ = try await create()
        let id = try keys()[0].id
        _ = try await folder.symbolon("api-keys", "revoke", id, "--file", "keys.json")
        let before = try FileManager.default.attributesOfItem(atPath: folder.path(of: "keys.json"))
        let run = try await folder.symbolon("api-keys", "revoke", id, "--file", "keys.json", "--json")
        #expect(run.status == 0)
        #expect(try run.json["status"] as? String == "revoked")
        let after = try FileManager.default.attributesOfItem(atPath: folder.path(of: "keys.json"))
        #expect(before[.systemFileNumber] as? Int == after[.systemFileNumber] as? Int)
    }

    @Test func `an unknown id is refused`() async throws {
        _ = try await create()
        let run = try await folder.symbolon("api-keys", "revoke", "key_unknown", "--file", "keys.json")
        #expect(run.status == 1)
        #expect(run.errors.hasPrefix("error: keys.json has no key with this id"))
    }

    @Test func `revoking makes no file`() async throws {
        let run = try await folder.symbolon("api-keys", "revoke", "key_1", "--file", "keys.json")
        #expect(run.status == 3)
        #expect(try folder.fileNames.isEmpty)
    }

    @Test func `S23 a key given in place of its id is not said again, and not revoked`() async throws {
        let text = try await create()
        let run = try await folder.symbolon("api-keys", "revoke", text, "--file", "keys.json")
        #expect(run.status == 2)
        #expect(!run.everything.contains(text.dropFirst(4)))
        #expect(try keys()[0].status == .active)
    }

    @Test func `the list says where each key stands, without keys and hashes`() async throws {
        let texts = [
            try await create("--label", "first"), try await create("--expires-in", "90d"), try await create(),
        ]
        let ids = try keys().map(\.id)
        _ = try await folder.symbolon("api-keys", "revoke", ids[2], "--file", "keys.json")
        try expire(ids[1])
        let run = try await folder.symbolon("api-keys", "list", "--file", "keys.json")
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        let rows = run.output.split(separator: "\n").dropFirst().map { $0.split(separator: " ") }
        #expect(rows.map { String($0[0]) } == ids)
        #expect(rows.map { $0[1] } == ["active", "expired", "revoked"])
        #expect(run.output.contains("first"))
        let json = try await folder.symbolon("api-keys", "list", "--file", "keys.json", "--json")
        let listed = try #require(json.json["keys"] as? [[String: Any]])
        #expect(listed.map { $0["valid"] as? Bool } == [true, false, false])
        for key in listed {
            #expect(
                Set(key.keys) == [
                    "id", "label", "workspaces", "permissions", "created_at", "expires_at", "status", "valid",
                ])
        }
        for run in [run, json] {
            #expect(!run.everything.contains("sha256"))
            for text in texts { #expect(!run.everything.contains(text.dropFirst(4))) }
        }
    }

    @Test func `a label cannot give orders to a terminal`() async throws {
        _ = try await create("--label", "MARK")
        let text = try folder.read("keys.json").replacing("MARK", with: #"\u001b[2J\u202e"#)
        try folder.write(text, to: "keys.json")
        let run = try await folder.symbolon("api-keys", "list", "--file", "keys.json")
        #expect(run.status == 0)
        #expect(run.output.contains(#"\u{1b}[2J\u{202e}"#))
        #expect(!run.output.contains("\u{1b}"))
    }

    @Test func `a list without keys says how to make one, and a missing file is said so`() async throws {
        try folder.write(#"{"keys":[]}"#, to: "keys.json")
        let empty = try await folder.symbolon("api-keys", "list", "--file", "keys.json")
        #expect(empty.status == 0)
        #expect(empty.output.contains("symbolon api-keys create"))
        let missing = try await folder.symbolon("api-keys", "list", "--file", "missing.json")
        #expect(missing.status == 3)
        #expect(missing.errors.contains("symbolon api-keys create"))
    }
}
