// A web app with a page of its own, on which users connect accounts with symbolon.js. Needs nothing but Hummingbird.
//
//     SYMBOLON_API_KEY=sym_… swift run PageExample
import Foundation
import FoundationNetworking
import HTTPTypes
import Hummingbird

let settings = ProcessInfo.processInfo.environment
let symbolon = settings["SYMBOLON_URL"] ?? "http://127.0.0.1:8080"
let key = settings["SYMBOLON_API_KEY"] ?? ""
let port = Int(settings["PORT"] ?? "") ?? 3000

struct Session: Codable { let connect_url: String }
struct Account: Codable { let integration: String, account: String? }
struct Connections: Decodable { let data: [Connection] }
struct Connection: Decodable { let integration: String, account: Label? }
struct Label: Decodable { let label: String? }

func call<Answer: Decodable>(_ path: String, _ body: [String: String]? = nil) async throws -> Answer {
    guard let url = URL(string: symbolon + path) else { throw HTTPError(.internalServerError) }
    var request = URLRequest(url: url)
    request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization")
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    if let body {
        request.httpMethod = "POST"
        request.httpBody = try JSONEncoder().encode(body)
    }
    let (data, response) = try await URLSession.shared.data(for: request)
    guard (response as? HTTPURLResponse)?.statusCode == 200 else { throw HTTPError(.badGateway) }
    return try JSONDecoder().decode(Answer.self, from: data)
}

func respond(_ octets: some Sequence<UInt8>, _ type: String = "application/json") -> Response {
    Response(
        status: .ok, headers: [.contentType: type, .cacheControl: "no-store"],
        body: ResponseBody(byteBuffer: ByteBuffer(bytes: octets)))
}

/// Our own session → its user; here each browser is a user.
actor Users {
    private var names: [String: String] = [:]

    func name(_ request: Request) throws -> String {
        guard let name = request.cookies["session"].flatMap({ names[$0.value] }) else {
            throw HTTPError(.unauthorized)
        }
        return name
    }

    func begin() -> String {
        let session = Self.random()
        names[session] = "user_\(Self.random())"
        return session
    }

    private static func random() -> String {
        (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
    }
}

@main struct PageExample {
    static func main() async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../accounts.html")
        let page = try String(contentsOf: file, encoding: .utf8).replacing("{symbolon}", with: symbolon)
        let users = Users()
        let router = Router()
        router.get("/") { request, _ in
            var response = respond(page.utf8, "text/html; charset=utf-8")
            if (try? await users.name(request)) == nil {
                let session = await users.begin()
                response.setCookie(Cookie(name: "session", value: session, path: "/", sameSite: .lax))
            }
            return response
        }
        router.post("session") { request, _ in
            let user = try await users.name(request)
            let made: Session = try await call("/api/v1/connect/sessions", ["user_id": user])
            return respond(try JSONEncoder().encode(made))
        }
        router.get("accounts") { request, _ in
            // Asked with the app's own key: what a browser says of connections counts for nothing.
            let user = try await users.name(request)
            let found: Connections = try await call("/api/v1/connections/users/\(user)")
            let accounts = found.data.map { Account(integration: $0.integration, account: $0.account?.label) }
            return respond(try JSONEncoder().encode(accounts))
        }
        let app = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { _ in
                print("Open http://localhost:\(port)/")
                fflush(nil)
            })
        try await app.runService()
    }
}
