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
        let verifier = IDTokenVerifier(logger: bench.logs.logger) { _ in throw POSIXError(.ECONNREFUSED) }
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
