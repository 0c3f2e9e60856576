import Encodings
import Testing

@testable import StateTokens

@Suite("SessionCodec") struct SessionCodecTests {
    private let now = TestKeys.start
    private let sealer: Sealer
    private let audience: Audience
    private let sessions: SessionCodec

    init() throws {
        sealer = Sealer(KeyringReference(try TestKeys.ring([TestKeys.key(1)])))
        audience = try #require(Audience(publicURL: "https://connect.example.com"))
        sessions = SessionCodec(sealer: sealer, audience: audience)
    }

    /// The example of the documentation.
    static func example() -> Session {
        Session(
            issuedAt: TestKeys.start, maker: .apiKey(id: "key_9Rk3mVbTq2xL"), workspaceID: "wsp_123456789",
            userID: "user_42", userLabel: "Ada Lovelace", integrationIDs: ["gmail", "slack"],
            redirectURI: "https://app.example.com/integrations/connected", tags: ["plan": "team"],
            origins: ["https://app.example.com"], mayRead: true)
    }

    private static func full() -> Session {
        var session = example()
        session.lifetime = .seconds(900)
        session.maker = .token(id: "jwt:user-1")
        session.scopes = ["https://www.googleapis.com/auth/gmail.readonly", "openid"]
        session.parameters = ["shop": "", "region": "eu"]
        session.tags = ["é": "1", "plan": "", "a": "b"]
        session.label = "Ada's mail"
        session.connectionID = "conn_AAAAAAAAAAAAAAAAAAAAAA"
        session.mayDisconnect = true
        return session
    }

    @Test func `what was encoded is verified`() throws {
        for session in [
            Self.example(), Self.full(),
            Session(issuedAt: now, maker: .apiKey(id: "k"), workspaceID: "w", userID: "u"),
        ] {
            let text = try sessions.encode(session, at: now)
            #expect(try sessions.verify(text, at: now) == session)
            #expect(SessionCodec.isToken(text))
        }
    }

    @Test func `the example's session has less than 400 characters`() throws {
        #expect(try sessions.encode(Self.example(), at: now).utf8.count < 400)
    }

    @Test func `no session has more than 4,096 characters`() throws {
        var session = Self.example()
        session.tags = [:]
        func token(_ count: Int) throws -> String {
            session.userLabel = String(repeating: "x", count: count)
            return try sessions.encode(session, at: now)
        }
        #expect(SessionCodec.maximumCharacterCount == 4096)
        let rest = 3019 - (try SessionRecord.octets(of: session).count - "Ada Lovelace".utf8.count)
        // The length of a longer text takes another octet.
        let longest = try token(rest - 1)
        #expect(longest.utf8.count == 4096)
        #expect(try sessions.verify(longest, at: now) == session)
        #expect(throws: TokenEncodingError.tooLong) { try token(rest) }
    }

    @Test func `S05 no state and no ticket is taken for a session, and no session for one of them`() throws {
        let text = try sessions.encode(Self.example(), at: now)
        let states = try TestKeys.codec([TestKeys.key(1)])
        #expect(throws: StateTokenError.forged) { try states.verify(text, at: now) }
        let tickets = try TestKeys.tickets([TestKeys.key(1)])
        #expect(throws: TicketError.unopened(.forged)) { try tickets.verify(text, at: now) }
        let state = try states.encode(try StateTokenCodecTests.seed(), at: now).text
        #expect(throws: SessionError.unopened(.forged)) { try sessions.verify(state, at: now) }
        let ticket = try tickets.encode(
            Ticket(issuedAt: now, stateText: state, code: "code"), at: now)
        #expect(throws: SessionError.unopened(.forged)) { try sessions.verify(ticket, at: now) }
    }

    @Test func `S05 a session of another service is not authentic here`() throws {
        let other = try #require(Audience(publicURL: "https://connect.example.org"))
        let text = try SessionCodec(sealer: sealer, audience: other).encode(Self.example(), at: now)
        #expect(throws: SessionError.unopened(.forged)) { try sessions.verify(text, at: now) }
    }

