import Encodings
import Testing

@testable import StateTokens

@Suite("StateTokenCodec") struct StateTokenCodecTests {
    let now = TestKeys.start
    let codec: StateTokenCodec

    /// The seed's own example, everything carried.
    static func seed(issuedAt: Timestamp = TestKeys.start) throws -> FlowState {
        FlowState(
            issuedAt: issuedAt, integrationID: "gmail", fingerprint: 0xa1b2_c3d4,
            workspaceID: "wsp_123456789",
            scopes: [
                "https://www.googleapis.com/auth/gmail.readonly",
                "https://www.googleapis.com/auth/gmail.send",
            ], redirectURI: "https://dash.example.com/integrations/callback",
            codeVerifier: CodeVerifier(octets: Array(0..<32)))
    }

    init() throws { codec = try TestKeys.codec([TestKeys.key(1)]) }

    @Test func `the seed's Gmail example takes at most 250 characters`() throws {
        let token = try codec.encode(Self.seed(), at: now)
        #expect(token.text.utf8.count == 236)
        #expect(token.text.utf8.count <= 250)
    }

    @Test func `with a binding it takes at most 300`() throws {
        var state = try Self.seed()
        state.binding = Binding(octets: Array(32..<64))
        #expect(try codec.encode(state, at: now).text.utf8.count == 279)
    }

    @Test func `what was encoded is verified, with the same flow id`() throws {
        let token = try codec.encode(Self.seed(), at: now)
        let verified = try codec.verify(token.text, at: now)
        #expect(verified.state == (try Self.seed()))
        #expect(verified.flowID == token.flowID)
        #expect(verified.keyID == KeyID(rawValue: 1))
    }

    @Test func `the same state has another token each time`() throws {
        let tokens = try (0..<1000).map { _ in try codec.encode(Self.seed(), at: now) }
        #expect(Set(tokens.map(\.text)).count == 1000)
        #expect(Set(tokens.map(\.flowID)).count == 1000)
    }

    @Test func `no two code verifiers are alike`() throws {
        let verifiers = try (0..<1000).map { _ in try codec.makeCodeVerifier().text }
        #expect(Set(verifiers).count == 1000)
        #expect(verifiers.allSatisfy { $0.utf8.count == 43 })
    }

    @Test(arguments: ["", "=", "a+b", "AA", "AQ", String(repeating: "A", count: 1437), "é"])
    func `text that is no token is malformed`(_ text: String) {
        #expect(throws: StateTokenError.malformed) { try codec.verify(text, at: now) }
    }

    /// "Every bit flip and every truncation of 100 tokens: 0 accepted", and every insertion of one octet.
    @Test func `S02 no bit flip, truncation or insertion is accepted`() throws {
        var tried = 0
        for _ in 0..<100 {
            tried += try Tampering.forEach(of: try codec.encode(Self.seed(), at: now).text) {
                expectRefused($0)
            }
        }
        #expect(tried == 100 * (177 * 8 + 177 + 236 + 178))
    }

    /// By its form, its key or its tag: not by what it was opened to.
    private func expectRefused(_ text: String) {
        do throws(StateTokenError) {
            _ = try codec.verify(text, at: now)
            Issue.record("accepted \(text)")
        } catch {
            switch error {
            case .malformed, .unknownKey, .forged: break
            default: Issue.record("\(error): \(text)")
            }
        }
    }

    @Test func `S03 a wrong key never opens and never crashes, in 1,000,000 tries`() throws {
        // Same id, other material: as under a rotation gone wrong.
        var octets = (0..<64).map { UInt8($0) }
        let texts = try (0..<500).map { _ in try codec.encode(Self.seed(), at: now).text }
        var refused = 0
        for round in 0..<2000 {
            octets[round % 64] &+= 1
            octets[63 - round % 32] &+= 3
            let key = Key(
                id: KeyID(rawValue: 1), material: try KeyMaterial(octets: octets.span), created: now,
                activates: now)
            let other = try TestKeys.codec([key])
            for text in texts {
                do throws(StateTokenError) {
                    _ = try other.verify(text, at: now)
                } catch {
                    refused += error == .forged ? 1 : 0
                }
            }
        }
        #expect(refused == 1_000_000)
    }

    @Test(arguments: [
        "http://connect.example.com", "https://connect.example.com:8443", "https://connect.example.org",
        "https://connect.example.com/path",
    ])
    func `S05 a state for another audience is forged`(_ audience: String) throws {
        let other = try TestKeys.codec([TestKeys.key(1)], audience: audience)
        let text = try other.encode(Self.seed(), at: now).text
        #expect(throws: StateTokenError.forged) { try codec.verify(text, at: now) }
    }

