import ConnectService
import Metrics
import StateTokens
import Synchronization
import Testing

/// A state that names a key which the ring lacks: perhaps another replica has it already.
@Suite("A state under an unknown key") struct UnknownKeyTests {
    private let deployment: Deployment
    private let asked = Asked()

    private final class Asked: Sendable {
        private let list = Mutex<[KeyID]>([])

        var ids: [KeyID] { list.withLock { $0 } }

        func add(_ id: KeyID) { list.withLock { $0.append(id) } }
    }

    init() throws { deployment = try Deployment(catalog: Catalogs.sample()) }

    /// - Parameter found: the ring that a look brings, if any.
    private func verify(_ query: String, finding found: Keyring? = nil, answering: Bool) async
        -> CallbackResult
    {
        let verifier = CallbackVerifier(
            codec: deployment.codec, tickets: deployment.tickets, standing: deployment.standing,
            onUnknownKey: { [asked, deployment] id in
                asked.add(id)
                if let found { deployment.stateKeyring.replace(with: found) }
                return answering
            }, now: { [deployment] in deployment.clock.now })
        return await verifier.verify(Array(query.utf8), integrationID: "sample")
    }

    private func stateUnderKey1() throws -> String {
        let state = try deployment.begin().state
        deployment.stateKeyring.replace(with: try TestKeys.ring([TestKeys.key(2)]))
        return state
    }

    @Test func `S26 a key that a look brings opens it`() async throws {
        let state = try stateUnderKey1()
        let ring = try TestKeys.ring([TestKeys.key(1), TestKeys.key(2)])
        guard
            case .authorized(let flow) = await verify("code=a&state=\(state)", finding: ring, answering: true)
        else {
            Issue.record("not opened")
            return
        }
        #expect(flow.verified.keyID == KeyID(rawValue: 1))
        #expect(asked.ids == [KeyID(rawValue: 1)])
    }

    private func fault(_ verdict: CallbackResult) -> CallbackVerificationError? {
        guard case .refused(let refusal) = verdict else { return nil }
        return refusal
    }

    @Test func `if the look brings nothing it is refused, and not verified again`() async throws {
        let state = try stateUnderKey1()
        let verdict = await verify("code=a&state=\(state)", answering: false)
        #expect(fault(verdict) == .state(.unknownKey(KeyID(rawValue: 1))))
        #expect(asked.ids.count == 1)
    }

    @Test func `S44 without waiting, a state under an unknown key is not judged and nothing is looked at`()
        throws
    {
        let state = try stateUnderKey1()
        let counts = CallbackCounts(metrics: NOOPMetricsHandler.instance)
        let verifier = CallbackVerifier(
            codec: deployment.codec, tickets: deployment.tickets, standing: deployment.standing,
            counts: counts,
            onUnknownKey: { [asked] id in
                asked.add(id)
                return true
            }, now: { [deployment] in deployment.clock.now })
        #expect(verifier.verifyAtOnce(Array("code=a&state=\(state)".utf8), integrationID: "sample") == nil)
        #expect(asked.ids.isEmpty)
        let other = verifier.verifyAtOnce(Array("code=a&state=AA".utf8), integrationID: "sample")
        #expect(other.flatMap(fault) == .state(.malformed))
    }

    @Test func `it is asked once, even if the answer was wrong`() async throws {
        let state = try stateUnderKey1()
        let verdict = await verify("code=a&state=\(state)", answering: true)
        #expect(fault(verdict) == .state(.unknownKey(KeyID(rawValue: 1))))
        #expect(asked.ids.count == 1)
    }

    @Test func `S33 a key that the look brings disabled opens nothing`() async throws {
        let state = try stateUnderKey1()
        let ring = try TestKeys.ring([TestKeys.key(1, status: .disabled), TestKeys.key(2)])
        let verdict = await verify("code=a&state=\(state)", finding: ring, answering: true)
        #expect(fault(verdict) == .state(.disabledKey(KeyID(rawValue: 1))))
    }

    @Test func `S01 nothing is looked at for a state that is malformed, forged or disabled`() async throws {
        let state = try deployment.begin().state
        let forged = state.dropLast() + (state.hasSuffix("A") ? "B" : "A")
        for text in ["", "AA", String(forged), state + "A"] {
            _ = await verify("code=a&state=\(text)", answering: true)
        }
        deployment.stateKeyring.replace(with: try TestKeys.ring([TestKeys.key(1, status: .disabled)]))
        _ = await verify("code=a&state=\(state)", answering: true)
        #expect(asked.ids.isEmpty)
    }
}
