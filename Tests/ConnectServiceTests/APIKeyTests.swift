import Access
import ConnectService
import StateTokens
import Testing

@Suite("APIKeyTable") struct APIKeyTableTests {
    private static let text = "sym_" + String(repeating: "A", count: 43)
    private let now = TestKeys.start

    private func key(
        _ text: String = Self.text, id: String = "key_1", expiresAt: Timestamp? = nil,
        status: APIKey.Status = .active
    ) -> APIKey {
        APIKey(
            id: id, hash: APIKeyHash(of: text), label: "", workspaceIDs: ["wsp_a"], permissions: [.read],
            createdAt: now, expiresAt: expiresAt, status: status)
    }

    @Test func `the holder of a key is who the key says`() throws {
        let principal = try APIKeyTable([key()]).principal(for: Self.text, at: now)
        #expect(
            principal == Principal(credentialID: "key_1", workspaceIDs: ["wsp_a"], permissions: [.read]))
        #expect(principal.userID == nil)
    }

    @Test(arguments: [
        "", "sym_", "sym_" + String(repeating: "A", count: 42), "sym_" + String(repeating: "A", count: 44),
        "SYM_" + String(repeating: "A", count: 43), String(repeating: "A", count: 43),
        "sym_" + String(repeating: "A", count: 42) + "B", " sym_" + String(repeating: "A", count: 43),
        "sym_" + String(repeating: "A", count: 43) + "\n", APIKeyHash(of: Self.text).description,
    ])
    func `S27 any other text is nobody's`(_ text: String) {
        #expect(throws: AccessError.invalidCredential) {
            try APIKeyTable([key()]).principal(for: text, at: now)
        }
    }

    @Test func `S27 a key is good to the last second, and no longer`() throws {
        let table = APIKeyTable([key(expiresAt: now)])
        #expect(try table.principal(for: Self.text, at: now - .seconds(1)).credentialID == "key_1")
        #expect(throws: AccessError.invalidCredential) { try table.principal(for: Self.text, at: now) }
        #expect(throws: AccessError.invalidCredential) {
            try table.principal(for: Self.text, at: now + .seconds(1))
        }
    }

    @Test func `S27 a revoked key is nobody's`() {
        let table = APIKeyTable([key().revoked()])
        #expect(throws: AccessError.invalidCredential) { try table.principal(for: Self.text, at: now) }
    }

    @Test func `S27 an empty table knows nobody`() {
        #expect(throws: AccessError.invalidCredential) {
            try APIKeyTable([]).principal(for: Self.text, at: now)
        }
    }

    @Test func `S27 a new key opens the table by its text, which is not kept`() throws {
        let (key, text) = try APIKey.make(
            label: "ci", workspaceIDs: ["wsp_a", "wsp_b"], permissions: [.initiate], expiresAt: nil, at: now)
        #expect(text.hasPrefix("sym_"))
        #expect(text.utf8.count == 47)
        #expect(key.id.hasPrefix("key_"))
        #expect(!"\(key)".contains(text.dropFirst(4)))
        #expect(try APIKeyTable([key]).principal(for: text, at: now).permissions == [.initiate])
        let other = try APIKey.make(label: "ci", workspaceIDs: [], permissions: [], expiresAt: nil, at: now)
        #expect(other.text != text)
        #expect(other.key.id != key.id)
    }

    @Test func `a hash is written as it is read`() throws {
        let text = APIKeyHash(of: "").description
        #expect(text == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(APIKeyHash(text) == APIKeyHash(of: ""))
        #expect(APIKeyHash(of: "a") != APIKeyHash(of: "b"))
    }

    @Test(arguments: [
        "", "sha256:", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8555",
        "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        "SHA256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha512:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256:+3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256:g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256: 3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256:é0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n",
    ])
    func `S27 another spelling of a hash is none`(_ text: String) { #expect(APIKeyHash(text) == nil) }
}
