import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

extension ConnectStage {
    /// Takes a flow through the provider: what its app is told at the callback.
    func handOver(_ secret: BindingSecret, _ members: String = "") async throws -> [String: String] {
        let told = try await connect(secret.member + members)
        try #require(told["status"] == "confirm", "\(told)")
        return told
    }

    /// Delivers a callback as `response_mode=form_post` does: what its app is told.
    func post(_ callback: String) async throws -> [String: String] {
        let parts = callback.split(separator: "?", maxSplits: 1).map(String.init)
        var request = HTTPClientRequest(url: parts[0])
        request.method = .POST
        request.headers = ["content-type": "application/x-www-form-urlencoded"]
        request.body = .bytes(ByteBuffer(string: parts[1]))
        let answer = try await Answer(to: request)
        try #require(answer.status == 303, "\(answer.body)")
        return FormEncoding.query(of: try #require(answer.headers.first(name: "location")))
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
