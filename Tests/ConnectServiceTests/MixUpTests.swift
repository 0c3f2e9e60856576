import ConnectService
import Connections
import OAuth
import Testing

/// RFC 9700 §4.4: one of 50 providers is malicious. It reads every code that reaches its token endpoint, and sends users on
/// to the others with the states of its own flows, and the other way round.
@Suite("Mix-up") struct MixUpTests {
    private static let ids = (0..<50).map { "provider-\($0)" }
    private static let malicious = "provider-13"

    private let bench: FlowBench

    init() async throws {
        bench = try await FlowBench { url in
            "integrations:\n"
                + Self.ids.map { Catalogs.entry(at: url, id: $0, "issuer: https://\($0).example.com") }
                .joined()
        }
    }

    @Test func `S06 of 50 integrations none takes the state of another, and no code goes astray`()
        async throws
    {
        let flows = try Self.ids.map { try bench.deployment.begin($0) }
        // Each has a redirect URI of its own, so that an honest provider sends no code to another's.
        let redirectURIs = flows.compactMap { flow in
            Query.fields(String(flow.authorizationURL.split(separator: "?")[1]))["redirect_uri"]
        }
        #expect(Set(redirectURIs).count == 50)
        var refused = 0
        for flow in flows {
            for other in Self.ids where other != flow.integrationID {
                // The code of the provider whose callback it is, or of the one that the flow went to.
                for (code, issuer) in [(other, other), (flow.integrationID, flow.integrationID)] {
                    let query = "code=of-\(code)&iss=https://\(issuer).example.com&state=\(flow.state)"
                    refused += await deliver(query, on: other) == .otherIntegration ? 1 : 0
                }
            }
        }
        #expect(refused == 2 * 2_450)
        #expect(bench.endpoint.tokenCalls.isEmpty)
        // An honest provider's code with the malicious one's state, at its own callback: the issuer tells.
        for (flow, other) in zip(flows, Self.ids.dropFirst() + Self.ids.prefix(1)) {
            let query = "code=of-\(other)&iss=https://\(other).example.com&state=\(flow.state)"
            #expect(await deliver(query, on: flow.integrationID) == .wrongIssuer(.mismatch))
        }
        #expect(bench.endpoint.tokenCalls.isEmpty)
        for flow in flows {
            let id = flow.integrationID
            let query = "code=of-\(id)&iss=https://\(id).example.com&state=\(flow.state)"
            #expect(await deliver(query, on: id) == nil)
        }
        #expect(bench.endpoint.tokenCalls.count == 50)
        for call in bench.endpoint.tokenCalls { #expect(call.path == "/token/\(call.code.dropFirst(3))") }
        let seen = bench.endpoint.tokenCalls.filter { $0.path == "/token/\(Self.malicious)" }
        #expect(seen.map(\.code) == ["of-\(Self.malicious)"])
    }

    /// Delivers a callback and does what the service does with it: an authorized one has its code sent.
    private func deliver(_ query: String, on integrationID: String) async -> CallbackVerificationError? {
        switch bench.deployment.callback(query, on: integrationID) {
        case .refused(let refusal): return refusal
        case .authorized(let flow): _ = await bench.completion().complete(flow, binding: .direct)
        case .ended, .handedOver, .asked: Issue.record("\(query) on \(integrationID)")
        }
        return nil
    }
}

extension TokenEndpoint.Call {
    fileprivate var code: String { fields["code"] ?? "" }
}
