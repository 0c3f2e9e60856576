import Foundation
import NIOHTTP1
import Testing

extension ConnectStage {
    /// Takes a flow through the provider: what its app is told at the callback.
    func handOver(_ secret: BindingSecret, _ members: String = "") async throws -> [String: String] {
        let told = try await connect(secret.member + members)
        try #require(told["status"] == "confirm", "\(told)")
        return told
    }

    func complete(_ ticket: String, _ secret: BindingSecret) async throws -> Answer {
        try await symbolon.complete(ticket, secret.text, key: symbolon.apiKey())
    }

    /// The connection in the answer to a complete request.
    struct Completed: Decodable {
        struct Connection: Decodable {
            let id: String
            let status: String
            let binding: String
            let flow_id: String
            let integration: String
        }
        let connection: Connection
    }
}

extension SymbolonServer {
    func complete(
        _ ticket: String, _ secret: String, key: String?, headers: HTTPHeaders = [:]
    ) async throws -> Answer {
        let body = try JSONSerialization.data(withJSONObject: ["ticket": ticket, "binding_secret": secret])
        return try await send(
            .POST, "/api/v1/oauth/complete", json: String(decoding: body, as: UTF8.self), key: key,
            headers: headers)
    }
}

extension Answer {
    /// The `error_code` of an error in JSON.
    var errorCode: String? {
        struct Problem: Decodable { let error_code: String }
        return try? decoded(as: Problem.self).error_code
    }
}
