import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// `POST /api/v1/oauth/complete` as the running program takes it.
@Suite("The complete route", .timeLimit(.minutes(2))) struct CompleteRequestTests {
    @Test func `a body that is no complete request is a 422 in FastAPI's words`() async throws {
        let server = try await SymbolonServer.start()
        let key = try server.apiKey()
        let missing = #"{"loc":["body","\#("ticket")"],"msg":"Field required","type":"missing"}"#
        let table: [(body: String, detail: [String])] = [
            ("{}", [missing, missing.replacing("ticket", with: "binding_secret")]),
            (#"{"ticket":"a"}"#, [missing.replacing("ticket", with: "binding_secret")]),
            (
                #"{"ticket":null,"binding_secret":1}"#,
                ["ticket", "binding_secret"].map {
                    #"{"loc":["body","\#($0)"],"msg":"Input should be a valid string","type":"string_type"}"#
                }
            ),
            (
                "[]",
                [
                    #"{"loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields "#
                        + #"from","type":"model_attributes_type"}"#
                ]
            ),
            ("", [#"{"loc":["body"],"msg":"Field required","type":"missing"}"#]),
            (
                #"{"ticket":"#,
                [#"{"loc":["body",10],"msg":"JSON decode error","type":"json_invalid"}"#]
            ),
        ]
        for (body, detail) in table {
            let answer = try await server.send(.POST, "/api/v1/oauth/complete", json: body, key: key)
            #expect(answer.status == 422)
            #expect(answer.body == #"{"detail":[\#(detail.joined(separator: ","))]}"#, "\(body)")
        }
        await server.stop()
    }

    @Test(arguments: [
        "", "x", "AAAA", "%00", "é", String(repeating: "A", count: 24_000),
        String(repeating: "A", count: 30_000),
    ])
    func `a text that is no ticket is a 400, whatever it is`(_ ticket: String) async throws {
        let server = try await SymbolonServer.start()
        let answer = try await server.complete(ticket, "a secret", key: server.apiKey())
        #expect(answer.status == 400 && answer.errorCode == "invalid_ticket", "\(answer.body)")
        await server.stop()
    }

    @Test func `a body of more than 32 KiB is a 413, and a key without the permission a 403`() async throws {
        let server = try await SymbolonServer.start()
        let large = try await server.complete(
            String(repeating: "A", count: 33_000), "a secret", key: server.apiKey())
        #expect(large.status == 413 && large.errorCode == "body_too_large")
        #expect(large.body.contains("32 KiB"))
        let denied = try await server.complete(
            "AAAA", "a secret", key: server.apiKey(), headers: ["X-Workspace-Id": "wsp_other"])
        #expect(denied.status == 403 && denied.errorCode == "workspace_denied")
        await server.stop()
    }
}
