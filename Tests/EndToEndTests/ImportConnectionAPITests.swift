import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// `POST /api/v1/connections`, `…/validate`, `…/{id}/test` and the requirements, of the running program.
@Suite("Importing connections", .timeLimit(.minutes(2))) struct ImportConnectionAPITests {
    private struct Shown: Decodable {
        let id: String
        let label: String
        let user_id: String?
        let tags: [String: String]
        let status: String
        let binding: String
        let scopes_granted: [String]
        let scopes_missing: [String]
        let flow_id: String
    }

    private struct Page: Decodable { let data: [Shown] }

    private static let body = #"""
        {"integration": "sandbox", "label": "Ada's", "tags": {"plan": "pro"}, "user_id": "ada+1@x/y",
         "credentials": {"access_token": "held", "refresh_token": null, "scope": "read", "raw": {"a": [1]}}}
        """#

    private static func post(
        _ server: SymbolonServer, _ body: String, _ path: String = "", key: String? = nil
    ) async throws -> Answer {
        try await server.send(
            .POST, "/api/v1/connections" + path, json: body, key: server.apiKey(),
            headers: HTTPHeaders(key.map { [("Idempotency-Key", $0)] } ?? []))
    }

    @Test func `what another service held is listed, shown and handed out`() async throws {
        let server = try await SymbolonServer.start()
        let made = try await Self.post(server, Self.body)
        #expect(made.status == 201, "\(made.body)")
        let shown = try made.decoded(as: Shown.self)
        #expect((shown.label, shown.tags, shown.user_id) == ("Ada's", ["plan": "pro"], "ada+1@x/y"))
        #expect((shown.status, shown.binding) == ("active", "imported"))
        #expect(shown.scopes_granted == ["read"] && shown.scopes_missing.isEmpty)
        #expect(!made.body.contains("held"))
        let token = try await server.send(
            .GET, "/api/v1/connections/\(shown.id)/token", key: server.apiKey())
        #expect(token.status == 200 && token.body.contains(#""access_token":"held""#))
        #expect(token.body.contains(#""scopes_missing":[]"#))
        let users = "/api/v1/connections/users/"
        let own = try await server.send(.GET, users + "ada+1@x%2Fy", key: server.apiKey())
        #expect(try own.decoded(as: Page.self).data.map(\.id) == [shown.id], "\(own.body)")
        let others = try await server.send(.GET, users + "ada?status=active", key: server.apiKey())
        #expect(try others.decoded(as: Page.self).data.isEmpty)
        let twice = try await server.send(.GET, users + "ada?user_id=ada", key: server.apiKey())
        #expect(twice.status == 422 && twice.body.contains("extra_forbidden"))
        #expect(try await server.send(.GET, users + "ada").status == 401)
        await server.stop()
    }

    @Test func `somebody may say whose a connection is, and then no flow has`() async throws {
        let server = try await SymbolonServer.start()
        let shown = try await Self.post(server, Self.body).decoded(as: Shown.self)
        let path = "/api/v1/connections/\(shown.id)"
        let changed = try await server.send(
            .PATCH, path, json: #"{"user_id": "grace"}"#, key: server.apiKey())
        #expect(try changed.decoded(as: Shown.self).user_id == "grace")
        for user in [#""""#, "1", "[]", "\"\(String(repeating: "x", count: 256))\"", #""a\u0000""#] {
            let answer = try await server.send(
                .PATCH, path, json: #"{"user_id": \#(user)}"#, key: server.apiKey())
            #expect(answer.status == 422 && answer.body.contains(#"["body","user_id"]"#), "\(user)")
        }
        await server.stop()
    }

    @Test func `a key that comes again makes nothing, and with another import it is rejected`() async throws {
        let server = try await SymbolonServer.start()
        let first = try await Self.post(server, Self.body, key: "key-1")
        #expect(first.status == 201)
        #expect(try await Self.post(server, Self.body, key: "key-1").body == first.body)
        let other = try await Self.post(
            server, Self.body.replacing("Ada's", with: "Grace's"), key: "key-1")
        #expect(other.status == 422 && other.body.contains("idempotency_key_reused"))
        #expect(other.body.contains(#"["header","Idempotency-Key"]"#))
        for key in ["a b", String(repeating: "x", count: 256)] {
            #expect(try await Self.post(server, Self.body, key: key).status == 422, "\(key)")
        }
        let all = try await server.send(.GET, "/api/v1/connections", key: server.apiKey())
        #expect(try all.decoded(as: Page.self).data.count == 1)
        await server.stop()
    }

    private static let wrong: [(body: String, expected: String)] = [
        (#"{}"#, #"["body","integration"]"#), (#"{"integration": "sandbox"}"#, #"["body","credentials"]"#),
        (#"{"integration": "sandbox", "credentials": "x"}"#, "model_attributes_type"),
        (#"{"integration": "sandbox", "credentials": {}}"#, #"["body","credentials","access_token"]"#),
        (#"{"integration": "sandbox", "credentials": {"access_token": null}}"#, "string_type"),
        (#"{"integration": "sandbox", "credentials": {"access_token": ""}}"#, "string_too_short"),
        (#"{"integration": "sandbox", "credentials": {"access_token": "é"}}"#, "string_pattern_mismatch"),
        (
            #"{"integration": "sandbox", "credentials": {"access_token": "a", "expires_at": "tomorrow"}}"#,
            #"["body","credentials","expires_at"]"#
        ),
        (
            #"{"integration": "sandbox", "auth_method_id": "saml", "credentials": {"access_token": "a"}}"#,
            "auth_method_not_found"
        ),
        (
            #"{"integration": "sandbox", "credentials": {"access_token": "a"}, "tags": {"": ""}}"#,
            "string_too_short"
        ),
        (
            #"{"integration": "sandbox", "credentials": {"access_token": "a"}, "config": {"a": 1}}"#,
            "string_type"
        ),
        (
            #"{"integration": "sandbox", "credentials": {"access_token": "a"}, "user_id": ""}"#,
            "string_too_short"
        ),
    ]

    @Test func `what is wrong with an import is said at its place`() async throws {
        let server = try await SymbolonServer.start()
        for (body, expected) in Self.wrong {
            let answer = try await Self.post(server, body)
            #expect(answer.status == 422 && answer.body.contains(expected), "\(body) \(answer.body)")
        }
        let unknown = try await Self.post(
            server, #"{"integration": "nowhere", "credentials": {"access_token": "a"}}"#)
        #expect(unknown.status == 404 && unknown.errorCode == "integration_not_found")
        let nothing = try await Self.post(server, Self.body, "?verify=true")
        #expect(nothing.status == 422 && nothing.body.contains("nothing to verify"))
        let rejected = try await Self.post(
            server, Self.body.replacing("null", with: #""no-such-token""#), "?verify=true")
        #expect(rejected.status == 422 && rejected.body.contains("credentials_rejected"), "\(rejected.body)")
        #expect(try await Self.post(server, Self.body, "?verify=yes").status == 422)
        let large = #"{"integration": "\#(String(repeating: "x", count: 262_144))"}"#
        #expect(try await Self.post(server, large).status == 413)
        #expect(try await server.send(.POST, "/api/v1/connections", json: Self.body).status == 401)
        let all = try await server.send(.GET, "/api/v1/connections", key: server.apiKey())
        #expect(try all.decoded(as: Page.self).data.isEmpty, "nothing is left behind")
        await server.stop()
    }

    @Test func `an import can be validated, and what it needs be asked for`() async throws {
        let server = try await SymbolonServer.start()
        let good = try await Self.post(
            server, #"{"credentials": {"access_token": "a"}}"#, "/validate?integration_id=sandbox")
        #expect(good.status == 200 && good.body == #"{"valid":true,"errors":[]}"#)
        let bad = try await Self.post(server, #"{"credentials": {}}"#, "/validate?integration_id=sandbox")
        #expect(bad.status == 200 && bad.body.contains(#""valid":false"#) && bad.body.contains("missing"))
        for (path, status) in [
            ("/validate", 422), ("/validate?integration_id=nowhere", 404),
            ("/validate?integration_id=sandbox&auth_method_id=saml", 422),
        ] {
            #expect(try await Self.post(server, "{}", path).status == status, "\(path)")
        }
        #expect(try await Self.post(server, "[", "/validate?integration_id=sandbox").status == 422)
        #expect(
            try await server.send(.GET, "/api/v1/connections/validate", key: server.apiKey())
                .headers.first(name: "Allow") == "POST")
        let needs = "/api/v1/connections/integrations/"
        let sandbox = try await server.send(.GET, needs + "sandbox/requirements", key: server.apiKey())
        #expect(sandbox.status == 200 && sandbox.body.contains(#""key":"access_token","in":"credentials""#))
        let microsoft = try await server.send(.GET, needs + "microsoft/requirements", key: server.apiKey())
        #expect(microsoft.body.contains(#""key":"tenant","in":"config""#), "\(microsoft.body)")
        #expect(
            try await server.send(.GET, needs + "nowhere/requirements", key: server.apiKey()).status == 404)
        #expect(
            try await server.send(
                .GET, needs + "sandbox/requirements?auth_method_id=saml", key: server.apiKey()
            ).status == 422)
        await server.stop()
    }

    @Test func `a connection can be tried`() async throws {
        let server = try await SymbolonServer.start()
        let shown = try await Self.post(server, Self.body).decoded(as: Shown.self)
        let path = "/api/v1/connections/\(shown.id)"
        struct Result: Decodable {
            let ok: Bool
            let checked_at: String
            let detail: String
            let error_code: String?
        }
        let tried = try await server.send(.POST, path + "/test", key: server.apiKey())
        #expect(tried.status == 200)
        let result = try tried.decoded(as: Result.self)
        #expect(!result.ok && result.error_code != nil && !result.detail.isEmpty, "\(tried.body)")
        _ = try await server.send(.PATCH, path, json: #"{"status": "inactive"}"#, key: server.apiKey())
        #expect(
            try await server.send(.POST, path + "/test", key: server.apiKey()).errorCode
                == "connection_inactive")
        let none = "/api/v1/connections/conn_AAAAAAAAAAAAAAAAAAAAAA/test"
        #expect(try await server.send(.POST, none, key: server.apiKey()).status == 404)
        #expect(try await server.send(.POST, none).status == 401)
        await server.stop()
    }
}