    @Test(arguments: ["", "A", "a+b", "AQ", "AR86nAI"]) func `text that is no token is malformed`(
        _ text: String
    ) {
        #expect(throws: SessionError.unopened(.malformed)) { try sessions.verify(text, at: now) }
    }

    @Test func `S02 no bit flip, truncation or insertion is accepted`() throws {
        let tried = try Tampering.forEach(of: try sessions.encode(Self.example(), at: now)) { text in
            do throws(SessionError) {
                _ = try sessions.verify(text, at: now)
                Issue.record("accepted \(text)")
            } catch {
                switch error {
                case .unopened(.malformed), .unopened(.unknownKey), .unopened(.forged): break
                default: Issue.record("\(error): \(text)")
                }
            }
        }
        #expect(tried > 200 * 8)
    }

    @Test func `a session is over when its lifetime is, and is not good before it began`() throws {
        let session = Self.example()
        let text = try sessions.encode(session, at: now)
        #expect(try sessions.verify(text, at: now + .seconds(1799)) == session)
        #expect(throws: SessionError.expired(session)) { try sessions.verify(text, at: now + .seconds(1800)) }
        #expect(try sessions.verify(text, at: now - .seconds(60)) == session)
        #expect(throws: SessionError.notYetValid) { try sessions.verify(text, at: now - .seconds(61)) }
    }

    @Test func `S33 a key that is disabled ends its sessions`() throws {
        let text = try sessions.encode(Self.example(), at: now)
        let ring = try TestKeys.ring([TestKeys.key(1, status: .disabled), TestKeys.key(2)])
        let codec = SessionCodec(sealer: Sealer(KeyringReference(ring)), audience: audience)
        #expect(throws: SessionError.unopened(.disabledKey(KeyID(rawValue: 1)))) {
            try codec.verify(text, at: now)
        }
    }

    @Test func `a ring that keeps its keys for shorter sessions seals no longer ones`() throws {
        var session = Self.example()
        session.lifetime = .seconds(1801)
        #expect(throws: TokenEncodingError.lifetimeTooLong(longest: .seconds(1800))) {
            try sessions.encode(session, at: now)
        }
        let ring = try Keyring(
            purpose: .state, deploymentID: "d_test", sessionLifetime: .seconds(1801),
            keys: [TestKeys.key(1)])
        let codec = SessionCodec(sealer: Sealer(KeyringReference(ring)), audience: audience)
        #expect(try codec.verify(try codec.encode(session, at: now), at: now) == session)
    }

    @Test func `what the format cannot carry is refused`() {
        for change in [
            { $0.userID = "" }, { $0.workspaceID = "" }, { $0.maker = .apiKey(id: "") },
            { $0.userLabel = "" },
            { $0.integrationIDs = [""] }, { $0.origins = ["a", ""] }, { $0.scopes = ["a b"] },
            { $0.parameters = ["é": "x"] }, { $0.tags = ["": "x"] }, { $0.label = "" },
            { $0.lifetime = .zero }, { $0.lifetime = .milliseconds(1500) },
            { $0.issuedAt = Timestamp(secondsSinceEpoch: -1) },
        ] as [(inout Session) -> Void] {
            var session = Self.example()
            change(&session)
            #expect(throws: TokenEncodingError.invalidField) { try sessions.encode(session, at: now) }
        }
    }

    @Test func `S02 a record that is not whole, not canonical or of another version is not read`() throws {
        let record = try SessionRecord.octets(of: Self.full())
        #expect(try SessionRecord.read(record.span) == Self.full())
        for count in 0..<record.count {
            #expect(throws: StateRecordError.self) {
                try SessionRecord.read(record.span.extracting(first: count))
            }
        }
        #expect(throws: StateRecordError.invalid) { try SessionRecord.read((record + [0]).span) }
        for (index, octet) in [(0, 2), (1, 0xff)] as [(Int, UInt8)] {
            var other = record
            other[index] = octet
            #expect(throws: StateRecordError.unknownVersion) { try SessionRecord.read(other.span) }
        }
    }
}
