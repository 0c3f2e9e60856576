import ConnectService
import Connections
import Integrations
import StateTokens
import Testing

@Suite("DisconnectConnection") struct DisconnectConnectionTests {
    private static let workspaceID = Deployment.workspaceID
    private let bench: FlowBench

    init() async throws { bench = try await FlowBench() }

    @Test func `a connection is deleted, and its refresh token revoked`() async throws {
        let id = try await bench.connect()
        #expect(try await bench.disconnect()(id, workspaceID: Self.workspaceID) == true)
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["refresh-1"])
        #expect(try await bench.connections().isEmpty)
        #expect(try await bench.disconnect()(id, workspaceID: Self.workspaceID) == nil)
        #expect(bench.endpoint.revocations.count == 1)
    }

    @Test func `without a refresh token the access token is revoked`() async throws {
        let id = try await bench.connect(Grant.json(refresh: nil))
        #expect(try await bench.disconnect()(id, workspaceID: Self.workspaceID) == true)
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["access-1"])
    }

    @Test(arguments: ["", "wsp_other", "WSP_123456789", "wsp_123456789 "])
    func `S22 another workspace's connection is not there`(_ workspaceID: String) async throws {
        let id = try await bench.connect()
        #expect(try await bench.disconnect()(id, workspaceID: workspaceID) == nil)
        #expect(bench.endpoint.revocations.isEmpty)
        #expect(try await bench.connections().count == 1)
    }

    @Test func `credentials that do not open are deleted and not revoked`() async throws {
        let id = try await bench.connect()
        bench.connectionsKeyring.replace(with: try TestKeys.ring([TestKeys.key(8)], purpose: .connections))
        #expect(try await bench.disconnect()(id, workspaceID: Self.workspaceID) == false)
        #expect(bench.endpoint.revocations.isEmpty)
        #expect(try await bench.connections().isEmpty)
    }

    @Test func `S21 a caller that goes away does not leave the grant alive`() async throws {
        let id = try await bench.connect()
        bench.endpoint.slowRevocations(.milliseconds(300))
        let disconnect = bench.disconnect()
        let caller = Task { try await disconnect(id, workspaceID: Self.workspaceID) }
        try await bench.endpoint.received(2)
        caller.cancel()
        #expect(try await caller.value == true)
    }
}
