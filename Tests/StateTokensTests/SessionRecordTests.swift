import Testing

@testable import StateTokens

/// The record and the token against vectors of a second implementation that was written from the page SessionFormat
/// (Vectors/session_record.py).
@Suite("The session record") struct SessionRecordTests {
    struct Fields: Decodable {
        let issued_at: Int64
        let maker: String
        let workspace: String
        let user: String
        let lifetime: Int
        let user_label: String?
        let integrations: [String]
        let scopes: [String]
        let parameters: [String: String]
        let redirect_uri: String?
        let tags: [String: String]
        let label: String?
        let connection: String?
        let origins: [String]
        let may_read: Bool
        let may_disconnect: Bool
        let made_by_token: Bool
    }
    struct Valid: Decodable {
        let comment: String
        let session: Fields
        let record: String
        let key_id: String
        let iv: String
        let token: String
        let canonical: Bool?
    }

    let file: RecordVectors<Valid>
    let codec: SessionCodec

    init() throws {
        file = try VectorFile.load("session-record.json", as: RecordVectors<Valid>.self)
        let keys = try file.sealingKeys()
        codec = SessionCodec(
            sealer: Sealer(KeyringReference(try TestKeys.ring(keys))),
            audience: try #require(Audience(publicURL: file.audience)))
        try #require(
            file.valid.count >= 50 && file.invalid_records.count >= 300 && file.invalid_tokens.count >= 390)
    }

    private func session(_ fields: Fields) -> Session {
        Session(
            issuedAt: Timestamp(secondsSinceEpoch: fields.issued_at), lifetime: .seconds(fields.lifetime),
            maker: fields.made_by_token ? .token(id: fields.maker) : .apiKey(id: fields.maker),
            workspaceID: fields.workspace, userID: fields.user, userLabel: fields.user_label,
            integrationIDs: fields.integrations, scopes: fields.scopes, parameters: fields.parameters,
            redirectURI: fields.redirect_uri, tags: fields.tags, label: fields.label,
            connectionID: fields.connection, origins: fields.origins, mayRead: fields.may_read,
            mayDisconnect: fields.may_disconnect)
    }

    @Test func `what the other wrote is read the same, and written the same`() throws {
        for vector in file.valid {
            let expected = session(vector.session)
            #expect(try SessionRecord.read(octets(vector.record).span) == expected, "\(vector.comment)")
            guard vector.canonical != false else { continue }
            #expect(try hex(SessionRecord.octets(of: expected)) == vector.record, "\(vector.comment)")
        }
    }

    @Test func `the other's tokens are verified`() throws {
        for vector in file.valid {
            let now = Timestamp(secondsSinceEpoch: vector.session.issued_at)
            #expect(try codec.verify(vector.token, at: now) == session(vector.session), "\(vector.comment)")
        }
    }

    @Test func `the other's key and IV give the other's token`() throws {
        for vector in file.valid where vector.canonical != false {
            let token = try codec.encode(
                session(vector.session), key: #require(KeyID(vector.key_id)), iv: octets(vector.iv))
            #expect(token == vector.token, "\(vector.comment)")
        }
    }

    @Test func `S02 every record that the other refuses is refused`() {
        for vector in file.invalid_records {
            #expect(throws: StateRecordError.self, "\(vector.comment)") {
                try SessionRecord.read(octets(vector.record).span)
            }
        }
    }

    @Test func `S02 every token that the other refuses is refused`() {
        for vector in file.invalid_tokens {
            #expect(throws: SessionError.self, "\(vector.comment)") {
                try codec.verify(vector.token, at: TestKeys.start)
            }
        }
    }
}
