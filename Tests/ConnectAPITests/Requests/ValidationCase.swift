import Foundation
import Testing

@testable import ConnectAPI

/// One body and FastAPI's answer to it, as `FastAPI/peer.py` wrote it down.
struct ValidationCase: Decodable, Sendable, CustomTestStringConvertible {
    struct Item: Decodable, Sendable {
        let loc: [Step]
        let msg: String
        let type: String
    }

    enum Step: Decodable, Sendable {
        case name(String)
        case index(Int)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            self =
                if let index = try? container.decode(Int.self) { .index(index) } else {
                    .name(try container.decode(String.self))
                }
        }
    }

    struct Accepted: Decodable, Sendable {
        let integration_id: String
        let auth_method_id: String
        let scopes: [String]?
        let redirect_uri: String?
        let params: [String: String]?
        let binding: String?
        let connection_id: String?
        let app_state: String?
        let label: String?
        let tags: [String: String]?
    }

    let name: String
    let contentType: String?
    let bodyBase64: Data
    let status: Int
    let detail: [Item]
    let accepted: Accepted?

    var body: [UInt8] { [UInt8](bodyBase64) }
    var testDescription: String { name }

    /// What ours must find wrong.
    var issues: [ValidationIssue] {
        detail.map { item in
            let loc = item.loc.map { step -> ValidationIssue.LocationElement in
                switch step {
                case .name(let name): .name(name)
                case .index(let index): .index(index)
                }
            }
            return ValidationIssue(loc: loc, msg: item.msg, type: item.type)
        }
    }

    static func load() throws -> [ValidationCase] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../FastAPI/validation.json")
        return try JSONDecoder().decode([ValidationCase].self, from: Data(contentsOf: file))
    }
}

extension InitiateRequest {
    init(_ accepted: ValidationCase.Accepted) {
        self.init(
            integrationID: accepted.integration_id, authMethodID: accepted.auth_method_id,
            scopes: accepted.scopes,
            redirectURI: accepted.redirect_uri, parameters: accepted.params, binding: accepted.binding,
            connectionID: accepted.connection_id, appState: accepted.app_state, label: accepted.label,
            tags: accepted.tags)
    }

    /// The answer to a body, as a value that can be compared.
    static func answer(
        to body: [UInt8], contentType: String? = "application/json"
    ) -> Result<InitiateRequest, RequestValidationError> {
        do throws(RequestValidationError) {
            return .success(try parse(body.span, contentType: contentType))
        } catch {
            return .failure(error)
        }
    }
}
