import ConnectService
import Connections
import StateTokens
import Testing

@Suite("Refreshes and revocations that differ") struct GrantLifeTests {
    private static let workspaceID = Deployment.workspaceID

    private func token(_ bench: FlowBench, _ id: ConnectionID, isForced: Bool = false) async throws -> String
    {
        try await bench.accessTokens().current(id, workspaceID: Self.workspaceID, isForced: isForced)
            .credentials.accessToken
    }

    // MARK: Refresh

    private static let byAccessToken = """
        refresh:
          method: GET
          token: access_token
          parameters: {grant_type: x_refresh_token}
          omit: [client_id, client_secret]
          margin: 86400
        """

    @Test func `a grant without a refresh token lives on by its access token`() async throws {
        let bench = try await FlowBench(Self.byAccessToken)
        let lifetime = 60 * 86_400
        let id = try await bench.connect(Grant.json(refresh: nil, expiresIn: lifetime))
        bench.endpoint.answer(.json(Grant.json(token: "access-2", refresh: nil, expiresIn: lifetime)))
        bench.advance(by: .seconds(lifetime - 86_401))
        #expect(try await token(bench, id) == "access-1", "before the margin")
        bench.advance(by: .seconds(1))
        #expect(try await token(bench, id) == "access-2")
        let call = try #require(bench.endpoint.tokenCalls.last)
        #expect(call.method == "GET")
        #expect(call.path == "/token/sample?access_token=access-1&grant_type=x_refresh_token")
    }

    @Test func `without it such a grant is over with its token`() async throws {
        let bench = try await FlowBench("refresh: {margin: 86400}")
        let id = try await bench.connect(Grant.json(refresh: nil, expiresIn: 100))
        bench.advance(by: .seconds(100))
        await #expect(throws: AccessTokenError.reconnectRequired) { try await token(bench, id) }
    }

    @Test(arguments: [(30, 569, 570), (60, 539, 540), (86_400, 449, 450)])
    func `a token is refreshed within its margin and never before, nor in more than its last quarter`(
        _ margin: Int, _ early: Int, _ due: Int
    ) async throws {
        let bench = try await FlowBench("refresh: {margin: \(margin)}")
        let id = try await bench.connect(Grant.json(expiresIn: 600))
        bench.endpoint.answer(.json(Grant.json(token: "access-2", expiresIn: 600)))
        bench.advance(by: .seconds(early))
        #expect(try await token(bench, id) == "access-1")
        bench.advance(by: .seconds(due - early))
        #expect(try await token(bench, id) == "access-2")
    }

    // MARK: Revocation

    private func revoked(
        _ extra: String, refresh: String? = "refresh-1", status: Int = 200
    ) async throws -> (Disconnection?, TokenEndpoint.Call?) {
        let bench = try await FlowBench { url in
            Catalogs.sample(at: url, extra).replacing("/revoke", with: "/end")
        }
        let id = try await bench.connect(Grant.json(refresh: refresh))
        bench.endpoint.answer(.json(#"{"error":"x"}"#, status: status))
        let result = try await bench.disconnect().end(id, workspaceID: Self.workspaceID)
        return (result, bench.endpoint.tokenCalls.last { $0.path.hasPrefix("/end") })
    }

    @Test func `the token that stands for the grant is the entry's to say`() async throws {
        let (_, plain) = try await revoked("")
        #expect(plain?.fields["token"] == "refresh-1")
        #expect(plain?.fields["token_type_hint"] == "refresh_token")
        let (_, access) = try await revoked("revocation: {token: access_token}")
        #expect(access?.fields["token"] == "access-1")
        #expect(access?.fields["token_type_hint"] == "access_token")
        let (_, bearer) = try await revoked(
            "revocation: {token: access_token, send_as: bearer, method: DELETE, ends: token}")
        #expect(bearer?.method == "DELETE" && bearer?.path == "/end")
        #expect(bearer?.headers["authorization"] == "Bearer access-1")
        #expect(bearer?.body == "")
    }

    @Test(arguments: [
        (200, RevocationOutcome.revoked), (202, .revoked), (204, .revoked), (302, .refused), (400, .refused),
        (404, .refused), (429, .unknown), (503, .unknown),
    ])
    func `any 2xx ends the grant, and nothing else does`(_ status: Int, _ result: RevocationOutcome)
        async throws
    {
        let found = try await revoked("revocation: {send_as: bearer, ends: token}", status: status).0
        #expect(found?.revocation == result)
    }
}
