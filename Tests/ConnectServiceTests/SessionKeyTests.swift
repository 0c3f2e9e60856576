import ConnectService
import StateTokens
import Synchronization
import Testing

/// A session that names a key which the ring lacks: perhaps another replica has it already.
@Suite("A session under an unknown key") struct SessionKeyTests {
    private let deployment: Deployment
    private let codec: SessionCodec
    private let asked = Asked()

    private final class Asked: Sendable {
        private let list = Mutex<[KeyID]>([])

        var ids: [KeyID] { list.withLock { $0 } }

        func add(_ id: KeyID) { list.withLock { $0.append(id) } }
    }

    init() throws {
        deployment = try Deployment(catalog: Catalogs.sample())
        codec = SessionCodec(sealer: deployment.stateSealer, audience: deployment.settings.publicURL)
    }

    /// - Parameter found: the ring that a look brings, if any.
    private func verifier(finding found: Keyring? = nil, answering: Bool = true) -> SessionVerifier {
        SessionVerifier(
            codec: codec, workspaces: deployment.workspaces, publicURL: deployment.settings.publicURL,
            onUnknownKey: { [asked, deployment] id in
                asked.add(id)
                if let found { deployment.stateKeyring.replace(with: found) }
                return answering
            }, now: { [deployment] in deployment.clock.now })
    }

    private func token() throws -> String {
        let session = Session(
            issuedAt: deployment.clock.now, maker: .apiKey(id: "key_1"), workspaceID: Deployment.workspaceID,
            userID: "user_1")
        return try codec.encode(session, at: deployment.clock.now)
    }

    private func tokenUnderKey1() throws -> String {
        let text = try token()
        deployment.stateKeyring.replace(with: try TestKeys.ring([TestKeys.key(2)]))
        return text
    }

    @Test func `S26 a key that a look brings opens it`() async throws {
        let text = try tokenUnderKey1()
        let ring = try TestKeys.ring([TestKeys.key(1), TestKeys.key(2)])
        #expect(try await verifier(finding: ring).verify(text).userID == "user_1")
        #expect(asked.ids == [KeyID(rawValue: 1)])
    }

    @Test(arguments: [false, true])
    func `if the look brings nothing it is no session, and not looked at again`(
        _ answering: Bool
    ) async throws {
        let text = try tokenUnderKey1()
        let expected: SessionVerificationError = answering ? .unknownKey(KeyID(rawValue: 1)) : .invalid
        await #expect(throws: expected) { try await verifier(answering: answering).verify(text) }
        #expect(asked.ids.count == 1)
    }

    @Test func `S33 a key that the look brings disabled opens nothing`() async throws {
        let text = try tokenUnderKey1()
        let ring = try TestKeys.ring([TestKeys.key(1, status: .disabled), TestKeys.key(2)])
        await #expect(throws: SessionVerificationError.invalid) {
            try await verifier(finding: ring).verify(text)
        }
    }

    @Test func `S44 without waiting nothing is looked at`() throws {
        let text = try tokenUnderKey1()
        #expect(throws: SessionVerificationError.unknownKey(KeyID(rawValue: 1))) {
            try verifier().verifyNow(text)
        }
        #expect(asked.ids.isEmpty)
    }

    @Test func `S01 nothing is looked at for a session that is malformed, forged, over or disabled`()
        async throws
    {
        let text = try token()
        let forged = text.dropLast() + (text.hasSuffix("A") ? "B" : "A")
        for other in ["", "AA", String(forged), text + "A"] {
            await #expect(throws: SessionVerificationError.invalid) { try await verifier().verify(other) }
        }
        deployment.clock.advance(by: .seconds(1800))
        await #expect(throws: SessionVerificationError.ended) { try await verifier().verify(text) }
        deployment.stateKeyring.replace(with: try TestKeys.ring([TestKeys.key(1, status: .disabled)]))
        await #expect(throws: SessionVerificationError.invalid) { try await verifier().verify(text) }
        #expect(asked.ids.isEmpty)
    }
}
