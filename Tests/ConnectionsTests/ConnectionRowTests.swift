import Connections
import FoundationEssentials
import StateTokens
import Testing

/// Texts in rows, which every version writes alike.
@Suite("Connection rows") struct ConnectionRowTests {
    private static let texts = [
        "", "https://www.example.com/auth/mail", "a \"b\" \\c/", "é\u{1F600}\u{2028}",
        String(String.UnicodeScalarView((1..<0x80).compactMap { UnicodeScalar($0) })),
    ]

    private func stored(_ column: String, of connection: Connection) throws -> StoredValue {
        let index = try #require(Connection.columns.firstIndex { $0.name == column })
        return try connection.values()[index]
    }

    private func encoded(_ value: some Encodable) throws -> StoredValue {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return .text(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    private func connection(scopes: [String], config: [String: String]) throws -> Connection {
        let flow = try #require(FlowID(octets: [UInt8](repeating: 1, count: FlowID.byteCount)))
        let new = NewConnection(
            id: try .random(), workspaceID: "w", userID: nil, integrationID: "gmail", label: "Gmail",
            terms: GrantTerms(
                authMethodID: "oauth2", scopesRequested: scopes, scopesGranted: scopes, config: config,
                account: nil, binding: .direct, flowID: flow, expiresAt: nil))
        return Connection(new, now: DatabaseTime(millisecondsSinceEpoch: 0))
    }

    @Test func `lists are written as rows of earlier versions have them`() throws {
        for scopes in [[], Self.texts] {
            let connection = try connection(scopes: scopes, config: [:])
            #expect(try stored("scopes_requested", of: connection) == encoded(scopes))
        }
    }

    @Test func `maps are written as rows of earlier versions have them, in the order of their names`() throws
    {
        let names = ["b", "a", "B", "10", "9", "aa", "a/b", "_", "tenant_id", "tenantid"] + Self.texts
        let config = Dictionary(uniqueKeysWithValues: zip(names, names.reversed()))
        for config in [[:], config] {
            let connection = try connection(scopes: [], config: config)
            #expect(try stored("config", of: connection) == encoded(config))
        }
    }
}
