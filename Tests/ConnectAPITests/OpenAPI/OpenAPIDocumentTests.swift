import ConnectService
import Foundation
import Testing

@testable import ConnectAPI

/// That the document is valid OpenAPI and changes nothing of the API it stands in for is `check.py`'s to say.
@Suite("OpenAPIDocument") struct OpenAPIDocumentTests {
    private func object() throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(EmbeddedFile.openapi_json.text.utf8))
        return try #require(value as? [String: Any])
    }

    @Test func `it is a JSON object of less than 160 KB`() throws {
        #expect(try object()["openapi"] as? String == "3.1.0")
        #expect(EmbeddedFile.openapi_json.text.utf8.count < 160_000)
    }

    @Test func `it names every field that a complete request is read from`() throws {
        let components = try object()["components"] as? [String: Any]
        let schemas = components?["schemas"] as? [String: Any]
        let request = schemas?["OAuthCompleteRequest"] as? [String: Any]
        let properties = try #require(request?["properties"] as? [String: Any])
        #expect(properties.keys.sorted() == ["binding_secret", "ticket"])
        for name in properties.keys {
            let body = Array(#"{"\#(name)":1}"#.utf8)
            let error = #expect(throws: RequestValidationError.self) {
                try CompleteRequest.parse(body.span, contentType: "application/json")
            }
            let wrong = error?.issues.filter { $0.type == "string_type" }.map(\.loc)
            #expect(wrong == [[.name("body"), .name(name)]])
        }
    }

    @Test func `it names every field that a request for a session is read from`() throws {
        let components = try object()["components"] as? [String: Any]
        let schemas = components?["schemas"] as? [String: Any]
        let request = schemas?["SessionRequest"] as? [String: Any]
        let properties = try #require(request?["properties"] as? [String: Any])
        #expect(properties.count == 12)
        for name in properties.keys {
            // Of no field's type; a name that is not known is another fault.
            let body = Array(#"{"user_id":"u","\#(name)":[[]]}"#.utf8)
            let error = #expect(throws: RequestValidationError.self) {
                try SessionCommand.parse(body.span, contentType: "application/json")
            }
            #expect(
                error?.issues.contains { $0.loc[1] == .name(name) && $0.type != "extra_forbidden" } == true)
        }
    }

    @Test func `it names every field that an initiate request is read from`() throws {
        let components = try object()["components"] as? [String: Any]
        let schemas = components?["schemas"] as? [String: Any]
        let request = schemas?["OAuthInitiateRequest"] as? [String: Any]
        let properties = try #require(request?["properties"] as? [String: Any])
        #expect(request?["required"] as? [String] == ["integration_id"])
        #expect(
            properties.keys.sorted() == [
                "app_state", "auth_method_id", "authorization_params", "binding", "connection_id",
                "integration_id", "label", "new", "params", "redirect_uri", "scopes", "tags", "user_label",
            ])
        // A field that the reader did not know would be skipped, whatever its type.
        for name in properties.keys {
            let body = #"{"integration_id":"gmail","\#(name)":1}"#
            guard case .failure(let error) = InitiateRequest.answer(to: Array(body.utf8)) else {
                Issue.record("\(name) is not read")
                continue
            }
            #expect(error.issues.map { $0.loc.prefix(2) } == [[.name("body"), .name(name)]])
        }
    }
}
