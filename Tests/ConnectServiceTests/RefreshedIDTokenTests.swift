import ConnectService
import Connections
import Encodings
import Foundation
import StateTokens
import Testing

/// ID tokens that come with a refresh (OpenID Connect Core §12.2), of an issuer whose keys are not known.
@Suite("RefreshedIDToken") struct RefreshedIDTokenTests {
    private let bench: FlowBench

    init() async throws { bench = try await FlowBench() }

    /// Connects as one user and refreshes as another.
    private static func refreshedAsAnother(
        refresh: String?, _ bench: FlowBench, users: (String, String) = ("user-1", "user-2"),
        account: String = "user-2"
    ) async throws -> ConnectionID {
        func idToken(_ subject: String) -> String {
            let claims = #"{"iss":"https://issuer.example.com","sub":"\#(subject)","aud":"client"}"#
            return "e30.\(Base64URL.encode(Array(claims.utf8).span)).AA"
        }
        let id = try await bench.connect(
            Grant.json(account: "user-1", more: #","id_token":"\#(idToken(users.0))""#))
        bench.advance(by: .seconds(3_600))
        bench.endpoint.answer(
            .json(
                Grant.json(
                    token: "access-2", refresh: refresh, account: account,
                    more: #","id_token":"\#(idToken(users.1))""#)))
        let verifier = IDTokenVerifier(logger: bench.logs.logger) { _, _ in throw POSIXError(.ECONNREFUSED) }
        await #expect(throws: AccessTokenError.self) {
            try await bench.accessTokens(idTokens: verifier).current(id, workspaceID: Deployment.workspaceID)
        }
        return id
    }

    @Test(arguments: ["token", "grant", "client"])
    func `S21 tokens of another user that a refresh brings are revoked`(_ ends: String) async throws {
        let bench = try await FlowBench("revocation: {ends: \(ends)}")
        let id = try await Self.refreshedAsAnother(refresh: "refresh-2", bench)
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["refresh-2"])
        #expect(try await bench.read(id).credentials.refreshToken == "refresh-1")
    }

    @Test func `S21 a subject that Unicode calls equivalent is another user's`() async throws {
        // The Kelvin sign, which Swift compares as equal to K.
        let id = try await Self.refreshedAsAnother(
            refresh: "refresh-2", bench, users: ("K", "\u{212A}"), account: "user-1")
        #expect(try await bench.read(id).credentials.refreshToken == "refresh-1")
    }

    @Test(arguments: ["token", "grant", "client"], [nil, "refresh-1"])
    func `S21 the refresh token that the connection lives by is never revoked for them`(
        _ ends: String, _ refresh: String?
    ) async throws {
        let bench = try await FlowBench("revocation: {ends: \(ends)}")
        _ = try await Self.refreshedAsAnother(refresh: refresh, bench)
        let revoked = bench.endpoint.revocations.map { $0.fields["token"] }
        // A revocation that ends more than the token would end the connection's own grant.
        #expect(revoked == (ends == "token" ? ["access-2"] : []))
    }

    @Test func `S21 tokens that another connection lives by are left alone`() async throws {
        let bench = try await FlowBench("revocation: {ends: grant}")
        _ = try await bench.connect(Grant.json(token: "other", refresh: "other-r", account: "user-2"))
        _ = try await Self.refreshedAsAnother(refresh: "refresh-2", bench)
        #expect(bench.endpoint.revocations.isEmpty)
    }

    /// Connects an account and refreshes, with no ID token in either response.
    private static func refreshed(
        _ bench: FlowBench, _ before: String?, _ after: String?
    ) async throws -> Result<Credentials, AccessTokenError> {
        let id = try await bench.connect(Grant.json(account: before))
        bench.advance(by: .seconds(3_600))
        bench.endpoint.answer(.json(Grant.json(token: "access-2", refresh: "refresh-2", account: after)))
        do throws(AccessTokenError) {
            return .success(
                try await bench.accessTokens().current(id, workspaceID: Deployment.workspaceID).credentials)
        } catch {
            #expect(try await bench.read(id).credentials.refreshToken == "refresh-1")
            return .failure(error)
        }
    }

    @Test(arguments: ["user-2", "USER-1", "user-1 ", "team:user-2"])
    func `S38 tokens of another account are not kept, though no ID token names it`(_ after: String)
        async throws
    {
        let bench = try await FlowBench("revocation: {ends: token}")
        let result = try await Self.refreshed(bench, "user-1", after)
        #expect(throws: AccessTokenError.providerError(retryAfter: 10)) { try result.get() }
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["refresh-2"])
    }

    @Test(
        arguments: [("user-1", "user-1"), ("user-1", nil), (nil, "user-2"), ("user-1", "team:user-1")]
            as [(String?, String?)])
    func `the same account's tokens are kept, and those that name none`(
        _ before: String?, _ after: String?
    ) async throws {
        let result = try await Self.refreshed(bench, before, after)
        #expect(try result.get().refreshToken == "refresh-2")
    }

    @Test(arguments: ["[team_id, account_id]", "team_id|account_id"])
    func `where an account may be named in several ways, a refresh may name it in another`(
        _ names: String
    ) async throws {
        let bench = try await FlowBench { url in
            Catalogs.sample(at: url).replacing("{id: account_id}", with: "{id: \(names)}")
        }
        #expect(try await Self.refreshed(bench, "user-1", "user-2").get().refreshToken == "refresh-2")
    }

    private func idToken(_ subject: String, more: String = "") -> String {
        let claims = #"{"iss":"https://issuer.example.com","sub":"\#(subject)","aud":"client"\#(more)}"#
        return "e30.\(Base64URL.encode(Array(claims.utf8).span)).AA"
    }

    private func refreshed(_ before: String, _ after: String) async throws -> ConnectionID {
        let id = try await bench.connect(Grant.json(more: #","id_token":"\#(before)""#))
        bench.advance(by: .seconds(3_600))
        bench.endpoint.answer(.json(Grant.json(token: "access-2", more: #","id_token":"\#(after)""#)))
        return id
    }

    private func current(_ id: ConnectionID) async throws(AccessTokenError) -> Credentials {
        let verifier = IDTokenVerifier(logger: bench.logs.logger) { _, _ in throw POSIXError(.ECONNREFUSED) }
        return try await bench.accessTokens(idTokens: verifier)
            .current(id, workspaceID: Deployment.workspaceID).credentials
    }

    @Test func `one of the same user replaces the one before`() async throws {
        let next = idToken("user-1", more: #","iat":2"#)
        let id = try await refreshed(idToken("user-1"), next)
        #expect(try await current(id).idToken == next)
    }

    @Test func `one of another user is not stored, nor are the tokens beside it`() async throws {
        let first = idToken("user-1")
        let id = try await refreshed(first, idToken("user-2"))
        await #expect(throws: AccessTokenError.self) { try await current(id) }
        let credentials = try await bench.read(id).credentials
        #expect(credentials.idToken == first && credentials.accessToken == "access-1")
    }

    @Test func `one that cannot be read is dropped, and the tokens beside it are kept`() async throws {
        let first = idToken("user-1")
        let id = try await refreshed(first, "x.y.z")
        let credentials = try await current(id)
        #expect(credentials.idToken == first && credentials.accessToken == "access-2")
    }
}
