import Foundation
import FoundationNetworking
import StateTokens

struct Refusal: Error { let reason: String }
struct Flow: Decodable { let auth_url: String }
struct Completed: Decodable { let connection: Connection }
struct Connection: Decodable { let id: String }

func call<Answer: Decodable>(_ path: String, _ body: [String: String]) async throws -> Answer {
    let settings = ProcessInfo.processInfo.environment
    guard let symbolon = settings["SYMBOLON_URL"], let key = settings["SYMBOLON_API_KEY"],
        let url = URL(string: symbolon + path)
    else { throw Refusal(reason: "not configured") }
    var request = URLRequest(url: url)
    request.httpMethod = "POST"
    request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization")
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    request.httpBody = try JSONEncoder().encode(body)
    let (data, response) = try await URLSession.shared.data(for: request)
    let status = (response as? HTTPURLResponse)?.statusCode ?? 0
    guard status == 200 else { throw Refusal(reason: String(status)) }
    return try JSONDecoder().decode(Answer.self, from: data)
}

/// The user asks to connect an account: the address to send the browser to.
func begin(
    _ session: inout [String: String], _ integration: String, _ redirectURI: String
) async throws -> String {
    let secret = (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
    session["binding_secret"] = secret
    let flow: Flow = try await call(
        "/api/v1/oauth/initiate",
        [
            "integration_id": integration, "redirect_uri": redirectURI,
            "binding": Binding(secret: secret).text,
        ])
    return flow.auth_url
}

/// The browser is back at the redirect URI: the connection, if this very session began it.
func finish(_ session: inout [String: String], _ query: [String: String]) async throws -> Connection {
    // Of the session that the browser's cookie names, and no other.
    let secret = session.removeValue(forKey: "binding_secret")
    guard query["status"] == "confirm", let ticket = query["ticket"], let secret else {
        throw Refusal(reason: query["error"] ?? "here")
    }
    let completed: Completed = try await call(
        "/api/v1/oauth/complete", ["ticket": ticket, "binding_secret": secret])
    return completed.connection
}