    @Test(arguments: ["ticket", "connection", "api-key", "stat", "states"])
    func `S05 what was sealed for another purpose is forged`(_ purpose: String) throws {
        let sealer = Sealer(KeyringReference(try TestKeys.ring([TestKeys.key(1)])))
        let sealed = try sealer.seal(
            [1, 2, 3].span, as: #require(Purpose(purpose)),
            context: Array("https://connect.example.com".utf8).span,
            at: now)
        #expect(throws: StateTokenError.forged) { try codec.verify(Base64URL.encode(sealed.span), at: now) }
    }

    @Test func `a key id that no key has is named`() throws {
        let other = try TestKeys.codec([TestKeys.key(2)])
        let text = try other.encode(Self.seed(), at: now).text
        #expect(throws: StateTokenError.unknownKey(KeyID(rawValue: 2))) { try codec.verify(text, at: now) }
    }

    @Test func `S33 a disabled key authenticates nothing`() throws {
        let text = try codec.encode(Self.seed(), at: now).text
        let disabled = try TestKeys.codec([TestKeys.key(1, status: .disabled), TestKeys.key(2)])
        #expect(throws: StateTokenError.disabledKey(KeyID(rawValue: 1))) {
            try disabled.verify(text, at: now)
        }
    }

    @Test func `a retired key opens and does not seal`() throws {
        let text = try codec.encode(Self.seed(), at: now).text
        let retired = try TestKeys.codec([TestKeys.key(1, status: .retired), TestKeys.key(2)])
        #expect(try retired.verify(text, at: now).keyID == KeyID(rawValue: 1))
        let sealed = try retired.encode(Self.seed(), at: now)
        #expect(try retired.verify(sealed.text, at: now).keyID == KeyID(rawValue: 2))
    }

    @Test func `a ring without an enabled key seals nothing`() throws {
        let codec = try TestKeys.codec([TestKeys.key(1, status: .retired)])
        #expect(throws: StateEncodingError.noSealingKey) { try codec.encode(Self.seed(), at: now) }
    }

    @Test(arguments: [599, 600, 601]) func `a state lives for its lifetime, to the second`(_ age: Int) throws
    {
        let text = try codec.encode(Self.seed(), at: now).text
        let later = now + .seconds(age)
        if age < 600 {
            #expect(try codec.verify(text, at: later).state == Self.seed())
        } else {
            let error = #expect(throws: StateTokenError.self) { try codec.verify(text, at: later) }
            guard case .expired(let verified) = error else {
                Issue.record("not expired: \(String(describing: error))")
                return
            }
            #expect(verified.state.redirectURI == "https://dash.example.com/integrations/callback")
        }
    }

    @Test(arguments: [59, 60, 61]) func `a state from the future is refused beyond the skew`(_ ahead: Int)
        throws
    {
        let text = try codec.encode(Self.seed(issuedAt: now + .seconds(ahead)), at: now).text
        if ahead <= 60 {
            _ = try codec.verify(text, at: now)
        } else {
            let error = #expect(throws: StateTokenError.self) { try codec.verify(text, at: now) }
            guard case .notYetValid = error else {
                Issue.record("accepted from the future: \(String(describing: error))")
                return
            }
        }
    }

    @Test func `a lifetime beyond the ring's greatest is refused`() throws {
        var state = try Self.seed()
        state.lifetime = .seconds(601)
        #expect(throws: StateEncodingError.invalidField(.lifetime)) { try codec.encode(state, at: now) }
    }

    @Test func `a replaced ring is followed at once`() throws {
        let reference = KeyringReference(try TestKeys.ring([TestKeys.key(1)]))
        let audience = try #require(Audience(publicURL: "https://connect.example.com"))
        let codec = StateTokenCodec(sealer: Sealer(reference), audience: audience)
        let first = try codec.encode(Self.seed(), at: now)
        reference.replace(
            with: try TestKeys.ring([TestKeys.key(1), TestKeys.key(2, activates: now + .seconds(5))]))
        #expect(try codec.verify(codec.encode(Self.seed(), at: now).text, at: now).keyID.rawValue == 1)
        let later = now + .seconds(5)
        #expect(try codec.verify(codec.encode(Self.seed(), at: later).text, at: later).keyID.rawValue == 2)
        // A clock that is set back seals with the earlier key again.
        #expect(try codec.verify(codec.encode(Self.seed(), at: now).text, at: now).keyID.rawValue == 1)
        reference.replace(with: try TestKeys.ring([TestKeys.key(2)]))
        #expect(throws: StateTokenError.unknownKey(KeyID(rawValue: 1))) {
            try codec.verify(first.text, at: now)
        }
    }

    @Test func `many threads share a codec`() async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<500 {
                        let token = try codec.encode(Self.seed(), at: now)
                        #expect(try codec.verify(token.text, at: now).flowID == token.flowID)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
