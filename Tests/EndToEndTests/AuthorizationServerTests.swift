import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// Whole flows through the authorization servers of other projects, configured as `generic` in `symbolon.yaml`.
@Suite("Authorization servers of other projects", .timeLimit(.minutes(5))) struct AuthorizationServerTests {
    @Test(arguments: AuthorizationServer.all)
    func `every kind of client connects, refreshes twice and ends, by discovery and by hand`(
        _ server: AuthorizationServer
    ) async throws {
        let stage = try await ServerStage.start(server)
        for integration in ServerStage.integrations where server.takes(integration.client) {
            let name = Comment(rawValue: integration.id)
            let id = try await stage.connect(integration.id)
            var tokens = [try await stage.token(of: id)]
            for _ in 0..<2 {
                let answer = try await stage.send(.POST, "/api/v1/oauth/refresh/\(id)")
                #expect(answer.status == 200, "\(integration.id): \(answer.body)")
                tokens.append(try await stage.token(of: id))
            }
            #expect(Set(tokens).count == 3, name)
            let userInfo = try await stage.userInfo(tokens[2])
            #expect(
                userInfo.status == 200 && userInfo.body.contains("ada"), "\(integration.id): \(userInfo.body)"
            )
            let connection = try await stage.send(.GET, "/api/v1/connections/\(id)").decoded(
                as: Connection.self)
            #expect(connection.status == "active" && connection.status_reason == nil, name)
            #expect(connection.account?.id?.isEmpty == false, name)
            let deleted = try await stage.send(.DELETE, "/api/v1/connections/\(id)").decoded(as: Deleted.self)
            let mayRevoke =
                server.features.contains(.revocationByPublicClients)
                || integration.client.authenticationMethod != .none
            let expected = server.revocationPath == nil ? "not_possible" : mayRevoke ? "revoked" : "refused"
            #expect(deleted.revocation == expected, name)
            let ends = mayRevoke && server.features.contains(.revocationOfAccess)
            #expect(try await stage.userInfo(tokens[2]).status == (ends ? 401 : 200), name)
        }
        try await stage.stop()
    }

    @Test(arguments: AuthorizationServer.all)
    func `a denial, a wrong secret and a stranger's code end as they should`(
        _ server: AuthorizationServer
    ) async throws {
        let stage = try await ServerStage.start(server)
        if server.features.contains(.denial) {
            let denial = try await stage.authorize("basic-by-hand", denying: true)
            if server.features.contains(.denialWithoutState) {
                // Without a state nothing says which app the user is to be sent back to.
                #expect(denial.fields["error"] == server.denial && denial.fields["state"] == nil)
                let page = try await denial.deliver(Browser())
                #expect(page.status == 400 && page.redirectTarget == nil, "\(page.body)")
            } else {
                #expect(try await stage.deliver(denial)["error"] == server.denial)
            }
        }
        let rejected = try await stage.deliver(try await stage.authorize("wrong-secret"))
        #expect(rejected["error"] == "exchange_rejected")
        let callback = try await stage.authorize("post-discovered")
        var fields = callback.fields
        fields["code"] = "junk"
        let junk =
            stage.symbolon.callbackURL("post-discovered") + "?"
            + FormEncoding.urlEncoded(fields.map { ($0.key, $0.value) })
        for _ in 0..<4 {
            let page = try await Browser().open(junk)
            #expect(page.redirectTarget?.contains("error=exchange_rejected") == true, "\(page.body)")
        }
        let other = try #require(callback.fields["state"].flatMap { Self.changed($0) })
        fields = callback.fields
        fields["state"] = other
        let forged = try await Browser().open(
            stage.symbolon.callbackURL("post-discovered") + "?"
                + FormEncoding.urlEncoded(fields.map { ($0.key, $0.value) }))
        #expect(forged.status == 400 && forged.redirectTarget == nil, "\(forged.body)")
        #expect(try await stage.deliver(callback)["status"] == "success")
        try await stage.stop()
    }

    /// A state with another character in its middle.
    private static func changed(_ state: String) -> String? {
        let middle = state.index(state.startIndex, offsetBy: state.count / 2)
        return state.replacingCharacters(in: middle...middle, with: state[middle] == "A" ? "B" : "A")
    }

    @Test(arguments: AuthorizationServer.all.filter { $0.features.contains(.endingOfGrants) })
    func `a grant that its user ends at the server ends the connection with the next refresh`(
        _ server: AuthorizationServer
    ) async throws {
        let stage = try await ServerStage.start(server)
        let id = try await stage.connect("basic-discovered")
        try await stage.provider.endGrants(of: "ada")
        let answer = try await stage.send(.POST, "/api/v1/oauth/refresh/\(id)")
        #expect(answer.status == 409 && answer.body.contains("reconnect_required"), "\(answer.body)")
        let connection = try await stage.send(.GET, "/api/v1/connections/\(id)").decoded(as: Connection.self)
        #expect(connection.status == "expired", "\(connection)")
        // The same user grants again, and has the connection back.
        #expect(try await stage.connect("basic-discovered") == id)
        #expect(try await stage.send(.POST, "/api/v1/oauth/refresh/\(id)").status == 200)
        try await stage.stop()
    }

    @Test(arguments: AuthorizationServer.all.filter { $0.features.contains(.issuerPromised) })
    func `S07 iss is there, and a response without it is rejected`(_ server: AuthorizationServer) async throws
    {
        let stage = try await ServerStage.start(server)
        let callback = try await stage.authorize("basic-discovered")
        let denial = try await stage.authorize("post-discovered", denying: true).deliver(Browser())
        if server.features.contains(.issuerInErrors) {
            #expect(denial.redirectTarget?.contains("error=access_denied") == true, "\(denial.body)")
        } else {
            #expect(denial.status == 400 && denial.redirectTarget == nil)
        }
        var fields = callback.fields
        #expect(fields.removeValue(forKey: "iss") == stage.provider.issuer)
        let page = try await Browser().open(
            stage.symbolon.callbackURL("basic-discovered") + "?"
                + FormEncoding.urlEncoded(fields.map { ($0.key, $0.value) }))
        #expect(page.status == 400 && page.redirectTarget == nil)
        #expect(try await stage.deliver(callback)["status"] == "success")
        try await stage.stop()
    }

    @Test(arguments: AuthorizationServer.all.filter { $0.features.contains(.formPost) })
    func `a response may come as a form that the server lets the browser post`(
        _ server: AuthorizationServer
    ) async throws {
        let stage = try await ServerStage.start(server)
        let callback = try await stage.authorize("form-post")
        guard case .form = callback else {
            Issue.record("No form: \(callback)")
            return
        }
        #expect(try await stage.deliver(callback)["status"] == "success")
        try await stage.stop()
    }

    private struct Connection: Decodable {
        struct Account: Decodable {
            let id: String?
        }

        let status: String
        let status_reason: String?
        let account: Account?
    }

    private struct Deleted: Decodable {
        let revocation: String
    }
}
